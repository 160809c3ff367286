"""One access point as its series see it: what is known, what is still true, and the labels of its lines."""

from dataclasses import dataclass, field
from datetime import datetime

from wifi_manager.domain.geohashes import geohash
from wifi_manager.domain.observations import STALE_AFTER, RadioReading, Readings
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.exporter.texts import escaped
from wifi_manager.storage.monitored import Measured, Monitored

RADIOS_MAX = 8  # whatever a device says of itself, it never has more series than so many radios have
_WORD_LETTERS = 120  # of a label: Prometheus refuses a whole shard for one label that is too long
_GEOHASH_LETTERS = 7  # 150 m
_NOTHING = Readings()


@dataclass(frozen=True, slots=True)
class Standing:
    """Who it is, and what of it changes without anybody having looked. Equal ones have equal lines.

    `is_stale`: nobody has looked at it for STALE_AFTER, so nobody knows whether it is up.
    """

    member: Monitored
    is_maintained: bool = False
    is_stale: bool = False

    @classmethod
    def of(cls, member: Monitored, now: datetime, *, is_maintained: bool) -> "Standing":
        """How it stands at this moment."""
        return cls(member, is_maintained, member.at is None or member.at < now - STALE_AFTER)


@dataclass(slots=True)
class Point:
    """One access point, ready to be written. `labels`, and those with each radio, lack the closing brace.

    What a device measured is told only while it is known to be up: clients of an hour ago are on nobody's air. Its
    last position stays, for a lost bus is looked for there.
    """

    city: str
    standing: Standing
    measured: Measured | None
    member: Monitored = field(init=False)
    labels: str = field(init=False)
    readings: Readings = field(init=False)
    radios: list[tuple[str, RadioReading]] = field(init=False)

    def __post_init__(self) -> None:
        """Work out once what all families ask for."""
        self.member = self.standing.member
        self.labels = f'{{ap="{escaped(self.member.external_id)}"'
        self.readings = _NOTHING if self.measured is None or not self.is_up else self.measured.readings
        named = {each.radio: each for each in self.readings.radios}
        self.radios = [
            (f'{self.labels},radio="{escaped(name)}"', radio) for name, radio in [*named.items()][:RADIOS_MAX]
        ]

    @property
    def is_up(self) -> bool:
        """Whether it is known to be up now."""
        return bool(self.member.is_up) and not self.standing.is_stale

    @property
    def up(self) -> bool | None:
        """The same, or None where nobody knows."""
        return None if self.standing.is_stale else self.member.is_up

    @property
    def booted_at(self) -> float | None:
        """In Unix time, to the second."""
        uptime = None if self.measured is None else self.measured.uptime_seconds
        if uptime is None or self.member.at is None or not self.is_up:
            return None
        return round(self.member.at.timestamp() - uptime)

    @property
    def in_sync(self) -> bool | None:
        """Whether it ran what was last committed when it was last seen; None where one of the two is not known."""
        wanted, found = self.member.wanted_digest, self.member.digest
        return None if wanted is None or found is None else wanted == found

    @property
    def last_readings(self) -> Readings:
        """Those of its last answer, however long ago."""
        return _NOTHING if self.measured is None else self.measured.readings

    def info(self) -> tuple[str, ...]:
        """Where it stands and what it is: city, district, site, site_kind, vendor, model, firmware, geohash."""
        member = self.member
        model = member.model or member.listed_model
        maker, space, _rest = model.partition(" ")
        where = (self.city, member.district, member.site, member.kind)
        words = (*where, maker if space else "", model, member.firmware or "", _cell(member))
        return tuple(each[:_WORD_LETTERS] for each in words)


def _cell(member: Monitored) -> str:
    """Where it is on the map; empty for what moves and for what has no place in the list."""
    if member.kind == SiteKind.BUS.value or member.latitude is None or member.longitude is None:
        return ""
    return geohash(Position(member.latitude, member.longitude), _GEOHASH_LETTERS)
