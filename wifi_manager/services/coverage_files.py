"""Reads the files that coverage may be given: outlines (GeoJSON), residents and measured signals (CSV)."""

import csv
import hashlib
import io
import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from wifi_manager.coverage.areas import Outline
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import Sample
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.sites import Position, SiteKind

Made = TypeVar("Made")
_TOLD = 20  # bad rows that an error names
_WEAKEST, _STRONGEST = -120.0, 0.0  # dBm


@dataclass(frozen=True, slots=True)
class SurveyFile:
    """Measured signals, and the digest of the file that they came in."""

    sha256: str
    samples: Sequence[Sample]


def outlines(path: Path) -> list[Outline]:
    """Polygons of a FeatureCollection (RFC 7946) whose properties name a `district` or a `kind` of site.

    Raises BadInput, which names the feature.
    """
    try:
        found = json.loads(content(path))
    except ValueError as broken:
        raise BadInput(f"{path} is not JSON: {broken}. Is it cut off?") from broken
    features = found.get("features") if isinstance(found, dict) else None
    if not isinstance(features, list) or not features:
        raise BadInput(f'{path} is no GeoJSON FeatureCollection with features: {{"type": "FeatureCollection", …}}.')
    try:
        return [_outline(number, each) for number, each in enumerate(features, 1)]
    except BadInput as bad:
        raise BadInput(f"{path}, {bad}") from bad


def _outline(number: int, feature: Any) -> Outline:
    properties = feature.get("properties") if isinstance(feature, dict) else None
    properties = properties if isinstance(properties, dict) else {}
    district, kind = properties.get("district", ""), properties.get("kind", "")
    if bool(district) == bool(kind) or (kind and kind not in tuple(SiteKind)):
        raise BadInput(
            f"feature {number}: its properties have a district or a kind ({', '.join(SiteKind)}), not both."
        )
    geometry = feature.get("geometry") or {}
    sort, given = geometry.get("type"), geometry.get("coordinates")
    try:
        polygons: list[Any] = {"Polygon": [given], "MultiPolygon": given}.get(str(sort)) or []
        rings = [[Position(float(y), float(x)) for x, y, *_ in ring] for each in polygons for ring in each]
    except (TypeError, ValueError) as wrong:
        raise BadInput(f"feature {number}: its coordinates are not lists of [longitude, latitude].") from wrong
    if not rings or min(map(len, rings)) < 4:  # noqa: PLR2004 - RFC 7946 section 3.1.6
        raise BadInput(f"feature {number}: is a Polygon or MultiPolygon whose rings have four positions or more.")
    return Outline(str(district), str(kind), rings)


def people(path: Path) -> list[tuple[Position, float]]:
    """Residents by place: columns latitude, longitude, people. Raises BadInput with a line for each bad row."""
    return _rows(path, content(path), ("latitude", "longitude", "people"), _residents)


def _residents(row: Mapping[str, str]) -> tuple[Position, float]:
    count = _number(row, "people")
    if count < 0:
        raise BadInput(f"people is {count:g}, and cannot be less than 0.")
    return position(row), count


def survey(path: Path) -> SurveyFile:
    """Signals measured: columns time, latitude, longitude, band, rssi_dbm, and access_point where it is known.

    Times say their offset from UTC (RFC 3339). Raises BadInput with a line for each bad row; nothing is taken then.
    """
    text = content(path)
    samples = _rows(path, text, ("time", "latitude", "longitude", "band", "rssi_dbm"), _sample)
    return SurveyFile(hashlib.sha256(text).hexdigest(), samples)


def _sample(row: Mapping[str, str]) -> Sample:
    dbm = _number(row, "rssi_dbm")
    if not _WEAKEST <= dbm <= _STRONGEST:
        raise BadInput(f"rssi_dbm is {dbm:g}; a signal is between {_WEAKEST:g} and {_STRONGEST:g} dBm.")
    try:
        band = Band(row["band"])
    except ValueError as unknown:
        raise BadInput(f"band is {row['band']!r}, and not one of {', '.join(Band)}.") from unknown
    return Sample(position(row), moment(row["time"]), band, dbm, row.get("access_point") or "")


def moment(text: str) -> datetime:
    """A moment with its offset from UTC (RFC 3339). Raises BadInput."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError as wrong:
        raise BadInput(f"time is {text!r}. Example: 2026-06-01T12:00:00+09:00") from wrong
    if found.tzinfo is None:
        raise BadInput(f"time is {text!r}, which does not say its offset. Example: 2026-06-01T12:00:00+09:00")
    return found


def position(row: Mapping[str, str]) -> Position:
    """Of the columns latitude and longitude. Raises BadInput."""
    return Position(_number(row, "latitude"), _number(row, "longitude"))


def _number(row: Mapping[str, str], column: str) -> float:
    try:
        found = float(row[column] or "")
    except ValueError as wrong:
        raise BadInput(f"{column} is {row[column]!r}, and no number.") from wrong
    if not math.isfinite(found):
        raise BadInput(f"{column} is {row[column]!r}, and no number.")
    return found


def content(path: Path) -> bytes:
    """A file as it is. Raises BadInput where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as missing:
        raise BadInput(f"{path} cannot be read: {missing.strerror}.") from missing


def rows(path: Path, columns: Sequence[str], make: Callable[[Mapping[str, str]], Made]) -> list[Made]:
    """What `make` makes of each row of a CSV file. Raises BadInput with a line for each bad row."""
    return _rows(path, content(path), columns, make)


def _rows(path: Path, text: bytes, columns: Sequence[str], make: Callable[[Mapping[str, str]], Made]) -> list[Made]:
    try:
        reader = csv.DictReader(io.StringIO(text.decode("utf-8-sig")))
    except UnicodeDecodeError as wrong:
        raise BadInput(f"{path} is not UTF-8.") from wrong
    if missing := [each for each in columns if each not in (reader.fieldnames or ())]:
        raise BadInput(f"{path} has no column {', '.join(missing)}. Its first line has: {', '.join(columns)}.")
    made: list[Made] = []
    problems = [told for told in (_read(row, line, make, made) for line, row in _numbered(reader)) if told]
    if problems:
        more = [f"… and {len(problems) - _TOLD} more"] if len(problems) > _TOLD else []
        raise BadInput("\n".join(f"{path}, {each}" for each in [*problems[:_TOLD], *more]))
    return made


def _numbered(reader: "csv.DictReader[str]") -> Iterator[tuple[int, Mapping[str, str]]]:
    for row in reader:
        yield reader.line_num, {name: value or "" for name, value in row.items() if name is not None}


def _read(
    row: Mapping[str, str], line: int, make: Callable[[Mapping[str, str]], Made], made: list[Made]
) -> str | None:
    """Adds what the row says; gives what is wrong with it instead."""
    try:
        made.append(make(row))
    except BadInput as bad:
        return f"line {line}: {bad}"
    return None
