"""What was read on access points when their digest was new: the files, and how they differ from what is wanted."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, number_column, reference

backup = sa.Table(
    "backup",
    metadata,
    number_column(),
    city_column(),
    reference("access_point_id", "access_point"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("digest", sa.Text, nullable=False),
    sa.Column("files_sealed", sa.LargeBinary, nullable=False),  # an archive; it holds keys
    sa.Column("found_at", Moment, nullable=False),
    sa.Column("last_at", Moment, nullable=False),
    sa.UniqueConstraint("access_point_id", "version"),
    sa.UniqueConstraint("access_point_id", "digest", name="uq_backup_digest"),
)

drift = sa.Table(
    "drift",
    metadata,
    sa.Column("access_point_id", BigId, sa.ForeignKey("access_point.id"), primary_key=True),
    city_column(),
    sa.Column("observed_digest", sa.Text, nullable=False),  # what the device told when it was read
    sa.Column("wanted_digest", sa.Text, nullable=False),  # what it was compared with
    sa.Column("digest", sa.Text, nullable=False),  # of what was read
    sa.Column("since", Moment),  # empty: what runs is what is wanted
    sa.Column("said_sealed", sa.LargeBinary),  # JSON: diff, override, obstacles
    sa.Column("ignored_until", Moment),
    sa.Column("ignored_by", sa.Text, nullable=False),
    sa.Column("ignored_reason", sa.Text, nullable=False),
    sa.Column("adopted_version", sa.Integer),
)
