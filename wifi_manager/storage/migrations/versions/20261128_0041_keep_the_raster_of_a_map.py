"""keep the raster of a map"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    with op.batch_alter_table("coverage") as batch_op:
        batch_op.add_column(sa.Column("frame", sa.JSON))
        batch_op.add_column(sa.Column("raster", sa.LargeBinary))
