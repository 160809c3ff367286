"""change the keys of devices"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0016"
down_revision = "0015"


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
    # In place: a table that SQLite made anew would forget which numbers it gave, and they are packet marks.
    for table in ("device", "block"):
        op.add_column(table, sa.Column("key_id", BIG_ID, nullable=True))
    op.create_index("ix_device_key_id", "device", ["key_id"])
