"""Reads a GeoJSON FeatureCollection of Points (RFC 7946): properties as cells, the geometry as a position."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.mappings import GEOMETRY, LATITUDE, LONGITUDE, ColumnMapping
from wifi_manager.services.inventory_files import MAX_FILE_BYTES, Progress, Source, SourceRow, digest, lines, opened

ORIGINAL = "feature"  # column of the rejects file
_ID = "id"  # a feature's own, where its properties have none
_GEOMETRY = "geometry"
_MIN_NUMBERS = 2  # longitude, latitude; a height may follow


@contextmanager
def source(path: Path, mapping: ColumnMapping, progress: Progress) -> Iterator[Source]:
    """The file's features. Raises BadInput when it is no FeatureCollection, or a column is in none of them."""
    with opened(path) as file:
        content = list(lines(path, file, MAX_FILE_BYTES))
    progress(sum(map(len, content)))
    features = _features(path, b"".join(content))
    rows = [_row(number, feature) for number, feature in enumerate(features, 1)]
    columns = dict.fromkeys(name for row in rows for name in row.cells) | dict.fromkeys(_geometry_columns())
    mapping.choose(columns)
    yield Source(digest(iter(content)), "utf-8", (*columns,), iter(rows))


def _features(path: Path, content: bytes) -> list[Any]:
    try:
        found = json.loads(content.decode("utf-8-sig"), parse_constant=_refuse)
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise BadInput(f"{path}, line {line}: is not UTF-8, which GeoJSON is always in (RFC 8259).") from wrong
    except (ValueError, RecursionError) as broken:
        raise BadInput(f"{path} is not JSON: {broken}. Is it cut off?") from broken
    features = found.get("features") if isinstance(found, dict) and found.get("type") == "FeatureCollection" else None
    if not isinstance(features, list) or not features:
        raise BadInput(f'{path} is no GeoJSON FeatureCollection with features: {{"type": "FeatureCollection", …}}.')
    return features


def _refuse(word: str) -> None:
    raise ValueError(f"{word} is no number in JSON")


def _row(number: int, feature: Any) -> SourceRow:
    if not isinstance(feature, dict) or not isinstance(feature.get("properties"), dict):
        return SourceRow(number, {ORIGINAL: json.dumps(feature)}, ("", "is not a Feature with properties"))
    named = {_ID: feature[_ID]} if _ID in feature else {}
    properties = {**named, **feature["properties"]}
    cells = {name: _cell(value) for name, value in properties.items()}
    nested = [name for name, value in properties.items() if isinstance(value, dict | list)]
    fault = (nested[0], "holds a list or an object where a text or a number is wanted") if nested else None
    try:
        return SourceRow(number, cells | _place(feature.get(_GEOMETRY)), fault)
    except BadInput as bad:
        return SourceRow(number, cells | {ORIGINAL: json.dumps(feature)}, (_GEOMETRY, str(bad)))


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict | list):
        return json.dumps(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _place(geometry: Any) -> dict[str, str]:
    if geometry is None:
        return {}
    if not isinstance(geometry, dict) or geometry.get("type") != "Point":
        raise BadInput("is not a Point")
    numbers = geometry.get("coordinates")
    if not isinstance(numbers, list) or len(numbers) < _MIN_NUMBERS or not all(map(_is_number, numbers)):
        raise BadInput("needs coordinates [longitude, latitude]")
    (longitude,), (latitude,) = GEOMETRY[LONGITUDE], GEOMETRY[LATITUDE]
    return {longitude: repr(numbers[0]), latitude: repr(numbers[1])}


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _geometry_columns() -> list[str]:
    return [column for columns in GEOMETRY.values() for column in columns]
