"""Certificates of gateways with their orders, and the city's accounts at certificate authorities."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, number_column

certificate = sa.Table(
    "certificate",
    metadata,
    sa.Column("gateway_id", BigId, sa.ForeignKey("gateway.id"), primary_key=True, autoincrement=False),
    city_column(),
    sa.Column("request", sa.LargeBinary, nullable=False),  # PKCS #10, DER: the gateway's own, signed with its key
    sa.Column("key_digest", sa.LargeBinary, nullable=False),  # SHA-256 of its public key
    sa.Column("names", sa.JSON, nullable=False),
    sa.Column("heard_at", Moment, nullable=False),
    sa.Column("changes", sa.Integer, nullable=False),  # of the request since `changes_since`: a brake
    sa.Column("changes_since", Moment, nullable=False),
    sa.Column("chain", sa.Text),  # PEM, of the key above; kept until the next one is there
    sa.Column("issued_at", Moment),
    sa.Column("ends_at", Moment),
    sa.Column("due_at", Moment, nullable=False),
    sa.Column("try_at", Moment, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),  # that failed since the last success
    sa.Column("failures", BigId, nullable=False),  # ever
    sa.Column("problem", sa.Text, nullable=False),
    sa.Column("claimed_by", sa.Text, nullable=False),
    sa.Column("claimed_until", Moment),
    sa.Index("ix_certificate_city_id_try_at", "city_id", "try_at"),
)

acme_account = sa.Table(
    "acme_account",
    metadata,
    number_column(),
    city_column(),
    sa.Column("directory_url", sa.Text, nullable=False),
    sa.Column("key_sealed", sa.LargeBinary, nullable=False),
    sa.Column("made_at", Moment, nullable=False),
    sa.UniqueConstraint("city_id", "directory_url"),
)
