"""How a city's own columns become access points: what a mapping file says, and what a row of an inventory file says.

docs/mappings.md explains the files; `services/inventory_mappings.py` reads them.
"""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.domain.spreadsheets import is_formula, unguarded

MAX_CELL = 500  # characters: the longest address of a real city has 56
ANY_OTHER = "*"  # in a table of values: whatever the table does not name
LATITUDE, LONGITUDE = "latitude", "longitude"
REQUIRED = ("external_id", "district", "site", "kind")
FIELDS = (
    *REQUIRED,
    *("address", "place", "floor", LATITUDE, LONGITUDE, "indoor", "installed_year", "installer", "service", "model"),
)
GEOMETRY = {LATITUDE: ("geometry.latitude",), LONGITUDE: ("geometry.longitude",)}  # of a GeoJSON feature, RFC 7946

_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_UNDECODED = re.compile(r"[\udc80-\udcff]")  # how Python keeps bytes that an encoding does not have (PEP 383)
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_CellReader = Callable[[str, Mapping[str, Any] | None], Any]


class FileFormat(StrEnum):
    """What an inventory file is written in."""

    CSV = "csv"  # RFC 4180
    GEOJSON = "geojson"  # RFC 7946

    @property
    def unit(self) -> str:
        """What a RowProblem's number counts."""
        return "line" if self is FileFormat.CSV else "feature"


