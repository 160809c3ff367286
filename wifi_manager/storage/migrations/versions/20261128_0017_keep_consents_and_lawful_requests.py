"""keep consents and lawful requests"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    _create_agreement()
    _create_terms_text()
    _create_lawful_request()


def _create_agreement() -> None:
    op.create_table(
        "agreement",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("device_id", BIG_ID, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("terms_version", sa.Text(), nullable=False),
        sa.Column("terms_language", sa.Text(), nullable=False),
        sa.Column("gateway_id", BIG_ID, nullable=False),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("method", sa.Text(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_agreement_city_id"),
        sa.ForeignKeyConstraint(["device_id"], ["device.id"], name="fk_agreement_device_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name="fk_agreement_gateway_id"),
        sa.PrimaryKeyConstraint("id", name="pk_agreement"),
    )
    op.create_index("ix_agreement_city_id_given_at", "agreement", ["city_id", "given_at"])
    op.create_index("ix_agreement_device_id", "agreement", ["device_id"])
    op.create_index("ix_agreement_gateway_id", "agreement", ["gateway_id"])


def _create_terms_text() -> None:
    op.create_table(
        "terms_text",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("version", sa.Text(), nullable=False),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_terms_text_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_terms_text"),
        sa.UniqueConstraint("city_id", "version", "language", name="uq_terms_text_city_id_version_language"),
    )


def _create_lawful_request() -> None:
    op.create_table(
        "lawful_request",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("case_number", sa.Text(), nullable=False),
        sa.Column("scope_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("exported_by", sa.Text(), nullable=True),
        sa.Column("exported_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_lawful_request_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_lawful_request"),
    )
    op.create_index("ix_lawful_request_city_id_asked_at", "lawful_request", ["city_id", "asked_at"])
