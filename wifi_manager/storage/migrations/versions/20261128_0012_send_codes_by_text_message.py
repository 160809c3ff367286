"""send codes by text message"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    _create_budget()
    _create_sms_code()
    op.create_table(
        "sms_provider",
        sa.Column("city_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_sms_provider_city_id"),
        sa.PrimaryKeyConstraint("city_id", name="pk_sms_provider"),
    )


def _create_budget() -> None:
    op.create_table(
        "budget",
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("whom", sa.LargeBinary(), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_budget_city_id"),
        sa.PrimaryKeyConstraint("city_id", "what", "whom", "since", name="pk_budget"),
    )
    with op.batch_alter_table("budget") as batch_op:
        batch_op.create_index("ix_budget_since", ["since"])


def _create_sms_code() -> None:
    op.create_table(
        "sms_code",
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("device", sa.LargeBinary(), nullable=False),
        sa.Column("holder", sa.LargeBinary(), nullable=False),
        sa.Column("code", sa.LargeBinary(), nullable=False),
        sa.Column("number_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_sms_code_city_id"),
        sa.PrimaryKeyConstraint("city_id", "device", name="pk_sms_code"),
    )
    with op.batch_alter_table("sms_code") as batch_op:
        batch_op.create_index("ix_sms_code_sent_at", ["sent_at"])
