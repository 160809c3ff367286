"""keep what a look measures"""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"


def upgrade() -> None:
    with op.batch_alter_table("observation") as batch_op:
        batch_op.add_column(sa.Column("readings", sa.JSON(none_as_null=True)))
        batch_op.create_index("ix_observation_city_id_at", ["city_id", "at"])
