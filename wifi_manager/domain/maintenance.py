"""Maintenance windows: the hours of a week in which the access points of a place may be changed.

The narrowest word counts: of the site, of its kind, of the city. Where nobody has said anything, any hour will do.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta, tzinfo

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_layers import Level, Scope
from wifi_manager.domain.sites import Site

_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_PART = re.compile(r"(daily|[a-z]{3}(?:-[a-z]{3})?) ([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)")
_HOW = "Write days and hours such as `mon-fri 01:00-05:00, sat 23:00-04:00`, or `daily 02:00-05:00`."
_DAY_MINUTES = 24 * 60
_AHEAD_DAYS = 8  # a week, and the day on which the last window of it may end
_LEVELS = frozenset({Level.CITY, Level.KIND, Level.SITE})


@dataclass(frozen=True, slots=True)
class Span:
    """Minutes of the day on which it opens; an end beyond 24 hours is on the next day."""

    day: int  # 0 is Monday
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Windows:
    """The windows of one place. `text` is how they were written."""

    text: str
    spans: tuple[Span, ...]

    @classmethod
    def parse(cls, text: str) -> "Windows":
        """Read them. Raises BadInput."""
        plain = " ".join(text.lower().split())
        spans = tuple(span for part in plain.split(",") for span in _spans(part.strip()))
        return cls(plain, spans)

    def next_start(self, now: datetime, needed: timedelta, zone: tzinfo) -> datetime | None:
        """The first moment from `now` on after which a window stays open for as long as is needed; None: never."""
        for opens, closes in self._hours(now, zone):
            start = max(now, opens)
            if closes - start >= needed:
                return start
        return None

    def is_open(self, now: datetime, zone: tzinfo) -> bool:
        """Whether one of them is open at this moment."""
        return any(opens <= now < closes for opens, closes in self._hours(now, zone))

    def _hours(self, now: datetime, zone: tzinfo) -> list[tuple[datetime, datetime]]:
        """(opens, closes) of the coming week, those that touch as one; real hours, also when clocks change."""
        today = now.astimezone(zone).date()
        days = [today + timedelta(days=shift) for shift in range(-1, _AHEAD_DAYS)]
        every = sorted(
            (_moment(day, span.start, zone), _moment(day, span.end, zone))
            for day in days
            for span in self.spans
            if span.day == day.weekday()
        )
        joined: list[tuple[datetime, datetime]] = []
        for opens, closes in every:
            if joined and opens <= joined[-1][1]:
                joined[-1] = (joined[-1][0], max(closes, joined[-1][1]))
            else:
                joined.append((opens, closes))
        return joined


@dataclass(frozen=True, slots=True)
class Start:
    """When a push may start. `opens` is set where that is a window that has to open first; no `at`: never."""

    at: datetime | None
    opens: datetime | None = None


@dataclass(frozen=True, slots=True)
class Calendar:
    """All windows of a city, and its time zone."""

    windows: Mapping[Scope, Windows] = field(default_factory=dict)
    zone: tzinfo = UTC

    def of(self, site: Site) -> Windows | None:
        """The windows that hold at a site; None: any hour."""
        district, name = site.key
        narrowest_first = (
            Scope(Level.SITE, f"{district}/{name}"),
            Scope(Level.KIND, site.kind.value),
            Scope(Level.CITY),
        )
        return next((self.windows[each] for each in narrowest_first if each in self.windows), None)

    def start(self, site: Site, now: datetime, needed: timedelta) -> Start:
        """When a push that takes so long may start there."""
        windows = self.of(site)
        if windows is None:
            return Start(now)
        at = windows.next_start(now, needed, self.zone)
        return Start(at, None if at == now else at)

    def why_not(self, start: Start, needed: timedelta) -> str:
        """Why it cannot start now, for the people who wait."""
        if start.at is None:
            minutes = -(-int(needed.total_seconds()) // 60)
            return f"No maintenance window of its site lasts the {minutes} minutes that a change needs; widen one."
        return f"Outside its maintenance window. It is next tried {start.at.astimezone(self.zone):%a %Y-%m-%d %H:%M}."


def window_scope(text: str) -> Scope:
    """Whom windows are for: `city`, `kind:park` or `site:DISTRICT/NAME`. Raises BadInput."""
    scope = Scope.parse(text)
    if scope.level not in _LEVELS:
        raise BadInput(f"Windows are for the city, a kind:KIND or a site:DISTRICT/NAME, not for {text!r}.")
    return scope


def _spans(part: str) -> list[Span]:
    found = _PART.fullmatch(part)
    if found is None:
        raise BadInput(f"{part!r} is no maintenance window. {_HOW}")
    start, end = (int(found[hour]) * 60 + int(found[hour + 1]) for hour in (2, 4))
    if start >= _DAY_MINUTES or end > _DAY_MINUTES:
        raise BadInput(f"{part!r}: a day ends at 24:00. {_HOW}")
    return [Span(day, start, end if end > start else end + _DAY_MINUTES) for day in _days(found[1])]


def _days(word: str) -> list[int]:
    if word == "daily":
        return list(range(7))
    first, _, last = word.partition("-")
    try:
        start, end = _DAYS.index(first), _DAYS.index(last or first)
    except ValueError:
        raise BadInput(f"{word!r} is no day of the week: {', '.join(_DAYS)}, or daily.") from None
    return [(start + shift) % 7 for shift in range((end - start) % 7 + 1)]


def _moment(day: date, minute: int, zone: tzinfo) -> datetime:
    shift, minute = divmod(minute, _DAY_MINUTES)
    there = day + timedelta(days=shift)
    return datetime(there.year, there.month, there.day, minute // 60, minute % 60, tzinfo=zone).astimezone(UTC)
