"""keep every version of a face"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0019"
down_revision = "0018"


def upgrade() -> None:
    op.create_table(
        "face",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("district_id", BIG_ID, nullable=True),
        sa.Column("site_id", BIG_ID, nullable=True),
        sa.Column("document", sa.JSON(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_face_city_id"),
        sa.ForeignKeyConstraint(["district_id"], ["district.id"], name="fk_face_district_id"),
        sa.ForeignKeyConstraint(["site_id"], ["site.id"], name="fk_face_site_id"),
        sa.PrimaryKeyConstraint("id", name="pk_face"),
    )
    op.create_index("ix_face_city_id_district_id_site_id", "face", ["city_id", "district_id", "site_id"])
    op.create_index("ix_face_district_id", "face", ["district_id"])
    op.create_index("ix_face_site_id", "face", ["site_id"])
