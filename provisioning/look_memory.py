"""What is remembered of an access point between two looks, in memory alone: it tells which clients were there."""

import hashlib
import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from wifi_manager.domain.counting import Counts, Raw
from wifi_manager.domain.measuring import has_restarted, totals_of, with_totals
from wifi_manager.domain.observations import STALE_AFTER, Observation, Readings

_DIGEST_BYTES = 8
_KEY = os.urandom(32)  # of this process: what is remembered means nothing to any other, and nothing after it


@dataclass(frozen=True, slots=True)
class Processor:
    """How long a device's processors worked, and how long they were there, in its own ticks since its start."""

    busy: int
    whole: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One look: readings without counters, and what the counters are made of. Sources of clients are digests.

    `shares` are of devices that tell which part of the time, 0 to 1, something goes on, and count nothing.
    """

    readings: Readings = field(default_factory=Readings)
    raw: Mapping[str, Raw] = field(default_factory=dict)
    processor: Processor | None = None
    shares: Mapping[str, float] = field(default_factory=dict)


def client_source(interface: str, address: bytes) -> Hashable:
    """What stands for a client: nobody can turn it back, and another process makes another of it."""
    return _digest(interface.encode() + b" " + address)


@dataclass(slots=True)
class LookMemory:
    """Of one access point. `before` is what it told before this process began, where that was kept."""

    before: Observation | None = None
    _counts: Counts = field(default_factory=Counts, init=False)
    _processor: Processor | None = field(default=None, init=False)
    _last: Observation | None = field(default=None, init=False)  # of this process
    _starts: int = field(default=0, init=False)  # that were seen since then
    _passed: dict[str, int] = field(default_factory=dict, init=False)  # ms, by total: what shares came to so far

    def taken(self, measured: Measured, boot: str, uptime_seconds: int, now: datetime) -> Readings:
        """The readings of a look with their counters, which it remembers. `now` is our clock, not the device's.

        `boot` is the device's own name for this start; empty where it has none, then its uptime tells.
        """
        if self.before is not None and not has_restarted(self.before, now, uptime_seconds):
            self._counts = Counts(totals_of(self.before.readings))
        self.before = None
        times = self._times(measured.shares, self._since_last(uptime_seconds, now))
        self._counts = self._counts.after({**measured.raw, **times}, boot or f"start {self._starts}")
        readings = with_totals(measured.readings, self._counts.totals)
        if measured.processor is None:
            return readings
        busy = _busy_ratio(self._processor, measured.processor)
        self._processor = measured.processor
        return replace(readings, cpu_busy_ratio=busy)

    def _since_last(self, uptime_seconds: int, now: datetime) -> timedelta | None:
        """How long ago the look before was; None at the first one after a start of the device, which is counted."""
        last, self._last = self._last, Observation(now, up=True, uptime_seconds=uptime_seconds)
        if last is None or has_restarted(last, now, uptime_seconds):
            self._starts += 1
            return None
        return max(now - last.at, timedelta(0))

    def _times(self, shares: Mapping[str, float], since: timedelta | None) -> dict[str, Raw]:
        """Counters of time made of shares: each as if it had held since the look before, ten minutes at the most."""
        if since is None:
            self._passed = {}
        passed = min(since or timedelta(0), STALE_AFTER) / timedelta(milliseconds=1)
        for name, share in shares.items():
            self._passed[name] = self._passed.get(name, 0) + round(passed * share)
        return {name: Raw({"share": self._passed[name]}) for name in shares}


def _busy_ratio(before: Processor | None, now: Processor) -> float | None:
    """Of the time between two looks; at the first one, and after a restart, of the time since the device's start."""
    if before is None or now.whole < before.whole or now.busy < before.busy:
        before = Processor(0, 0)
    passed = now.whole - before.whole
    return min(1.0, (now.busy - before.busy) / passed) if passed else None


def _digest(clear: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(clear, key=_KEY, digest_size=_DIGEST_BYTES).digest(), "big")
