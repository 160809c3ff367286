"""issue vouchers and slow guessing down"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    _create_voucher_batch()
    _create_voucher()
    op.create_table(
        "tally",
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("doublings", sa.Integer(), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_tally_city_id"),
        sa.PrimaryKeyConstraint("city_id", "who", name="pk_tally"),
    )
    with op.batch_alter_table("tally") as batch_op:
        batch_op.create_index("ix_tally_ends_at", ["ends_at"])
    with op.batch_alter_table("visit") as batch_op:  # what a voucher has used is asked at each of its uses
        held = sa.text("holder IS NOT NULL")
        batch_op.create_index("ix_visit_holder", ["city_id", "holder"], sqlite_where=held, postgresql_where=held)


def _create_voucher_batch() -> None:
    op.create_table(
        "voucher_batch",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("plan_id", BIG_ID, nullable=True),
        sa.Column("uses", sa.Integer(), nullable=True),
        sa.Column("devices", sa.Integer(), nullable=True),
        sa.Column("good_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("lasts_seconds", BIG_ID, nullable=True),
        sa.Column("volume_bytes", BIG_ID, nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("issued_by", sa.Text(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_voucher_batch_city_id"),
        sa.ForeignKeyConstraint(["plan_id"], ["plan.id"], name="fk_voucher_batch_plan_id"),
        sa.PrimaryKeyConstraint("id", name="pk_voucher_batch"),
        sa.UniqueConstraint("city_id", "name", name="uq_voucher_batch_city_id_name"),
    )
    with op.batch_alter_table("voucher_batch") as batch_op:
        batch_op.create_index("ix_voucher_batch_plan_id", ["plan_id"])


def _create_voucher() -> None:
    op.create_table(
        "voucher",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("batch_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("uses", sa.Integer(), nullable=False),
        sa.Column("forgotten_bytes", BIG_ID, nullable=False, server_default="0"),
        sa.Column("first_used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["voucher_batch.id"], name="fk_voucher_batch_id"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_voucher_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_voucher"),
        sa.UniqueConstraint("batch_id", "number", name="uq_voucher_batch_id_number"),
        sa.UniqueConstraint("city_id", "digest", name="uq_voucher_city_id_digest"),
    )
