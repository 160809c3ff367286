"""keep what a rollout changes"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "rollout_group",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("rollout_id", BIG_ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("touched", sa.JSON(), nullable=False),
        sa.Column("diff", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_rollout_group_city_id"),
        sa.ForeignKeyConstraint(["rollout_id"], ["rollout.id"], name="fk_rollout_group_rollout_id"),
        sa.PrimaryKeyConstraint("id", name="pk_rollout_group"),
    )
    op.create_index("ix_rollout_group_rollout_id", "rollout_group", ["rollout_id"])
    # Not as a batch: SQLite would make the table anew, and pushes point to it.
    op.add_column("rollout", sa.Column("undoes", BIG_ID, nullable=True))
    op.add_column("rollout", sa.Column("score", sa.Integer(), server_default="0", nullable=False))
    op.add_column("rollout", sa.Column("summary", sa.JSON(), server_default="{}", nullable=False))
    with op.batch_alter_table("push") as batch_op:
        batch_op.add_column(sa.Column("group_position", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("sort", sa.Text(), nullable=True))
