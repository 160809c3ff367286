"""sign in with an eid"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0015"
down_revision = "0014"


def upgrade() -> None:
    op.create_table(
        "eid_sign_in",
        sa.Column("device_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("gateway_id", BIG_ID, nullable=False),
        sa.Column("device_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=True),
        sa.Column("secrets_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("terms_language", sa.Text(), nullable=False),
        sa.Column("revision", BIG_ID, nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_until", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_eid_sign_in_city_id"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_eid_sign_in_device_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name="fk_eid_sign_in_gateway_id"),
        sa.PrimaryKeyConstraint("device_id", name="pk_eid_sign_in"),
        sa.UniqueConstraint("city_id", "key_digest", name="uq_eid_sign_in_city_id_key_digest"),
    )
    with op.batch_alter_table("eid_sign_in") as batch_op:
        batch_op.create_index("ix_eid_sign_in_begun_at", ["begun_at"])
        batch_op.create_index("ix_eid_sign_in_gateway_id", ["gateway_id"])
