"""Measured signals of one city, and its newest map."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import Quality, Sample, Share, Source
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.domain.sites import Position
from wifi_manager.storage.rows.coverage import coverage, coverage_picture, survey, survey_sample


@dataclass(frozen=True)
class Coverage:
    """Questions about and changes of measured signals and the newest map."""

    connection: sa.Connection
    city_id: int

    def has_survey(self, sha256: str) -> bool:
        """Whether exactly this file was imported before."""
        query = sa.select(survey.c.id).where(survey.c.city_id == self.city_id, survey.c.sha256 == sha256)
        return self.connection.scalar(query) is not None

    def add_survey(self, name: str, sha256: str, at: datetime, samples: Sequence[Sample]) -> None:
        """Keep a file of measured signals."""
        values = {"city_id": self.city_id, "name": name, "sha256": sha256, "imported_at": at}
        number = self.connection.execute(sa.insert(survey).values(values)).inserted_primary_key
        same = {"city_id": self.city_id, "survey_id": None if number is None else number[0]}
        if samples:
            self.connection.execute(sa.insert(survey_sample), [same | _to_row(each) for each in samples])

    def samples(self, since: datetime) -> list[Sample]:
        """Those that are not older, in the order they were imported."""
        mine = sa.and_(survey_sample.c.city_id == self.city_id, survey_sample.c.at >= since)
        rows = self.connection.execute(sa.select(survey_sample).where(mine).order_by(survey_sample.c.id))
        return [_to_sample(row) for row in rows]

    def replace(
        self,
        report: CoverageReport,
        pictures: Mapping[str, bytes],
        hexagons: bytes | None = None,
        raster: tuple[Mapping[str, float], bytes] | None = None,
    ) -> None:
        """Keep a map instead of the one before; pictures are PNG by district, the city's without a name.

        `hexagons` is GeoJSON packed by gzip; `raster` is where the city's cells lie, and their colours as PNG.
        """
        frame, png = (None, None) if raster is None else (dict(raster[0]), raster[1])
        for table in (coverage, coverage_picture):
            self.connection.execute(sa.delete(table).where(table.c.city_id == self.city_id))
        self.connection.execute(
            sa.insert(coverage).values(
                city_id=self.city_id,
                at=report.at,
                sentences=list(report.sentences),
                shares=[asdict(each) for each in report.shares],
                signals={band: dict(each) for band, each in report.signals.items()},
                legend=[list(each) for each in report.legend],
                hexagons=hexagons,
                frame=sa.null() if frame is None else frame,
                raster=png,
            )
        )
        rows = [{"city_id": self.city_id, "district": name, "png": png} for name, png in pictures.items()]
        if rows:
            self.connection.execute(sa.insert(coverage_picture), rows)

    def newest(self) -> CoverageReport | None:
        """The newest map, or None before the first."""
        row = self.connection.execute(sa.select(coverage).where(coverage.c.city_id == self.city_id)).first()
        if row is None:
            return None
        shares = [_to_share(each) for each in row.shares]
        return CoverageReport(row.at, row.sentences, shares, row.signals, [(each[0], each[1]) for each in row.legend])

    def hexagons(self) -> tuple[datetime, bytes] | None:
        """The newest map's hexagons and when it was computed, or None before the first."""
        columns = sa.select(coverage.c.at, coverage.c.hexagons).where(coverage.c.city_id == self.city_id)
        row = self.connection.execute(columns).first()
        return None if row is None or row.hexagons is None else (row.at, row.hexagons)

    def drawn_at(self) -> datetime | None:
        """When the raster of the newest map was drawn, or None where there is none."""
        mine = sa.and_(coverage.c.city_id == self.city_id, coverage.c.raster.is_not(None))
        return self.connection.scalar(sa.select(coverage.c.at).where(mine))

    def raster(self) -> tuple[datetime, Mapping[str, float], bytes] | None:
        """The newest map drawn cell by cell: when, where the cells lie, and PNG; or None before the first."""
        columns = sa.select(coverage.c.at, coverage.c.frame, coverage.c.raster)
        row = self.connection.execute(columns.where(coverage.c.city_id == self.city_id)).first()
        return None if row is None or row.raster is None else (row.at, row.frame, row.raster)

    def picture(self, district: str) -> bytes | None:
        """PNG of a district, or of the city without a name."""
        mine = sa.and_(coverage_picture.c.city_id == self.city_id, coverage_picture.c.district == district)
        return self.connection.scalar(sa.select(coverage_picture.c.png).where(mine))


def _to_row(sample: Sample) -> dict[str, Any]:
    return {
        "at": sample.at,
        "latitude": sample.position.latitude,
        "longitude": sample.position.longitude,
        "band": sample.band.value,
        "signal_dbm": sample.dbm,
        "external_id": sample.access_point,
    }


def _to_sample(row: Any) -> Sample:
    return Sample(Position(row.latitude, row.longitude), row.at, Band(row.band), row.signal_dbm, row.external_id)


def _to_share(row: Mapping[str, Any]) -> Share:
    return Share(**{**row, "quality": Quality(row["quality"]), "source": Source(row["source"])})
