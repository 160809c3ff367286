"""keep the hexagons of a map"""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0034"


def upgrade() -> None:
    with op.batch_alter_table("coverage") as batch_op:
        batch_op.add_column(sa.Column("hexagons", sa.LargeBinary))
