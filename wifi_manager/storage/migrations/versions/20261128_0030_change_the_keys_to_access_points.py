"""change the keys to access points"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"


def upgrade() -> None:
    with op.batch_alter_table("credential") as batch_op:
        batch_op.add_column(sa.Column("next_sealed", sa.LargeBinary(), nullable=True))
        batch_op.add_column(sa.Column("previous_sealed", sa.LargeBinary(), nullable=True))
