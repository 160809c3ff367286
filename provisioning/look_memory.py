"""What is remembered of an access point between two looks, in memory alone: it tells which clients were there."""

import hashlib
import os
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from wifi_manager.domain.counting import Counts, Raw
from wifi_manager.domain.measuring import has_restarted, totals_of, with_totals
from wifi_manager.domain.observations import Observation, Readings

_DIGEST_BYTES = 8
_KEY = os.urandom(32)  # of this process: what is remembered means nothing to any other, and nothing after it


@dataclass(frozen=True, slots=True)
class Processor:
    """How long a device's processors worked, and how long they were there, in its own ticks since its start."""

    busy: int
    whole: int


@dataclass(frozen=True, slots=True)
class Measured:
    """One look: readings without counters, and what the counters are made of. Sources of clients are digests."""

    readings: Readings = field(default_factory=Readings)
    raw: Mapping[str, Raw] = field(default_factory=dict)
    processor: Processor | None = None


def client_source(interface: str, address: bytes) -> Hashable:
    """What stands for a client: nobody can turn it back, and another process makes another of it."""
    return _digest(interface.encode() + b" " + address)


@dataclass(slots=True)
class LookMemory:
    """Of one access point. `before` is what it told before this process began, where that was kept."""

    before: Observation | None = None
    _counts: Counts = field(default_factory=Counts, init=False)
    _processor: Processor | None = field(default=None, init=False)

    def taken(self, measured: Measured, boot: str, uptime_seconds: int, now: datetime) -> Readings:
        """The readings of a look with their counters, which it remembers. `now` is our clock, not the device's."""
        if self.before is not None and not has_restarted(self.before, now, uptime_seconds):
            self._counts = Counts(totals_of(self.before.readings))
        self.before = None
        self._counts = self._counts.after(measured.raw, boot)
        busy = _busy_ratio(self._processor, measured.processor)
        self._processor = measured.processor
        return replace(with_totals(measured.readings, self._counts.totals), cpu_busy_ratio=busy)


def _busy_ratio(before: Processor | None, now: Processor | None) -> float | None:
    """Of the time between two looks; at the first one, and after a restart, of the time since the device's start."""
    if now is None:
        return None
    if before is None or now.whole < before.whole or now.busy < before.busy:
        before = Processor(0, 0)
    passed = now.whole - before.whole
    return min(1.0, (now.busy - before.busy) / passed) if passed else None


def _digest(clear: bytes) -> int:
    return int.from_bytes(hashlib.blake2b(clear, key=_KEY, digest_size=_DIGEST_BYTES).digest(), "big")
