"""keep the inventory the operators and the audit trail"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0001"
down_revision = None


def upgrade() -> None:
    _create_city()
    _create_audit()
    _create_district()
    _create_failed_sign_in()
    _create_operator()
    _create_plan()
    _create_site()
    _create_access_point()
    _create_gateway()
    _create_radio()


def _create_city() -> None:
    op.create_table(
        "city",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_city"),
        sa.UniqueConstraint("slug", name="uq_city_slug"),
    )


def _create_audit() -> None:
    op.create_table(
        "audit",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("noun", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=True),
        sa.Column("after", sa.JSON(), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_audit_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    with op.batch_alter_table("audit") as batch_op:
        batch_op.create_index("ix_audit_city_id_at", ["city_id", "at"])
        batch_op.create_index("ix_audit_city_id_noun_subject", ["city_id", "noun", "subject"])


def _create_district() -> None:
    op.create_table(
        "district",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_district_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_district"),
        sa.UniqueConstraint("city_id", "name", name="uq_district_city_id_name"),
    )


def _create_failed_sign_in() -> None:
    op.create_table(
        "failed_sign_in",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("who_digest", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_failed_sign_in_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_failed_sign_in"),
    )
    with op.batch_alter_table("failed_sign_in") as batch_op:
        batch_op.create_index("ix_failed_sign_in_city_id_who_digest_at", ["city_id", "who_digest", "at"])


def _create_operator() -> None:
    op.create_table(
        "operator",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("cookie_stamp", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_operator_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_operator"),
        sa.UniqueConstraint("city_id", "name", name="uq_operator_city_id_name"),
    )


def _create_plan() -> None:
    op.create_table(
        "plan",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("lifetime_seconds", sa.Integer(), nullable=False),
        sa.Column("down_bps", BIG_ID, nullable=True),
        sa.Column("up_bps", BIG_ID, nullable=True),
        sa.Column("volume_bytes", BIG_ID, nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_plan_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_plan"),
        sa.UniqueConstraint("city_id", "name", name="uq_plan_city_id_name"),
    )


def _create_site() -> None:
    op.create_table(
        "site",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("district_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_site_city_id"),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name="fk_site_district_id"),
        sa.PrimaryKeyConstraint("id", name="pk_site"),
        sa.UniqueConstraint("city_id", "district_id", "name", name="uq_site_city_id_district_id_name"),
    )
    with op.batch_alter_table("site") as batch_op:
        batch_op.create_index("ix_site_district_id", ["district_id"])


def _create_access_point() -> None:
    op.create_table(
        "access_point",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("site_id", BIG_ID, nullable=False),
        sa.Column("external_id", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("floor", sa.Text(), nullable=False),
        sa.Column("latitude", sa.Float(), nullable=True),
        sa.Column("longitude", sa.Float(), nullable=True),
        sa.Column("indoor", sa.Boolean(), nullable=True),
        sa.Column("installed_year", sa.Integer(), nullable=True),
        sa.Column("installer", sa.Text(), nullable=False),
        sa.Column("service", sa.Text(), nullable=False),
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("life_cycle", sa.Text(), nullable=False),
        sa.Column("management_host", sa.Text(), nullable=True),
        sa.Column("management_port", sa.Integer(), nullable=True),
        sa.Column("management_user", sa.Text(), nullable=True),
        sa.Column("management_host_key", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_access_point_city_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_access_point_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_access_point"),
        sa.UniqueConstraint("city_id", "external_id", name="uq_access_point_city_id_external_id"),
    )
    with op.batch_alter_table("access_point") as batch_op:
        batch_op.create_index("ix_access_point_life_cycle", ["life_cycle"])
        batch_op.create_index("ix_access_point_site_id", ["site_id"])


def _create_gateway() -> None:
    op.create_table(
        "gateway",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("site_id", BIG_ID, nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=True),
        sa.Column("token_expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("public_key", sa.LargeBinary(), nullable=True),
        sa.Column("ticket_key_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("revision", BIG_ID, nullable=False),
        sa.Column("acknowledged", BIG_ID, nullable=False),
        sa.Column("last_contact_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_gateway_city_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_gateway_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_gateway"),
        sa.UniqueConstraint("city_id", "name", name="uq_gateway_city_id_name"),
    )
    with op.batch_alter_table("gateway") as batch_op:
        batch_op.create_index("ix_gateway_site_id", ["site_id"])


def _create_radio() -> None:
    op.create_table(
        "radio",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("band", sa.Text(), nullable=False),
        sa.Column("channel", sa.Integer(), nullable=False),
        sa.Column("eirp_dbm", sa.Float(), nullable=True),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_radio_access_point_id"),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_radio_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_radio"),
        sa.UniqueConstraint("access_point_id", "name", name="uq_radio_access_point_id_name"),
    )
    with op.batch_alter_table("radio") as batch_op:
        batch_op.create_index("ix_radio_access_point_id", ["access_point_id"])
