"""report problems and open places in an emergency"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    _create_problem_report()
    _create_emergency()


def _create_problem_report() -> None:
    op.create_table(
        "problem_report",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("nonce", sa.Text(), nullable=False),
        sa.Column("device_id", BIG_ID, nullable=True),
        sa.Column("site_id", BIG_ID, nullable=True),
        sa.Column("gateway_id", BIG_ID, nullable=True),
        sa.Column("network", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("incident", sa.Text(), nullable=False),
        sa.Column("access", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("assigned_to", sa.Text(), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("handled_by", sa.Text(), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_problem_report_city_id"),
        sa.ForeignKeyConstraint(
            ["device_id"], ["device.id"], name="fk_problem_report_device_id", ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_problem_report_site_id"),
        sa.ForeignKeyConstraint(["gateway_id"], ["gateway.id"], name="fk_problem_report_gateway_id"),
        sa.PrimaryKeyConstraint("id", name="pk_problem_report"),
        sa.UniqueConstraint("city_id", "nonce", name="uq_problem_report_city_id_nonce"),
    )
    with op.batch_alter_table("problem_report") as batch_op:
        for column in ("device_id", "site_id", "gateway_id"):
            batch_op.create_index(f"ix_problem_report_{column}", [column])
        batch_op.create_index("ix_problem_report_city_id_state_id", ["city_id", "state", "id"])
        batch_op.create_index("ix_problem_report_city_id_at", ["city_id", "at"])


def _create_emergency() -> None:
    op.create_table(
        "emergency",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("district_id", BIG_ID, nullable=False),
        sa.Column("site_id", BIG_ID, nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("opened_by", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_emergency_city_id"),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name="fk_emergency_district_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_emergency_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_emergency"),
    )
    with op.batch_alter_table("emergency") as batch_op:
        for column in ("district_id", "site_id"):
            batch_op.create_index(f"ix_emergency_{column}", [column])
