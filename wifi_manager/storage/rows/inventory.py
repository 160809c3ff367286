"""City, district, site, access point, radio, gateway, plan."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import BigId, Moment, city_column, metadata, number_column, reference

city = sa.Table(
    "city",
    metadata,
    number_column(),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("name", sa.Text, nullable=False),
)

district = sa.Table(
    "district",
    metadata,
    number_column(),
    city_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.UniqueConstraint("city_id", "name"),
)

site = sa.Table(
    "site",
    metadata,
    number_column(),
    city_column(),
    reference("district_id", "district"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("address", sa.Text, nullable=False),
    sa.Column("ways", sa.JSON(none_as_null=True)),  # ways in that its portal offers; empty: the city's
    sa.UniqueConstraint("city_id", "district_id", "name"),
)

access_point = sa.Table(
    "access_point",
    metadata,
    number_column(),
    city_column(),
    reference("site_id", "site"),
    sa.Column("external_id", sa.Text, nullable=False),
    sa.Column("place", sa.Text, nullable=False),
    sa.Column("floor", sa.Text, nullable=False),
    sa.Column("latitude", sa.Float),
    sa.Column("longitude", sa.Float),
    sa.Column("indoor", sa.Boolean),
    sa.Column("installed_year", sa.Integer),
    sa.Column("installer", sa.Text, nullable=False),
    sa.Column("service", sa.Text, nullable=False),
    sa.Column("model", sa.Text, nullable=False, server_default=""),  # as the city's list has it
    sa.Column("platform", sa.Text, nullable=False),
    sa.Column("life_cycle", sa.Text, nullable=False, index=True),
    sa.Column("management_host", sa.Text),
    sa.Column("management_port", sa.Integer),
    sa.Column("management_user", sa.Text),
    sa.Column("management_host_key", sa.Text),
    sa.UniqueConstraint("city_id", "external_id"),
)

radio = sa.Table(
    "radio",
    metadata,
    number_column(),
    city_column(),
    reference("access_point_id", "access_point"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("band", sa.Text, nullable=False),
    sa.Column("channel", sa.Integer, nullable=False),
    sa.Column("eirp_dbm", sa.Float),
    sa.UniqueConstraint("access_point_id", "name"),
)

gateway = sa.Table(
    "gateway",
    metadata,
    number_column(),
    city_column(),
    reference("site_id", "site", nullable=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("token_digest", sa.LargeBinary),  # SHA-256 of the enrolment token, which is random and used once
    sa.Column("token_expires_at", Moment),
    sa.Column("public_key", sa.LargeBinary),
    sa.Column("ticket_key_sealed", sa.LargeBinary),
    sa.Column("revision", BigId, nullable=False),
    sa.Column("acknowledged", BigId, nullable=False),
    sa.Column("last_contact_at", Moment),
    sa.Column("whole_revision", BigId, nullable=False, server_default="0"),  # before it: tell the whole list
    sa.UniqueConstraint("city_id", "name"),
)

plan = sa.Table(
    "plan",
    metadata,
    number_column(),
    city_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("lifetime_seconds", sa.Integer, nullable=False),
    sa.Column("down_bps", BigId),
    sa.Column("up_bps", BigId),
    sa.Column("volume_bytes", BigId),
    sa.Column("up_volume_bytes", BigId),
    sa.Column("down_volume_bytes", BigId),
    sa.Column("idle_seconds", sa.Integer),
    sa.Column("extensions", sa.Integer, nullable=False, server_default="0"),
    sa.Column("extension_seconds", sa.Integer),  # empty: the lifetime
    sa.UniqueConstraint("city_id", "name"),
)

network = sa.Table(  # a network of a gateway that is not as the gateway and its city are
    "network",
    metadata,
    number_column(),
    city_column(),
    reference("gateway_id", "gateway"),
    sa.Column("name", sa.Text, nullable=False),
    reference("site_id", "site", nullable=True),
    reference("plan_id", "plan", nullable=True),
    sa.Column("greetings", sa.JSON, nullable=False),  # by language: what the first page says of this place
    sa.Column("ways", sa.JSON(none_as_null=True)),  # ways in that its portal offers; empty: the site's
    sa.UniqueConstraint("gateway_id", "name"),
)
