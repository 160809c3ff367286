"""extend visits and remember devices"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0018"
down_revision = "0017"


def upgrade() -> None:
    with op.batch_alter_table("plan") as batch_op:
        batch_op.add_column(sa.Column("extensions", sa.Integer(), nullable=False, server_default="0"))
        batch_op.add_column(sa.Column("extension_seconds", sa.Integer(), nullable=True))
    with op.batch_alter_table("visit") as batch_op:
        batch_op.add_column(sa.Column("ends_by", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("extensions", sa.Integer(), nullable=False, server_default="0"))
    _remember_devices()


def _remember_devices() -> None:
    op.create_table(
        "remembered_device",
        sa.Column("device_id", BIG_ID, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("holder", sa.LargeBinary(), nullable=True),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("terms_language", sa.Text(), nullable=False),
        sa.Column("agreed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_remembered_device_city_id"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_remembered_device_device_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("device_id", name="pk_remembered_device"),
    )
    with op.batch_alter_table("remembered_device") as batch_op:
        batch_op.create_index("ix_remembered_device_until", ["until"])
        batch_op.create_index(
            "ix_remembered_device_holder",
            ["city_id", "holder"],
            sqlite_where=sa.text("holder IS NOT NULL"),
            postgresql_where=sa.text("holder IS NOT NULL"),
        )
