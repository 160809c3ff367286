"""keep accounts of residents"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("name_digest", sa.LargeBinary(), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code_digest", sa.LargeBinary(), nullable=True),
        sa.Column("code_ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_account_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_account"),
        sa.UniqueConstraint("city_id", "name_digest", name="uq_account_city_id_name_digest"),
        sqlite_autoincrement=True,
    )
