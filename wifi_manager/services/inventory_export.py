"""Writes the inventory as CSV or GeoJSON that our own mappings read back without a loss."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import Any

from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.mappings import FIELDS, LATITUDE, LONGITUDE
from wifi_manager.domain.spreadsheets import guarded
from wifi_manager.services.inventory_changes import facts_of


def as_csv(points: Iterable[AccessPoint]) -> Iterator[str]:
    """CSV by lines (RFC 4180), safe to open in a spreadsheet; the mapping `wifi-manager` reads it."""
    yield _line(FIELDS)
    for point in points:
        facts = facts_of(point)
        yield _line([_cell(facts[name]) for name in FIELDS])


def as_geojson(points: Iterable[AccessPoint]) -> Iterator[str]:
    """A FeatureCollection (RFC 7946), one feature a line; the mapping `wifi-manager-geojson` reads it."""
    yield '{"type": "FeatureCollection", "features": ['
    separator = "\n"
    for point in points:
        yield separator + json.dumps(_feature(point), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def _feature(point: AccessPoint) -> dict[str, Any]:
    facts = facts_of(point)
    place = [facts.pop(LONGITUDE), facts.pop(LATITUDE)]
    number = facts.pop("external_id")
    properties = {name: guarded(value) if isinstance(value, str) else value for name, value in facts.items()}
    geometry = None if point.position is None else {"type": "Point", "coordinates": place}
    return {"type": "Feature", "id": guarded(number), "properties": properties, "geometry": geometry}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else guarded(str(value))


def _line(cells: Iterable[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue()
