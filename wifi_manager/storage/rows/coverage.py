"""Measured signals, and the newest map of the city."""

import sqlalchemy as sa

from wifi_manager.storage.rows.base import Moment, city_column, metadata, number_column, reference

survey = sa.Table(
    "survey",
    metadata,
    number_column(),
    city_column(),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("imported_at", Moment, nullable=False),
    sa.UniqueConstraint("city_id", "sha256"),
)

survey_sample = sa.Table(
    "survey_sample",
    metadata,
    number_column(),
    city_column(),
    reference("survey_id", "survey"),
    sa.Column("at", Moment, nullable=False),
    sa.Column("latitude", sa.Float, nullable=False),
    sa.Column("longitude", sa.Float, nullable=False),
    sa.Column("band", sa.Text, nullable=False),
    sa.Column("signal_dbm", sa.Float, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False),  # of the access point; empty where nobody knows
)

coverage = sa.Table(
    "coverage",
    metadata,
    number_column(),
    city_column(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("sentences", sa.JSON, nullable=False),
    sa.Column("shares", sa.JSON, nullable=False),
    sa.Column("signals", sa.JSON, nullable=False),
    sa.Column("legend", sa.JSON, nullable=False),
    sa.Column("hexagons", sa.LargeBinary),  # GeoJSON, packed by gzip
    sa.Column("frame", sa.JSON),  # where the raster's cells lie
    sa.Column("raster", sa.LargeBinary),  # PNG, a pixel a cell
    sa.UniqueConstraint("city_id"),
)

coverage_picture = sa.Table(
    "coverage_picture",
    metadata,
    number_column(),
    city_column(),
    sa.Column("district", sa.Text, nullable=False),  # empty: the city
    sa.Column("png", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("city_id", "district"),
)
