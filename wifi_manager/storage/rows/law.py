"""Keys that make devices' pseudonyms, optional consents, the terms as they were accepted, and lawful requests."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, number_column, reference

device_key = sa.Table(
    "device_key",
    metadata,
    number_column(),
    city_column(),
    sa.Column("key_sealed", sa.LargeBinary),  # empty: destroyed
    sa.Column("made_at", Moment, nullable=False),
    sa.Column("starts_at", Moment, nullable=False),  # later than made_at, so that every process knows it by then
    sa.Column("destroyed_at", Moment),
)

agreement = sa.Table(  # an optional consent; the terms that were accepted stand on the visit
    "agreement",
    metadata,
    number_column(),
    city_column(),
    sa.Column("device_id", BigId, sa.ForeignKey("device.id", ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("terms_version", sa.Text, nullable=False),
    sa.Column("terms_language", sa.Text, nullable=False),
    reference("gateway_id", "gateway"),  # where it was given
    sa.Column("network", sa.Text, nullable=False),
    sa.Column("method", sa.Text, nullable=False),  # how its visit was opened
    sa.Column("given_at", Moment, nullable=False),
    sa.Column("withdrawn_at", Moment),
    sa.Index("ix_agreement_city_id_given_at", "city_id", "given_at"),
)

terms_text = sa.Table(  # what citizens read when they accepted a version, word for word
    "terms_text",
    metadata,
    number_column(),
    city_column(),
    sa.Column("version", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("digest", sa.LargeBinary, nullable=False),  # SHA-256 of the text
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("since", Moment, nullable=False),
    sa.UniqueConstraint("city_id", "version", "language"),
)

lawful_request = sa.Table(
    "lawful_request",
    metadata,
    number_column(),
    city_column(),
    sa.Column("case_number", sa.Text, nullable=False),
    sa.Column("scope_sealed", sa.LargeBinary, nullable=False),  # it may name a device
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("approved_by", sa.Text),
    sa.Column("approved_at", Moment),
    sa.Column("exported_by", sa.Text),
    sa.Column("exported_at", Moment),
    sa.Column("digest", sa.LargeBinary),  # SHA-256 of the file that was handed over
    sa.Index("ix_lawful_request_city_id_asked_at", "city_id", "asked_at"),
)
