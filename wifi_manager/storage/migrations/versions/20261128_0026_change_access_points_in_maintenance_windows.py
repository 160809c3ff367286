"""change access points in maintenance windows"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0026"
down_revision = "0029"


def upgrade() -> None:
    op.create_table(
        "maintenance_window",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_maintenance_window_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_maintenance_window"),
        sa.UniqueConstraint("city_id", "scope", name="uq_maintenance_window_city_id_scope"),
    )
    with op.batch_alter_table("push") as batch_op:
        batch_op.add_column(sa.Column("any_hour", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("window_at", sa.DateTime(timezone=True), nullable=True))
    # Not as a batch: SQLite would make the table anew, and pushes point to it.
    op.add_column("rollout", sa.Column("any_hour", sa.Text(), server_default="", nullable=False))
