"""limit volumes by direction and end idle visits"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.add_column("plan", sa.Column("up_volume_bytes", BIG_ID, nullable=True))
    op.add_column("plan", sa.Column("down_volume_bytes", BIG_ID, nullable=True))
    op.add_column("plan", sa.Column("idle_seconds", sa.Integer(), nullable=True))
