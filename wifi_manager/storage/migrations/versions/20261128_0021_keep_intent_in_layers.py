"""keep intent in layers"""

import sqlalchemy as sa
from alembic import op

# SQLite numbers rows by itself only in a column of exactly this type.
BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    op.create_table(
        "intent_layer",
        sa.Column("id", BIG_ID, autoincrement=True, nullable=False),
        sa.Column("city_id", BIG_ID, nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proposed_by", sa.Text(), nullable=False),
        sa.Column("proposed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["city_id"], ["city.id"], name="fk_intent_layer_city_id"),
        sa.PrimaryKeyConstraint("id", name="pk_intent_layer"),
        sa.UniqueConstraint("city_id", "scope", "version", name="uq_intent_layer_city_id_scope_version"),
    )
    with op.batch_alter_table("intent_layer") as batch_op:
        batch_op.create_index(
            "uq_intent_layer_in_force",
            ["city_id", "scope"],
            unique=True,
            sqlite_where=sa.text("state = 'approved'"),
            postgresql_where=sa.text("state = 'approved'"),
        )
