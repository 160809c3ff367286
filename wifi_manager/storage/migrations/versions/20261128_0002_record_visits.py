"""record visits"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "device",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("pseudonym", sa.LargeBinary(), nullable=False),
        sa.Column("first_seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_device_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_device"),
        sa.UniqueConstraint("city_id", "pseudonym", name="uq_device_city_id_pseudonym"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "used_ticket",
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_used_ticket_city_id"),
        sa.PrimaryKeyConstraint("city_id", "nonce", name="pk_used_ticket"),
    )
    with op.batch_alter_table("used_ticket") as batch_op:
        batch_op.create_index("ix_used_ticket_used_at", ["used_at"])

    op.create_table(
        "visit",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("public_id", sa.Text(), nullable=False),
        sa.Column("device_id", BIG_ID, nullable=True),
        sa.Column("gateway_id", BIG_ID, nullable=False),
        sa.Column("plan_id", BIG_ID, nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("terms_language", sa.Text(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asker_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("up_bytes", BIG_ID, nullable=False),
        sa.Column("down_bytes", BIG_ID, nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("end_reason", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_visit_city_id"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_visit_device_id"),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name="fk_visit_gateway_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_visit_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_visit"),
        sa.UniqueConstraint("city_id", "public_id", name="uq_visit_city_id_public_id"),
    )
    with op.batch_alter_table("visit") as batch_op:
        batch_op.create_index(
            "ix_visit_active_gateway",
            ["gateway_id", "expires_at"],
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index("ix_visit_city_id_opened_at", ["city_id", "opened_at"])
        batch_op.create_index("ix_visit_device_id", ["device_id"])
        batch_op.create_index("ix_visit_gateway_id", ["gateway_id"])
        batch_op.create_index("ix_visit_plan_id", ["plan_id"])
        batch_op.create_index(
            "uq_visit_active_device",
            ["city_id", "device_id"],
            unique=True,
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
