"""Finds and reads mapping files, and says everything that is wrong with one at once."""

import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from wifi_manager import shipped
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.mappings import FIELDS, GEOMETRY, REQUIRED, Bounds, ColumnMapping, FileFormat
from wifi_manager.domain.sites import SiteKind

OWN = "wifi-manager"  # the mapping of what `fleet export` writes
ENCODINGS = ("utf-8", "cp949", "euc-kr", "shift_jis", "gb18030", "big5", "cp1252", "iso8859-1", "iso8859-15")
_CONSTANTS = ("district", "kind", "installer", "service", "model")


@dataclass(frozen=True, slots=True)
class _Rule:
    expects: str
    example: str
    fits: Callable[[Any], bool]


def folder() -> Path:
    """Where the mappings are that the program brings. Raises NotFound where the installation has lost them."""
    try:
        return shipped.configs() / "mappings"
    except FileNotFoundError as missing:
        raise NotFound(str(missing)) from missing


def names() -> list[str]:
    """Names of the mappings that the program brings."""
    return sorted(path.stem for path in folder().glob("*.toml"))


def find(wanted: str) -> ColumnMapping:
    """The mapping of that name, or in the file of that path (it ends in .toml).

    Raises NotFound, or BadInput with a line for each problem of the file.
    """
    if wanted.endswith(".toml"):
        return read(Path(wanted))
    known = names()
    if wanted not in known:
        near = get_close_matches(wanted, known, n=1)
        hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
        raise NotFound(f"There is no mapping {wanted!r}. {hint} Or give the path of a file that ends in .toml.")
    return read(folder() / f"{wanted}.toml")


def default_name(city: str) -> str:
    """The city's own mapping where there is one of its name, else the one of our own format."""
    return city if city in names() else OWN


def read(path: Path) -> ColumnMapping:
    """The mapping in a file. Raises BadInput with a line for each problem: key, expectation, example."""
    table = _table(path)
    problems = list(_problems(table))
    if problems:
        raise BadInput("\n".join(f"{path}: {problem}" for problem in problems))
    file_format = FileFormat(table.get("format", "csv"))
    columns = {name: tuple(given) for name, given in table["columns"].items()}
    return ColumnMapping(
        name=path.stem,
        format=file_format,
        columns=columns | (GEOMETRY if file_format is FileFormat.GEOJSON else {}),
        encodings=tuple(table.get("encodings", ["utf-8"])),
        delimiter=table.get("delimiter", ","),
        empty=frozenset(table.get("empty", [])),
        optional=frozenset(table.get("optional", [])),
        constants=table.get("constants", {}),
        values=table.get("values", {}),
        bounds=Bounds(**table["bounds"]) if "bounds" in table else None,
    )


def _table(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise BadInput(f"{path}: cannot be read: {missing.strerror}. Start from configs/mappings/.") from missing
    except ValueError as broken:
        raise BadInput(f"{path}: is not TOML: {broken}.") from broken


def _problems(table: Mapping[str, Any]) -> Iterator[str]:
    yield from _unfit("", table, _TOP)
    for section, rules in _SECTIONS.items():
        given = table.get(section, {})
        if isinstance(given, dict):
            yield from _unfit(f"[{section}] ", given, rules)
    columns, constants = (_section(table, name) for name in ("columns", "constants"))
    yield from _unknown_fields(columns, constants)
    yield from _coordinates(table, columns)
    optional = table.get("optional", [])
    for name in [each for each in optional if isinstance(each, str)] if isinstance(optional, list) else []:
        if name in REQUIRED or name not in columns:
            yield f'optional: {name} has no column, or every access point needs it. Example: optional = ["floor"]'


def _unfit(where: str, table: Mapping[str, Any], rules: Mapping[str, _Rule]) -> Iterator[str]:
    for name, value in table.items():
        if name not in rules:
            near = get_close_matches(name, rules, n=1)
            hint = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(rules)}."
            yield f"{where}{name}: there is no such key. {hint}"
        elif not rules[name].fits(value):
            yield f"{where}{name}: is {rules[name].expects}, not {value!r}. Example: {rules[name].example}"


