"""Keys that make devices' pseudonyms, the terms as they were accepted, and lawful requests."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import Moment, city_column, metadata, number_column

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
