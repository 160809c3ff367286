"""The page of one shard of the fleet, kept between scrapes: rows that did not change are neither read nor written."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.maintenance import Calendar
from wifi_manager.domain.sites import Site, SiteKind
from wifi_manager.exporter.lines import Lines
from wifi_manager.exporter.pages import Page
from wifi_manager.exporter.points import Point, Standing
from wifi_manager.exporter.series import Series
from wifi_manager.storage.monitored import Measured, Shard
from wifi_manager.storage.store import Store, Transaction

Whereabouts = tuple[str, str, str]  # district, site, kind


_FORGOTTEN_AFTER = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class Source:
    """Whatever pages are made of."""

    store: Store
    clock: Clock
    families: Sequence[Series]
    zone: tzinfo


class ShardPages:
    """The pages of one shard. Safe to share between threads, one of which makes a page while others wait for it.

    Each scrape reads who there is; the measurements only of those that were looked at since, or that changed
    otherwise. So what is committed late is not lost, and what left the inventory is gone at the next scrape.
    """

    def __init__(self, source: Source, shard: Shard, keep: timedelta = timedelta(0)) -> None:
        self._source = source
        self._shard = shard
        self._keep = keep
        self._lines = Lines(source.families)
        self._known: dict[int, Standing] = {}
        self._page = Page(b"")
        self._made_at: datetime | None = None
        self._lock = threading.Lock()

    def page(self) -> Page:
        """The newest page, or that of a moment ago. Raises OutsideFailure when the database does not answer."""
        with self._lock:
            now = self._source.clock.now()
            if self._made_at is None or not timedelta(0) <= now - self._made_at < self._keep:
                if self._refresh(now):
                    self._page = Page(self._lines.page())
                self._made_at = now
            return self._page

    def _refresh(self, now: datetime) -> bool:
        """Whether anything changed."""
        with self._source.store.read() as tx:
            found = _standings(tx, self._shard, now, self._source.zone)
            changed = [each for number, each in found.items() if self._known.get(number) != each]
            measured = _measured(tx, self._shard, changed)
        gone = self._known.keys() - found.keys()
        for number in gone:
            self._lines.drop(number)
            del self._known[number]
        for standing in changed:
            self._put(standing, measured.get(standing.member.number))
        return bool(gone or changed)

    def _put(self, standing: Standing, measured: Measured | None) -> None:
        number, point = standing.member.number, Point(self._source.store.city, standing, measured)
        before = self._known.get(number)
        is_described = before is not None and before.member.description() == standing.member.description()
        self._lines.put(number, point, is_described=is_described)
        self._known[number] = standing


def page_of(source: Source, external_id: str) -> bytes:
    """The lines of one access point as they are now. Raises NotFound, and OutsideFailure without a database."""
    now = source.clock.now()
    with source.store.read() as tx:
        found = tx.monitored.one(external_id)
        is_maintained = _maintained(Calendar(tx.maintenance.windows(), source.zone), now)
    if found is None:
        raise NotFound(f"{external_id!r} is no managed access point. `wifi-manager fleet list` shows them all.")
    member, measured = found
    place = (member.district, member.site, member.kind)
    standing = Standing.of(member, now, is_maintained=is_maintained(place))
    lines = Lines(source.families)
    lines.put(member.number, Point(source.store.city, standing, measured))
    return lines.page()


def _standings(tx: Transaction, shard: Shard, now: datetime, zone: tzinfo) -> dict[int, Standing]:
    is_maintained = _maintained(Calendar(tx.maintenance.windows(), zone), now)
    return {
        each.number: Standing.of(each, now, is_maintained=is_maintained((each.district, each.site, each.kind)))
        for each in tx.monitored.members(shard)
    }


def _measured(tx: Transaction, shard: Shard, changed: Sequence[Standing]) -> dict[int, Measured]:
    looked = [each.member.at for each in changed if each.member.at is not None]
    return tx.monitored.measured(shard, min(looked)) if looked else {}


def _maintained(calendar: Calendar, now: datetime) -> Callable[[Whereabouts], bool]:
    """Whether a window is open at a place now; asked once for each place."""
    known: dict[Whereabouts, bool] = {}

    def is_maintained(place: Whereabouts) -> bool:
        if place not in known:
            windows = calendar.of(Site(place[0], place[1], SiteKind(place[2])))
            known[place] = windows is not None and windows.is_open(now, calendar.zone)
        return known[place]

    return is_maintained


@dataclass
class Fleet:
    """All shards that somebody asks for. Safe to share between threads."""

    source: Source
    keep: timedelta = timedelta(0)
    _shards: dict[Shard, ShardPages] = field(default_factory=dict)
    _asked_at: dict[Shard, datetime] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def page(self, shard: Shard) -> Page:
        """The page of one shard. What nobody has asked for in ten minutes is forgotten: the number of shards grew."""
        now = self.source.clock.now()
        with self._lock:
            self._asked_at[shard] = now
            for unasked in [each for each, at in self._asked_at.items() if at < now - _FORGOTTEN_AFTER]:
                del self._shards[unasked], self._asked_at[unasked]
            pages = self._shards.setdefault(shard, ShardPages(self.source, shard, self.keep))
        return pages.page()
