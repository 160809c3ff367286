"""roll changes out in waves"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "rollout",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("waves", sa.Integer(), nullable=False),
        sa.Column("wave", sa.Integer(), nullable=False),
        sa.Column("soak_seconds", sa.Integer(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_rollout_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rollout"),
    )
    with op.batch_alter_table("push") as batch_op:
        batch_op.add_column(sa.Column("rollout_id", BIG_ID, nullable=True))
        batch_op.add_column(sa.Column("wave", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("before_sealed", sa.LargeBinary(), nullable=True))
        batch_op.create_foreign_key("fk_push_rollout_id", "rollout", ["rollout_id"], ["id"])
        batch_op.create_index("ix_push_rollout_id", ["rollout_id"])
