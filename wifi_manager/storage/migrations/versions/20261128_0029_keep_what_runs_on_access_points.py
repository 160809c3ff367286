"""keep what runs on access points"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0029"
down_revision = "0027"


def upgrade() -> None:
    op.create_table(
        "backup",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("files_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_backup_city_id"),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_backup_access_point_id"),
        sa.PrimaryKeyConstraint("id", name="pk_backup"),
        sa.UniqueConstraint("access_point_id", "version", name="uq_backup_access_point_id_version"),
        sa.UniqueConstraint("access_point_id", "digest", name="uq_backup_digest"),
    )
    op.create_index("ix_backup_access_point_id", "backup", ["access_point_id"])
    op.create_table(
        "drift",
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("observed_digest", sa.Text(), nullable=False),
        sa.Column("wanted_digest", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("said_sealed", sa.LargeBinary()),
        sa.Column("ignored_until", sa.DateTime(timezone=True)),
        sa.Column("ignored_by", sa.Text(), nullable=False),
        sa.Column("ignored_reason", sa.Text(), nullable=False),
        sa.Column("adopted_version", sa.Integer()),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_drift_city_id"),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_drift_access_point_id"),
        sa.PrimaryKeyConstraint("access_point_id", name="pk_drift"),
    )