@dataclass(frozen=True, slots=True)
class Bounds:
    """The part of the map that a city lies in, WGS 84 degrees."""

    south: float
    west: float
    north: float
    east: float

    def contain(self, latitude: float, longitude: float) -> bool:
        """True if the place lies within, the edges included."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """One mapping file. `columns` names, for each field, the columns it may stand in: the first one found counts."""

    name: str
    columns: Mapping[str, tuple[str, ...]]
    format: FileFormat = FileFormat.CSV
    encodings: tuple[str, ...] = ("utf-8",)
    delimiter: str = ","
    empty: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    constants: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    bounds: Bounds | None = None

    def choose(self, header: Collection[str]) -> dict[str, str]:
        """Which column of a file each field stands in. Raises BadInput naming all columns that are missing."""
        chosen = {}
        missing = []
        for name, columns in self.columns.items():
            found = next((column for column in columns if column in header), None)
            if found is not None:
                chosen[name] = found
            elif name not in self.optional:
                missing.append(f"{' or '.join(map(repr, columns))} (for {name}){_near(columns, header)}")
        if missing:
            raise BadInput(
                f"The file lacks the column {'; '.join(missing)}. It has: {', '.join(map(shown, header))}. "
                f"Choose another --mapping, or change mapping {self.name!r}."
            )
        return chosen


@dataclass(frozen=True, slots=True)
class RowProblem:
    """Why a row cannot be used. `line` counts from 1, the header included; in GeoJSON it counts features."""

    line: int
    column: str
    reason: str


@dataclass(frozen=True, slots=True)
class InventoryRow:
    """What one row says about an access point. `facts` holds only the fields that the file knows."""

    line: int
    external_id: str
    district: str
    site: str
    kind: SiteKind
    kind_word: str  # the kind in the file's own word
    facts: Mapping[str, Any]


class RowReader:
    """Reads rows of one file, whose fields stand in the `chosen` columns; remembers cells, for most say it again."""

    def __init__(self, mapping: ColumnMapping, chosen: Mapping[str, str]) -> None:
        self.mapping = mapping
        self.chosen = chosen
        self._fields: list[tuple[str, str, dict[str, Any]]] = [(*each, {}) for each in chosen.items()]

    def read(self, line: int, cells: Mapping[str, str]) -> InventoryRow | tuple[RowProblem, ...]:
        """The row, or all that is wrong with it."""
        facts: dict[str, Any] = {}
        problems = []
        for name, column, known in self._fields:
            cell = cells.get(column, "")
            try:
                facts[name] = known[cell] if cell in known else known.setdefault(cell, self._fact(name, cell))
            except BadInput as bad:
                problems.append(RowProblem(line, column, str(bad)))
        for name, word in self.mapping.constants.items():
            facts[name] = SiteKind(word) if name == "kind" else word
        if not problems and LATITUDE in facts:
            try:
                facts["position"] = _position(facts.pop(LATITUDE), facts.pop(LONGITUDE), self.mapping.bounds)
            except BadInput as bad:
                problems.append(RowProblem(line, f"{self.chosen[LATITUDE]}, {self.chosen[LONGITUDE]}", str(bad)))
        return tuple(problems) if problems else self._row(line, cells, facts)

    def _fact(self, name: str, cell: str) -> Any:
        text = cleaned(cell)
        if unguarded(text) in self.mapping.empty:
            text = ""
        if not text and name in REQUIRED and text not in self.mapping.values.get(name, {}):
            raise BadInput("is empty, but every access point needs it")
        read: _CellReader = _READERS.get(name, _text)
        return read(text, self.mapping.values.get(name))

    def _row(self, line: int, cells: Mapping[str, str], facts: dict[str, Any]) -> InventoryRow:
        kind_word = cells[self.chosen["kind"]].strip() if "kind" in self.chosen else ""
        number, district, site, kind = (facts.pop(name) for name in REQUIRED)
        return InventoryRow(line, number, district, site, kind, kind_word, facts)


def shown(cell: str) -> str:
    """A cell as it may stand in a message: short, quoted, nothing in it that a terminal would obey."""
    limit = 40
    return repr(cell if len(cell) <= limit else cell[:limit] + "…")


def cleaned(cell: str) -> str:
    """A cell without blanks around it, every run of blanks and line breaks inside as one blank.

    Raises BadInput for what no database or terminal should get.
    """
    if len(cell) > MAX_CELL:
        raise BadInput(f"has {len(cell)} characters; at most {MAX_CELL} fit")
    text = " ".join(cell.split())
    if text.isprintable():  # nearly always
        return text
    if _UNDECODED.search(text):
        raise BadInput(f"holds bytes that are not text in this file's encoding: {shown(text)}")
    if _UNSTORABLE.search(text):
        raise BadInput(f"holds a control character: {shown(text)}")
    return text


def _near(columns: Collection[str], header: Collection[str]) -> str:
    near = next((match for column in columns for match in get_close_matches(column, header, n=1)), "")
    return f", did they mean {shown(near)}?" if near else ""


def _text(text: str, _table: Mapping[str, Any] | None) -> str:
    if is_formula(text):
        raise BadInput(
            f"begins like a formula, which a spreadsheet would run: {shown(text)}. Write ' before it if it is meant"
        )
    return unguarded(text)


def _kind(text: str, table: Mapping[str, Any] | None) -> SiteKind:
    allowed = {kind.value: kind.value for kind in SiteKind} if table is None else table
    return SiteKind(_from_table(text, allowed, "kind"))


def _indoor(text: str, table: Mapping[str, Any] | None) -> bool | None:
    if table is None:
        return None if not text else bool(_from_table(text.lower(), _YES_NO, "indoor"))
    return None if not text and "" not in table else bool(_from_table(text, table, "indoor"))


def _from_table(text: str, table: Mapping[str, Any], name: str) -> Any:
    found = table.get(text, table.get(ANY_OTHER))
    if found is None:
        raise BadInput(
            f"{shown(text)} is none of {', '.join(table)}. Correct it, or add it to [values.{name}] of the mapping"
        )
    return found


def _year(text: str, _table: Mapping[str, Any] | None) -> int | None:
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{4}", text) or not _FIRST_YEAR <= int(text) <= _LAST_YEAR:
        raise BadInput(f"{shown(text)} is not a year from {_FIRST_YEAR} to {_LAST_YEAR}")
    return int(text)


def _degrees(text: str, _table: Mapping[str, Any] | None) -> float | None:
    if not text:
        return None
    try:
        degrees = float(text) if text.isascii() and "_" not in text else math.nan
    except ValueError:
        degrees = math.nan
    if not math.isfinite(degrees):
        raise BadInput(f"{shown(text)} is not a number of degrees such as 37.561924")
    return degrees


def _position(latitude: float | None, longitude: float | None, bounds: Bounds | None) -> Position | None:
    if latitude is None and longitude is None:
        return None
    if latitude is None or longitude is None:
        raise BadInput("one of the two is empty: give both, or leave both empty")
    if latitude == longitude == 0:
        raise BadInput("0, 0 lies in the ocean: leave both empty where the place is not known")
    position = Position(latitude, longitude)
    if bounds is not None and not bounds.contain(latitude, longitude):
        swapped = " Are latitude and longitude swapped?" if bounds.contain(longitude, latitude) else ""
        raise BadInput(f"{latitude}, {longitude} lies outside the city's bounds.{swapped}")
    return position


_READERS: Mapping[str, _CellReader] = {
    "kind": _kind,
    "indoor": _indoor,
    "installed_year": _year,
    LATITUDE: _degrees,
    LONGITUDE: _degrees,
}
