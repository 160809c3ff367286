"""send codes for forgotten passwords by mail"""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"


def upgrade() -> None:
    op.add_column("account", sa.Column("address_sealed", sa.LargeBinary(), nullable=True))
    op.add_column("account", sa.Column("mailed_digest", sa.LargeBinary(), nullable=True))
    op.add_column("account", sa.Column("mailed_ends_at", sa.DateTime(timezone=True), nullable=True))
