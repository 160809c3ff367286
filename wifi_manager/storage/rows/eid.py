"""Sign-ins with the eID that are under way: forgotten minutes after they began."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, reference

eid_sign_in = sa.Table(  # one a device: a new one takes the place of the one before
    "eid_sign_in",
    metadata,
    sa.Column(
        "device_id", BigId, sa.ForeignKey("device.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    ),
    city_column(),
    reference("gateway_id", "gateway"),
    sa.Column("device_sealed", sa.LargeBinary, nullable=False),  # its gateway must know the address itself
    sa.Column("key_digest", sa.LargeBinary),  # of the state, then of the word that comes back; empty: it is over
    sa.Column("secrets_sealed", sa.LargeBinary),
    sa.Column("terms_version", sa.Text, nullable=False),
    sa.Column("terms_language", sa.Text, nullable=False),
    sa.Column("revision", BigId, nullable=False),  # at which the gateway lets the device reach the provider
    sa.Column("begun_at", Moment, nullable=False, index=True),
    sa.Column("until", Moment, nullable=False),
    sa.Column("opened_until", Moment, nullable=False),
    sa.UniqueConstraint("city_id", "key_digest"),
)
