"""know what access points are made of"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    with op.batch_alter_table("access_point") as batch_op:
        batch_op.add_column(sa.Column("model", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "hardware",
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("firmware", sa.Text(), nullable=False),
        sa.Column("serial", sa.Text(), nullable=False),
        sa.Column("radios", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_hardware_city_id"),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_hardware_access_point_id"),
        sa.PrimaryKeyConstraint("access_point_id", name="pk_hardware"),
    )
