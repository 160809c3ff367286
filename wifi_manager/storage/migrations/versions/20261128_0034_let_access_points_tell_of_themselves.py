"""let access points tell of themselves"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.create_table(
        "look_token",
        sa.Column("access_point_id", BIG_ID, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("token_digest", sa.LargeBinary(), nullable=False),
        sa.Column("given_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("boots", sa.JSON(), nullable=False),
        sa.Column("uptime_seconds", BIG_ID, nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_look_token_city_id"),
        sa.ForeignKeyConstraint(["access_point_id"], ["access_point.id"], name="fk_look_token_access_point_id"),
        sa.PrimaryKeyConstraint("access_point_id", name="pk_look_token"),
        sa.UniqueConstraint("city_id", "token_digest", name="uq_look_token_city_id_token_digest"),
    )
