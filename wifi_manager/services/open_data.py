"""The list of hotspots that everybody may read: which of it is public, its files, and each made once in a while."""

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.hotspots import Place, sought_in
from wifi_manager.domain.mappings import FIELDS, LATITUDE, LONGITUDE
from wifi_manager.domain.observations import STALE_AFTER
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.services import inventory_export, inventory_mappings
from wifi_manager.services.fresh import Fresh
from wifi_manager.services.inventory_export import Form
from wifi_manager.settings.open_data import OpenDataSettings
from wifi_manager.storage.store import Store

if TYPE_CHECKING:  # the libraries for arithmetic and pictures, which a portal that shows no coverage need not have
    from wifi_manager.services.coverage_tiles import CoverageTiles

CSV, GEOJSON = "hotspots.csv", "hotspots.geojson"
_TYPES = {"csv": "text/csv; charset=utf-8; header=present", "geojson": "application/geo+json"}
_GZIP = 16 + zlib.MAX_WBITS  # RFC 1952, as zlib names it
_AT_ONCE = 64 * 1024  # bytes
_NOT_PUBLIC = {"model"}  # what hangs where is nobody's business but the city's
_AVAILABLE, _SSIDS = "available", "ssids"
Rows = Iterable[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """A file, packed by gzip. `digest` is of its text; `changed_at` is when this text was first made."""

    name: str
    packed: bytes
    size: int
    digest: str
    changed_at: datetime

    @property
    def content_type(self) -> str:
        """The media type: RFC 4180 and RFC 7946."""
        return _TYPES[self.name.rpartition(".")[2]]

    def text(self) -> Iterator[bytes]:
        """What it says, a part at a time."""
        unpacker = zlib.decompressobj(_GZIP)
        for start in range(0, len(self.packed), _AT_ONCE):
            yield unpacker.decompress(self.packed[start : start + _AT_ONCE])


class OpenData:
    """Use cases of the public list."""

    def __init__(
        self, store: Store, clock: Clock, timer: Callable[[], float], settings: OpenDataSettings, city: str
    ) -> None:
        """Raises NotFound and BadInput for columns that there are not, or that cannot be written."""
        self._store, self._clock, self._timer, self.settings = store, clock, timer, settings
        self._forms = {CSV: _own_form(settings), **_other_forms(settings, city)}
        self._files: dict[str, Fresh[PublishedFile]] = {
            name: Fresh(partial(self._file, name), settings.fresh_seconds, timer) for name in (*self._forms, GEOJSON)
        }
        self._places = Fresh(lambda _last: _by_site(self._rows()), settings.fresh_seconds, timer)

    @property
    def names(self) -> list[str]:
        """Of all files."""
        return list(self._files)

    def file(self, name: str) -> PublishedFile:
        """A file, made within the last `fresh_seconds`. Raises NotFound, with the files that there are."""
        if name not in self._files:
            raise NotFound(f"There is no list {name!r}. There are: {', '.join(self._files)}.")
        return self._files[name].get()

    def places(self) -> Sequence[Place]:
        """Sites with their access points, made within the last `fresh_seconds`."""
        return self._places.get()

    def coverage(self) -> "CoverageTiles":
        """The map of coverage; without [open_data] coverage nobody may see it."""
        from wifi_manager.services.coverage_tiles import CoverageTiles

        return CoverageTiles(self._store, self._timer, self.settings.fresh_seconds)

    def lines(self, name: str) -> Iterator[str]:
        """The lines of a file as of now."""
        yield from self._written(name, self._rows())

    def _rows(self) -> Iterator[dict[str, Any]]:
        with self._store.read() as tx:
            since = self._clock.now() - STALE_AFTER
            yield from map(self._told, tx.hotspots.rows(self.settings.hidden_kinds, since))

    def _written(self, name: str, rows: Rows) -> Iterator[str]:
        if name in self._forms:
            return inventory_export.table(rows, self._forms[name])
        return inventory_export.features(rows)

    def _told(self, facts: dict[str, Any]) -> dict[str, Any]:
        available = facts.pop(_AVAILABLE)
        if self.settings.tells_available:
            facts[_AVAILABLE] = None if available is None else bool(available)
        if self.settings.ssids:
            facts[_SSIDS] = "; ".join(self.settings.ssids)
        return facts

    def _file(self, name: str, last: PublishedFile | None) -> PublishedFile:
        packer, digest, size = zlib.compressobj(wbits=_GZIP), hashlib.sha256(), 0
        packed = []
        for part in _joined(self.lines(name)):
            digest.update(part)
            size += len(part)
            packed.append(packer.compress(part))
        packed.append(packer.flush())
        if last is not None and last.digest == digest.hexdigest():
            return last
        return PublishedFile(name, b"".join(packed), size, digest.hexdigest(), self._clock.now())


def _own_form(settings: OpenDataSettings) -> Form:
    names = [name for name in FIELDS if name not in _NOT_PUBLIC]
    names += [_AVAILABLE] if settings.tells_available else []
    names += [_SSIDS] if settings.ssids else []
    return Form({name: name for name in names})


def _other_forms(settings: OpenDataSettings, city: str) -> dict[str, Form]:
    forms = {name: inventory_export.form_of(inventory_mappings.find(name)) for name in settings.also_columns}
    own = inventory_mappings.default_name(city)
    if own != inventory_mappings.OWN:
        with suppress(BadInput):  # nobody has asked for it, so a mapping that cannot be written is no mistake
            forms.setdefault(own, inventory_export.form_of(inventory_mappings.find(own)))
    return {f"hotspots-{name}.csv": form for name, form in forms.items()}


def _by_site(rows: Rows) -> list[Place]:
    """By district and name."""
    groups: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
    for facts in rows:
        groups.setdefault((facts["district"], facts["site"]), []).append(facts)
    return [_place(key, group) for key, group in sorted(groups.items())]


def _place(key: tuple[str, str], members: Sequence[Mapping[str, Any]]) -> Place:
    first = members[0]
    spots = dict.fromkeys((each[LATITUDE], each[LONGITUDE]) for each in members if each[LATITUDE] is not None)
    return Place(
        district=key[0],
        name=key[1],
        kind=SiteKind(first["kind"]),
        address=first["address"],
        access_points=len(members),
        spots=tuple(Position(*each) for each in spots),
        available=first.get(_AVAILABLE),
        sought=sought_in(*key, first["address"]),
    )


def _joined(lines: Iterable[str]) -> Iterator[bytes]:
    """In parts of some size: packing each line by itself would take longer."""
    kept, size = [], 0
    for line in lines:
        kept.append(line)
        size += len(line)
        if size >= _AT_ONCE:
            yield "".join(kept).encode()
            kept, size = [], 0
    yield "".join(kept).encode()
