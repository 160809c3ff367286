"""Intent in layers: what holds for the fleet, the city, a kind of site, a site, and one access point.

The narrower layer wins, value by value, and each value knows which layer it came from: so a person who sees it, and
an error that names it, can say where to change it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_documents import intent_from_document, parse_toml
from wifi_manager.domain.sites import SiteKind

ABSENT = "absent"  # `absent = true` in a table: what a wider layer has in its place is not wanted here
_NAME = "name"  # tables in an array are the same one where they have the same name
_INDEX = re.compile(r"^(\w+)\[(\d+)\]")
_NOT_IN_A_HOSTNAME = re.compile(r"[^A-Za-z0-9]+")
_HOSTNAME_LETTERS = 63  # RFC 1123, 2.1

Document = Mapping[str, Any]
Path = tuple[str, ...]


class Level(StrEnum):
    """How far a layer reaches, the widest first."""

    FLEET = "fleet"
    CITY = "city"
    KIND = "kind"
    SITE = "site"
    ACCESS_POINT = "ap"


_ORDER = {level: number for number, level in enumerate(Level)}
_LEVELS = {level.value: level for level in Level}
_KINDS = frozenset(kind.value for kind in SiteKind)
_NAMELESS = frozenset({Level.FLEET, Level.CITY})


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom a layer is for: `fleet`, `city`, `kind:park`, `site:DISTRICT/NAME` or `ap:NUMBER`."""

    level: Level
    name: str = ""

    @classmethod
    def parse(cls, text: str) -> "Scope":
        """Read one. Raises BadInput."""
        word, colon, name = text.partition(":")
        level = _LEVELS.get(word)
        if level is None or bool(colon and name) == (level in _NAMELESS):
            raise BadInput(f"{text!r} is no scope: fleet, city, kind:park, site:DISTRICT/NAME or ap:NUMBER.")
        if level is Level.KIND and name not in _KINDS:
            raise BadInput(f"{name!r} is no kind of site; one of {', '.join(sorted(_KINDS))}.")
        if level is Level.SITE and "/" not in name:
            raise BadInput(f"A site is named with its district: site:DISTRICT/NAME, not {text!r}.")
        return cls(level, name)

    def __str__(self) -> str:
        return f"{self.level}:{self.name}" if self.name else self.level.value


_EVERYWHERE = (Scope(Level.FLEET), Scope(Level.CITY))


def scopes_of(point: AccessPoint) -> tuple[Scope, ...]:
    """The scopes that an access point is in, the widest first."""
    district, name = point.site.key
    return (
        *_EVERYWHERE,
        Scope(Level.KIND, point.site.kind.value),
        Scope(Level.SITE, f"{district}/{name}"),
        Scope(Level.ACCESS_POINT, point.external_id),
    )


@dataclass(frozen=True, slots=True)
class Layer:
    """What one scope wants. `document` holds a part of an Intent, in the same words."""

    scope: Scope
    document: Document = field(repr=False)  # it may hold keys


@dataclass(frozen=True, slots=True)
class Combined:
    """All layers of one access point as one document. `origins` says for each value which scope it is from."""

    document: Document = field(repr=False)
    origins: Mapping[Path, Scope]

    def intent(self) -> Intent:
        """The Intent. Raises BadInput, each line of it with the layer that the wrong value is from."""
        try:
            return intent_from_document(self.document)
        except BadInput as wrong:
            raise BadInput("\n".join(map(self._with_origin, str(wrong).splitlines()))) from wrong

    def _with_origin(self, line: str) -> str:
        place, colon, _ = line.partition(":")
        origin = self._origin_of(self._path_of(place)) if colon else None
        return line if origin is None else f"{line} (from {origin})"

    def _origin_of(self, path: Path) -> Scope | None:
        """Of the value itself, or of the narrowest that has a part of it or of the table that it should stand in."""
        for table in (path, path[:-1]):
            inside = [scope for known, scope in self.origins.items() if table and known[: len(table)] == table]
            if inside:
                return max(inside, key=lambda scope: _ORDER[scope.level])
        return None

    def _path_of(self, place: str) -> Path:
        """`networks[0].ssid` names a table by its number, layers know it by its name."""
        found = _INDEX.match(place)
        if found is None:
            return tuple(place.split("."))
        rows = self.document.get(found[1], ())
        if not _is_tables(rows):
            return (found[1],)
        name = rows[int(found[2])].get(_NAME, "") if int(found[2]) < len(rows) else ""
        rest = place[found.end() :].lstrip(".")
        return (found[1], str(name), *(rest.partition("[")[0].split(".") if rest else ()))


