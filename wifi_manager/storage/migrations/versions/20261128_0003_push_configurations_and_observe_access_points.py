"""push configurations and observe access points"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "credential",
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("private_key_sealed", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_credential_access_point_id"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_credential_city_id"),
        sa.PrimaryKeyConstraint("access_point_id", name="pk_credential"),
    )
    op.create_table(
        "observation",
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("is_up", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("uptime_seconds", sa.Float(), nullable=True),
        sa.Column("load_ratio", sa.Float(), nullable=True),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("firmware", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_observation_access_point_id"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_observation_city_id"),
        sa.PrimaryKeyConstraint("access_point_id", name="pk_observation"),
    )
    op.create_table(
        "push",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("intent_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_push_access_point_id"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_push_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_push"),
    )
    with op.batch_alter_table("push") as batch_op:
        batch_op.create_index("ix_push_access_point_id", ["access_point_id"])
        batch_op.create_index(
            "ix_push_open",
            ["city_id", "state", "due_at"],
            sqlite_where=sa.text("ended_at IS NULL"),
            postgresql_where=sa.text("ended_at IS NULL"),
        )
        batch_op.create_index(
            "uq_push_running",
            ["access_point_id"],
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "wanted",
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("intent_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_wanted_access_point_id"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_wanted_city_id"),
        sa.PrimaryKeyConstraint("access_point_id", name="pk_wanted"),
    )
