"""Vouchers in batches, and the tallies of tries that slow guessing down."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, number_column, reference

voucher_batch = sa.Table(
    "voucher_batch",
    metadata,
    number_column(),
    city_column(),
    sa.Column("name", sa.Text, nullable=False),
    reference("plan_id", "plan", nullable=True),  # empty: the plan of the place
    sa.Column("uses", sa.Integer),
    sa.Column("devices", sa.Integer),
    sa.Column("good_until", Moment),
    sa.Column("lasts_seconds", BigId),
    sa.Column("volume_bytes", BigId),
    sa.Column("issued_at", Moment, nullable=False),
    sa.Column("issued_by", sa.Text, nullable=False),
    sa.Column("revoked_at", Moment),
    sa.UniqueConstraint("city_id", "name"),
)

voucher = sa.Table(
    "voucher",
    metadata,
    number_column(),
    city_column(),
    sa.Column("batch_id", BigId, sa.ForeignKey("voucher_batch.id"), nullable=False),
    sa.Column("number", sa.Integer, nullable=False),  # within its batch; stands on the card
    sa.Column("digest", sa.LargeBinary, nullable=False),  # keyed digest of its code
    sa.Column("uses", sa.Integer, nullable=False),
    sa.Column("forgotten_bytes", BigId, nullable=False, server_default="0"),  # of visits that citizens had erased
    sa.Column("first_used_at", Moment),
    sa.Column("revoked_at", Moment),
    sa.UniqueConstraint("city_id", "digest"),
    sa.UniqueConstraint("batch_id", "number"),
)

tally = sa.Table(
    "tally",
    metadata,
    city_column(),
    sa.Column("who", sa.LargeBinary, nullable=False),  # keyed digest of a device, an account or a place
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("doublings", sa.Integer, nullable=False),
    sa.Column("ends_at", Moment, nullable=False, index=True),
    sa.PrimaryKeyConstraint("city_id", "who"),
)
