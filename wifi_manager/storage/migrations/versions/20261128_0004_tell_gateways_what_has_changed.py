"""tell gateways what has changed"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    # Columns are added one by one: a table of many visits is not written anew.
    op.add_column("gateway", sa.Column("whole_revision", BIG_ID, nullable=False, server_default="0"))
    op.add_column("visit", sa.Column("network", sa.Text(), nullable=False, server_default=""))
    op.add_column("visit", sa.Column("stay", sa.Integer(), nullable=False, server_default="1"))
    op.add_column("visit", sa.Column("carried_up_bytes", BIG_ID, nullable=False, server_default="0"))
    op.add_column("visit", sa.Column("carried_down_bytes", BIG_ID, nullable=False, server_default="0"))
    _create_grant_change()
    _create_stay()


def _create_grant_change() -> None:
    op.create_table(
        "grant_change",
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("gateway_id", BIG_ID, nullable=False),
        sa.Column("revision", BIG_ID, nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_grant_change_city_id"),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name="fk_grant_change_gateway_id"),
        sa.PrimaryKeyConstraint("gateway_id", "revision", "number", name="pk_grant_change"),
    )


def _create_stay() -> None:
    op.create_table(
        "stay",
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("visit_id", BIG_ID, nullable=False),
        sa.Column("stay", sa.Integer(), nullable=False),
        sa.Column("gateway_id", BIG_ID, nullable=False),
        sa.Column("up_bytes", BIG_ID, nullable=False),
        sa.Column("down_bytes", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_stay_city_id"),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name="fk_stay_gateway_id"),
        sa.ForeignKeyConstraint(["visit_id"], ["visit.id"], name="fk_stay_visit_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("visit_id", "stay", name="pk_stay"),
    )
    with op.batch_alter_table("stay") as batch_op:
        batch_op.create_index("ix_stay_gateway_id", ["gateway_id"])
