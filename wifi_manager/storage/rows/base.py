"""What all tables share: naming of constraints, moments in UTC, and the columns every table has."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only in a column of exactly this type.
BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Moment(sa.types.TypeDecorator[datetime]):
    """A moment in UTC. SQLite has no time zones: there it is kept without one and read back as UTC."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> Any:
        """To the database, always as UTC. A moment without a time zone is a mistake of ours."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment without a time zone.")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: Any, dialect: sa.Dialect) -> datetime | None:
        """From the database, always as UTC."""
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if dialect.name == "sqlite" else moment.astimezone(UTC)


def number_column() -> sa.Column[int]:
    """The row's own number, never used again after a row is gone."""
    return sa.Column("id", BigId, primary_key=True, autoincrement=True)


def city_column() -> sa.Column[int]:
    """The tenant that this row belongs to."""
    return sa.Column("city_id", BigId, sa.ForeignKey("city.id"), nullable=False)


def reference(name: str, target: str, *, nullable: bool = False) -> sa.Column[int]:
    """A column that points to a row of another table."""
    return sa.Column(name, BigId, sa.ForeignKey(f"{target}.id"), nullable=nullable, index=True)
