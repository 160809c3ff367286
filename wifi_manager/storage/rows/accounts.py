"""Accounts of residents."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import Moment, city_column, metadata, number_column

account = sa.Table(
    "account",
    metadata,
    number_column(),
    city_column(),
    sa.Column("name_digest", sa.LargeBinary, nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, nullable=False),
    sa.Column("password_hash", sa.Text),  # Argon2id; empty until the citizen has chosen one
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("added_at", Moment, nullable=False),
    sa.Column("code_digest", sa.LargeBinary),  # keyed digest of the one-time code that sets a password
    sa.Column("code_ends_at", Moment),
    sa.Column("address_sealed", sa.LargeBinary),  # where its citizen can be written to
    sa.Column("mailed_digest", sa.LargeBinary),  # the same of a code that its citizen had sent there
    sa.Column("mailed_ends_at", Moment),
    sa.UniqueConstraint("city_id", "name_digest"),
    sqlite_autoincrement=True,  # visits are held by this number: no other account shall ever get it
)
