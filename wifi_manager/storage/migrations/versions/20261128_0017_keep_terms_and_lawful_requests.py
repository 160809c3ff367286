"""keep terms and lawful requests"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    _create_terms_text()
    _create_lawful_request()


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