def combine(layers: Iterable[Layer], on: Combined | None = None) -> Combined:
    """Lay them over one another in the given order, the widest first, `on` what is combined already.

    What no layer touches stays the same object. Raises BadInput for what cannot be joined.
    """
    document: dict[str, Any] = {} if on is None else dict(on.document)
    origins: dict[Path, Scope] = {} if on is None else dict(on.origins)
    for layer in layers:
        _lay(document, layer.document, (), layer.scope, origins)
    return Combined(document, origins)


def default_layer(point: AccessPoint) -> Layer:
    """What every access point is without a word from anybody: its name, made of the city's number for it."""
    plain = _NOT_IN_A_HOSTNAME.sub("-", point.external_id).strip("-")[:_HOSTNAME_LETTERS].strip("-")
    return Layer(Scope(Level.ACCESS_POINT, point.external_id), {"hostname": plain or "ap"})


def _lay(below: dict[str, Any], above: Document, path: Path, scope: Scope, origins: dict[Path, Scope]) -> None:
    for key, value in above.items():
        here = (*path, key)
        if isinstance(value, Mapping) and value.get(ABSENT) is True:
            _forget(origins, here, below.pop(key, None))
        elif isinstance(value, Mapping):
            if not isinstance(below.get(key), Mapping):
                _forget(origins, here, below.get(key))
            below[key] = dict(below[key]) if isinstance(below.get(key), Mapping) else {}
            _lay(below[key], value, here, scope, origins)
        elif _is_tables(value):
            below[key] = _lay_tables(below.get(key, ()), value, here, scope, origins)
        else:
            _forget(origins, here, below.get(key))
            below[key], origins[here] = value, scope


def _lay_tables(
    below: Sequence[Document], above: Sequence[Document], path: Path, scope: Scope, origins: dict[Path, Scope]
) -> list[Document]:
    """Tables of the same name are one; a new one stands at the end; an absent one goes."""
    rows = {row[_NAME]: dict(row) for row in below}
    for row in above:
        name = row.get(_NAME)
        if not isinstance(name, str):
            raise BadInput(f"{'.'.join(path)}: every table needs a name, for layers know it by that ({scope}).")
        if row.get(ABSENT) is True:
            _forget(origins, (*path, name), rows.pop(name, None))
            continue
        _lay(rows.setdefault(name, {}), row, (*path, name), scope, origins)
    return list(rows.values())


def _forget(origins: dict[Path, Scope], path: Path, value: Any) -> None:
    """Whatever is known of a place that has had this value."""
    if not isinstance(value, Mapping) and not _is_tables(value):
        origins.pop(path, None)
        return
    for known in [each for each in origins if each[: len(path)] == path]:
        del origins[known]


def _is_tables(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, Mapping) for each in value)


class LayerState(StrEnum):
    """Where a version of a layer stands. Only approved ones reach an access point."""

    PROPOSED = "proposed"
    APPROVED = "approved"  # in force
    REPLACED = "replaced"  # was in force until a later one was approved
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class LayerVersion:
    """One version of one layer, as it was written."""

    scope: Scope
    version: int
    text: str = field(repr=False)
    state: LayerState
    reason: str
    proposed_by: str
    proposed_at: datetime
    decided_by: str = ""
    decided_at: datetime | None = None

    def layer(self) -> Layer:
        """What it says. Raises BadInput where it is no TOML."""
        return Layer(self.scope, parse_toml(self.text))
