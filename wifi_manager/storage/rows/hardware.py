"""What access points are made of, as they themselves told it."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata

hardware = sa.Table(
    "hardware",
    metadata,
    sa.Column("access_point_id", BigId, sa.ForeignKey("access_point.id"), primary_key=True),
    city_column(),
    sa.Column("read_at", Moment, nullable=False),
    sa.Column("model", sa.Text, nullable=False),
    sa.Column("firmware", sa.Text, nullable=False),
    sa.Column("serial", sa.Text, nullable=False),
    sa.Column("radios", sa.JSON, nullable=False),  # name, band, channel, capability of each
)
