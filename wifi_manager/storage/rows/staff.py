"""Operators, their failed sign-ins, and the audit trail."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import Moment, city_column, metadata, number_column

operator = sa.Table(
    "operator",
    metadata,
    number_column(),
    city_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("password_hash", sa.Text, nullable=False),  # Argon2id
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("cookie_stamp", sa.Text, nullable=False),  # changes with the password, so that old cookies end
    sa.UniqueConstraint("city_id", "name"),
)

failed_sign_in = sa.Table(
    "failed_sign_in",
    metadata,
    number_column(),
    city_column(),
    sa.Column(
        "who_digest", sa.Text, nullable=False
    ),  # keyed digest of a login name or an address, never the thing itself
    sa.Column("at", Moment, nullable=False),
    sa.Index("ix_failed_sign_in_city_id_who_digest_at", "city_id", "who_digest", "at"),
)

audit = sa.Table(
    "audit",
    metadata,
    number_column(),
    city_column(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("noun", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("before", sa.JSON),
    sa.Column("after", sa.JSON),
    sa.Index("ix_audit_city_id_at", "city_id", "at"),
    sa.Index("ix_audit_city_id_noun_subject", "city_id", "noun", "subject"),
)
