"""Operators of one city, and the record of failed sign-ins that slows guessing down."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.operators import Operator, Role
from wifi_manager.storage.rows.staff import failed_sign_in, operator


@dataclass(frozen=True, slots=True)
class Credentials:
    """What proves an operator: the Argon2id hash, and the stamp that a cookie must carry to be believed."""

    password_hash: str
    cookie_stamp: str


@dataclass(frozen=True)
class Operators:
    """Questions about and changes of a city's operators."""

    connection: sa.Connection
    city_id: int

    def all(self) -> list[Operator]:
        """Every operator, by name."""
        query = sa.select(operator).where(operator.c.city_id == self.city_id).order_by(operator.c.name)
        return [_to_operator(row) for row in self.connection.execute(query)]

    def get(self, name: str) -> Operator | None:
        """One operator, or None."""
        row = self.connection.execute(sa.select(operator).where(self._named(name))).one_or_none()
        return None if row is None else _to_operator(row)

    def credentials(self, name: str) -> Credentials | None:
        """What proves this operator, or None where there is no such operator."""
        query = sa.select(operator.c.password_hash, operator.c.cookie_stamp).where(self._named(name))
        row = self.connection.execute(query).one_or_none()
        return None if row is None else Credentials(row.password_hash, row.cookie_stamp)

    def add(self, new: Operator, credentials: Credentials) -> None:
        """Add an operator. Raises Conflict when the name is taken."""
        if self.get(new.name) is not None:
            raise Conflict(f"There is an operator called {new.name!r} already. Choose another name.")
        self.connection.execute(
            sa.insert(operator).values(
                city_id=self.city_id,
                name=new.name,
                role=new.role.value,
                is_active=new.is_active,
                password_hash=credentials.password_hash,
                cookie_stamp=credentials.cookie_stamp,
            )
        )

    def change(self, changed: Operator) -> None:
        """Set role and activity of the operator of that name."""
        values = {"role": changed.role.value, "is_active": changed.is_active}
        self.connection.execute(sa.update(operator).where(self._named(changed.name)).values(values))

    def set_credentials(self, name: str, credentials: Credentials) -> None:
        """Set a new password; the new stamp ends every cookie given out before."""
        values = {"password_hash": credentials.password_hash, "cookie_stamp": credentials.cookie_stamp}
        self.connection.execute(sa.update(operator).where(self._named(name)).values(values))

    def note_failure(self, who_digest: str, at: datetime) -> int:
        """Record one failed sign-in; returns its row number."""
        values = {"city_id": self.city_id, "who_digest": who_digest, "at": at}
        query = sa.insert(failed_sign_in).values(values).returning(failed_sign_in.c.id)
        number: int = self.connection.execute(query).scalar_one()
        return number

    def take_back_failures(self, numbers: Collection[int]) -> None:
        """Delete failures by row number: the attempt did not fail, or was not let through."""
        self.connection.execute(sa.delete(failed_sign_in).where(failed_sign_in.c.id.in_(numbers)))

    def forgive(self, who_digest: str) -> None:
        """Delete every failure of one digest."""
        mine = sa.and_(failed_sign_in.c.city_id == self.city_id, failed_sign_in.c.who_digest == who_digest)
        self.connection.execute(sa.delete(failed_sign_in).where(mine))

    def failures(self, who_digest: str, since: datetime) -> int:
        """How many sign-ins failed since then."""
        mine = sa.and_(failed_sign_in.c.city_id == self.city_id, failed_sign_in.c.who_digest == who_digest)
        query = sa.select(sa.func.count()).select_from(failed_sign_in).where(mine, failed_sign_in.c.at >= since)
        return self.connection.scalar(query) or 0

    def forget_failures(self, before: datetime) -> int:
        """Delete what is too old to count; returns how many."""
        old = sa.and_(failed_sign_in.c.city_id == self.city_id, failed_sign_in.c.at < before)
        return self.connection.execute(sa.delete(failed_sign_in).where(old)).rowcount

    def _named(self, name: str) -> sa.ColumnElement[bool]:
        return sa.and_(operator.c.city_id == self.city_id, operator.c.name == name)


def _to_operator(row: sa.Row[tuple[object, ...]]) -> Operator:
    return Operator(row.name, Role(row.role), row.is_active)