def _unknown_fields(columns: Mapping[str, Any], constants: Mapping[str, Any]) -> Iterator[str]:
    for name in REQUIRED:
        if name not in columns and name not in constants:
            constant = f', or under [constants]: {name} = "park"' if name in _CONSTANTS else ""
            yield f'[columns] {name}: every access point needs it. Example: {name} = ["name of the column"]{constant}'
    for name in sorted(columns.keys() & constants.keys()):
        yield f"[constants] {name}: it stands under [columns] as well. Example: leave one of the two out"


def _coordinates(table: Mapping[str, Any], columns: Mapping[str, Any]) -> Iterator[str]:
    given = [name for name in GEOMETRY if name in columns]
    if table.get("format") == FileFormat.GEOJSON:
        for name in given:
            yield f"[columns] {name}: GeoJSON has it in its geometry. Example: leave it out"
        return
    optional = table.get("optional", [])
    if len(given) == 1 or (isinstance(optional, list) and len({name in optional for name in given}) > 1):
        yield (
            "[columns] latitude and longitude: both, or neither; both optional, or neither. "
            'Example: latitude = ["Lat"] and longitude = ["Long"]'
        )


def _section(table: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    given = table.get(name, {})
    return given if isinstance(given, dict) else {}


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(map(_is_text, value))


def _is_bounds(value: Any) -> bool:
    if not isinstance(value, dict) or set(value) != {"south", "west", "north", "east"}:
        return False
    numbers = [each for each in value.values() if isinstance(each, int | float) and not isinstance(each, bool)]
    return len(numbers) == len(value) and value["south"] < value["north"] and value["west"] < value["east"]


def _is_table(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and bool(value) and all(map(fits, value.values()))


_KINDS = ", ".join(SiteKind)
_COLUMN = _Rule("a list of column names, the first one found counts", '["Asset tag", "Asset no"]', _are_texts)
_TOP: Mapping[str, _Rule] = {
    "description": _Rule("a sentence", 'description = "Our list"', _is_text),
    "format": _Rule("csv or geojson", 'format = "csv"', lambda value: value in list(FileFormat)),
    "encodings": _Rule(
        f"a list of {', '.join(ENCODINGS)}, tried in this order",
        'encodings = ["utf-8", "cp949"]',
        lambda value: _are_texts(value) and set(value) <= set(ENCODINGS),
    ),
    "delimiter": _Rule('one of , ; | or "\\t"', 'delimiter = ";"', lambda value: value in (",", ";", "|", "\t")),
    "empty": _Rule("a list of cells that mean nothing", 'empty = ["-", "n/a"]', _are_texts),
    "optional": _Rule("a list of fields whose column may be missing", 'optional = ["floor"]', _are_texts),
    "bounds": _Rule(
        "south < north and west < east in degrees",
        "bounds = { south = 37.3, west = 126.6, north = 37.8, east = 127.4 }",
        _is_bounds,
    ),
    "columns": _Rule("a section", "[columns]", lambda value: isinstance(value, dict)),
    "constants": _Rule("a section", "[constants]", lambda value: isinstance(value, dict)),
    "values": _Rule("sections", "[values.kind]", lambda value: isinstance(value, dict)),
}
_SECTIONS: Mapping[str, Mapping[str, _Rule]] = {
    "columns": {name: _Rule(_COLUMN.expects, f"{name} = {_COLUMN.example}", _COLUMN.fits) for name in FIELDS},
    "constants": {name: _Rule("a text", f'{name} = "Town IT"', _is_text) for name in _CONSTANTS if name != "kind"}
    | {"kind": _Rule(f"one of {_KINDS}", 'kind = "park"', lambda value: value in list(SiteKind))},
    "values": {
        "kind": _Rule(
            f"a table whose values are of {_KINDS}",
            '"Green" = "park"',
            lambda value: _is_table(value, lambda each: each in list(SiteKind)),
        ),
        "indoor": _Rule(
            "a table whose values are true or false",
            '"inside" = true',
            lambda value: _is_table(value, lambda each: isinstance(each, bool)),
        ),
    },
}
