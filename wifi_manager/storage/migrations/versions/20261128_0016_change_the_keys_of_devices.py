"""change the keys of devices"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0016"
down_revision = "0022"


def upgrade() -> None:
    op.create_table(
        "device_key",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("destroyed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_device_key_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_device_key"),
    )
    for table in ("device", "block"):
        _name_the_key(table)


def _name_the_key(table: str) -> None:
    """In place: a table that SQLite made anew would forget which numbers it gave, and they are packet marks."""
    op.execute(
        f"ALTER TABLE {table} ADD COLUMN key_id BIGINT CONSTRAINT fk_{table}_key_id REFERENCES device_key (id)"
    )
    op.create_index(f"ix_{table}_key_id", table, ["key_id"])
