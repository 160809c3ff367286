"""What city, districts and sites show of their own on the portal's pages."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import Moment, city_column, metadata, number_column, reference

face = sa.Table(  # a version a row, never changed: the newest of a scope is in force
    "face",
    metadata,
    number_column(),
    city_column(),
    reference("district_id", "district", nullable=True),  # empty: the whole city
    reference("site_id", "site", nullable=True),  # empty: the whole district
    sa.Column("document", sa.JSON, nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("set_at", Moment, nullable=False),
    sa.Index("ix_face_city_id_district_id_site_id", "city_id", "district_id", "site_id"),
)
