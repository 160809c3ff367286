"""Access points that tell of themselves: what proves who tells, and what they told last."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata

look_token = sa.Table(
    "look_token",
    metadata,
    sa.Column("access_point_id", BigId, sa.ForeignKey("access_point.id"), primary_key=True),
    city_column(),
    sa.Column("token_digest", sa.LargeBinary, nullable=False),
    sa.Column("given_at", Moment, nullable=False),
    sa.Column("boots", sa.JSON, nullable=False),  # the newest starts of the device, the present one last
    sa.Column("uptime_seconds", BigId, nullable=False),  # of its newest look
    sa.UniqueConstraint("city_id", "token_digest"),
)
