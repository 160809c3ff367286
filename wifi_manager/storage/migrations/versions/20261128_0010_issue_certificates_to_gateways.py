"""issue certificates to gateways"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0010"
down_revision = "0006"


def upgrade() -> None:
    _create_acme_account()
    _create_certificate()


def _create_acme_account() -> None:
    op.create_table(
        "acme_account",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("directory_url", sa.Text(), nullable=False),
        sa.Column("key_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_acme_account_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_acme_account"),
        sa.UniqueConstraint("city_id", "directory_url", name="uq_acme_account_city_id_directory_url"),
    )


def _create_certificate() -> None:
    op.create_table(
        "certificate",
        sa.Column("gateway_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("request", sa.LargeBinary(), nullable=False),
        sa.Column("key_digest", sa.LargeBinary(), nullable=False),
        sa.Column("names", sa.JSON(), nullable=False),
        sa.Column("heard_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("changes_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("chain", sa.Text(), nullable=True),
        sa.Column("issued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("try_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("failures", BIG_ID, nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("claimed_by", sa.Text(), nullable=False),
        sa.Column("claimed_until", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_certificate_city_id"),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name="fk_certificate_gateway_id"),
        sa.PrimaryKeyConstraint("gateway_id", name="pk_certificate"),
    )
    with op.batch_alter_table("certificate") as batch_op:
        batch_op.create_index("ix_certificate_city_id_try_at", ["city_id", "try_at"])
