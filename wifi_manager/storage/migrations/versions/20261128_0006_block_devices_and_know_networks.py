"""block devices and know networks"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    _create_block()
    _create_network()


def _create_block() -> None:
    op.create_table(
        "block",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("number", BIG_ID, nullable=False),
        sa.Column("pseudonym", sa.LargeBinary(), nullable=False),
        sa.Column("device_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_block_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_block"),
        sa.UniqueConstraint("city_id", "pseudonym", name="uq_block_city_id_pseudonym"),
    )


def _create_network() -> None:
    op.create_table(
        "network",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("gateway_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("site_id", BIG_ID, nullable=True),
        sa.Column("plan_id", BIG_ID, nullable=True),
        sa.Column("greetings", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_network_city_id"),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name="fk_network_gateway_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_network_plan_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_network_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_network"),
        sa.UniqueConstraint("gateway_id", "name", name="uq_network_gateway_id_name"),
    )
    with op.batch_alter_table("network") as batch_op:
        batch_op.create_index("ix_network_gateway_id", ["gateway_id"])
        batch_op.create_index("ix_network_plan_id", ["plan_id"])
        batch_op.create_index("ix_network_site_id", ["site_id"])
