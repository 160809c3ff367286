"""Writes the inventory as CSV or GeoJSON that a mapping reads back without a loss."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.mappings import ANY_OTHER, FIELDS, LATITUDE, LONGITUDE, ColumnMapping, FileFormat
from wifi_manager.domain.sites import SiteKind
from wifi_manager.domain.spreadsheets import guarded
from wifi_manager.services.inventory_changes import facts_of

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Form:
    """How a CSV file says facts: which column has which, and a city's own words for values."""

    columns: Mapping[str, str]  # heading by field, in the file's order
    words: Mapping[str, Mapping[Any, str]] = field(default_factory=dict)
    delimiter: str = ","


OWN_FORM = Form({name: name for name in FIELDS})  # the mapping `wifi-manager` reads it


def as_csv(points: Iterable[AccessPoint]) -> Iterator[str]:
    """CSV by lines (RFC 4180), safe to open in a spreadsheet; the mapping `wifi-manager` reads it."""
    return table(map(facts_of, points), OWN_FORM)


def as_geojson(points: Iterable[AccessPoint]) -> Iterator[str]:
    """A FeatureCollection (RFC 7946), one feature a line; the mapping `wifi-manager-geojson` reads it."""
    return features(map(facts_of, points))


def form_of(mapping: ColumnMapping) -> Form:
    """The form that this mapping reads back. Raises BadInput where a file could not say all that it must."""
    problems = list(_unwritable(mapping))
    if problems:
        raise BadInput(f"Nothing can be written by the mapping {mapping.name!r}: {'; '.join(problems)}.")
    words = {name: _words(values) for name, values in mapping.values.items()}
    return Form({name: columns[0] for name, columns in mapping.columns.items()}, words, mapping.delimiter)


def table(rows: Iterable[Facts], form: Form) -> Iterator[str]:
    """A CSV file by lines, with its heading."""
    writer: Any = csv.writer(_Line(), delimiter=form.delimiter, lineterminator="\r\n")  # its lines, not their lengths
    yield writer.writerow(form.columns.values())
    known = [(name, form.words.get(name)) for name in form.columns]
    for facts in rows:
        yield writer.writerow([_cell(facts.get(name), words) for name, words in known])


def features(rows: Iterable[Facts]) -> Iterator[str]:
    """A FeatureCollection by lines."""
    yield '{"type": "FeatureCollection", "features": ['
    separator = "\n"
    for facts in rows:
        yield separator + json.dumps(_feature(facts), ensure_ascii=False)
        separator = ",\n"
    yield "\n]}\n"


def _unwritable(mapping: ColumnMapping) -> Iterator[str]:
    if mapping.format is not FileFormat.CSV:
        yield "it is for GeoJSON"
    if "utf-8" not in mapping.encodings:
        yield "it does not read UTF-8"
    if mapping.constants:
        yield f"it has constants ({', '.join(mapping.constants)}) that not every access point need share"
    kinds = mapping.values.get("kind")
    lacking = [] if kinds is None else [kind for kind in SiteKind if kind not in _words(kinds)]
    if lacking:
        yield f"[values.kind] has no word for {', '.join(lacking)}"


def _words(values: Mapping[str, Any]) -> dict[Any, str]:
    """The first word for each value; what any word means is said by its own name."""
    words: dict[Any, str] = {}
    for word, value in values.items():
        words.setdefault(value, str(value) if word == ANY_OTHER else word)
    return words


def _feature(facts: Facts) -> dict[str, Any]:
    properties = {name: _guarded(value) for name, value in facts.items() if name not in _OUTSIDE}
    place = [facts[LONGITUDE], facts[LATITUDE]]
    geometry = None if place[0] is None else {"type": "Point", "coordinates": place}
    return {"type": "Feature", "id": guarded(facts["external_id"]), "properties": properties, "geometry": geometry}


_OUTSIDE = {"external_id", LATITUDE, LONGITUDE}  # of the properties: a feature has places of their own for them


def _guarded(value: Any) -> Any:
    return guarded(value) if isinstance(value, str) else value


def _cell(value: Any, words: Mapping[Any, str] | None) -> str:
    if value is None:
        return ""
    if words is not None:
        return words[value]
    if isinstance(value, bool):
        return "true" if value else "false"
    return repr(value) if isinstance(value, float) else guarded(str(value))


class _Line:
    """What the writer writes to: it hands each line back."""

    def write(self, line: str) -> str:
        return line
