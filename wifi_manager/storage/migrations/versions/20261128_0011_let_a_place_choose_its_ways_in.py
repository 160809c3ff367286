"""let a place choose its ways in"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    _widen_visit()
    for table in ("site", "network"):
        with op.batch_alter_table(table) as batch_op:
            batch_op.add_column(sa.Column("ways", sa.JSON(), nullable=True))


def _widen_visit() -> None:
    with op.batch_alter_table("visit") as batch_op:
        batch_op.add_column(sa.Column("holder", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("own_volume_bytes", sa.BigInteger(), nullable=True))
        batch_op.create_index(
            "ix_visit_active_holder",
            ["city_id", "holder"],
            sqlite_where=sa.text("ended_at IS NULL AND holder IS NOT NULL"),
            postgresql_where=sa.text("ended_at IS NULL AND holder IS NOT NULL"),
        )
