"""Totals that only grow, made of what devices count: while stations come and go, counters wrap and devices restart.

Pure: what is remembered between two looks goes in and comes out again. It lives in the memory of whoever looks, for a
source may stand for a client; what is kept of it anywhere else is the totals alone.
"""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

_WRAP = 2**32  # many drivers count in 32 bits
_FARTHEST = 2**31  # a jump back that would be more than this much on over the wrap was none


@dataclass(frozen=True, slots=True)
class Raw:
    """What a device counts for one total, by source: an interface, a channel, a station.

    `passing` sources count from 0 whenever they come (stations). A source that `joins` counts only from when it is
    first seen (an uplink that is used from now on, and was up before). Others are known until the device restarts.
    """

    values: Mapping[Hashable, int]
    passing: bool = False
    joins: bool = False


@dataclass(frozen=True, slots=True)
class Counts:
    """Totals by name, and what they were made of. `boot` tells one start of the device from the next.

    Empty at first. `Counts(totals)` goes on from totals that were kept, where the raw values behind them were not:
    what was counted between then and the next look is lost, and nothing is counted twice.
    """

    totals: Mapping[str, int] = field(default_factory=dict)
    raw: Mapping[str, Mapping[Hashable, int]] = field(default_factory=dict)
    boot: str = ""

    def after(self, found: Mapping[str, Raw], boot: str) -> "Counts":
        """What stands after a look. A total that is not in `found` could not be read this time and stays."""
        if self.boot not in {"", boot}:
            return Counts().after(found, boot)
        totals, raws = dict(self.totals), dict(self.raw)
        for name, raw in found.items():
            before = self.raw.get(name)
            is_first = before is None
            is_lost = is_first and name in self.totals  # what it was made of was not kept
            grown = (
                0 if is_lost else sum(_grown(before or {}, raw, source, is_first=is_first) for source in raw.values)
            )
            totals[name] = totals.get(name, 0) + grown
            raws[name] = raw.values if raw.passing else {**(before or {}), **raw.values}
        return Counts(totals, raws, boot)


def _grown(before: Mapping[Hashable, int], raw: Raw, source: Hashable, *, is_first: bool) -> int:
    """How far one source has come. At the first look all that it has counted so far is news."""
    value = raw.values[source]
    if source not in before:
        return 0 if raw.joins and not is_first else value
    return step(before[source], value)


def step(before: int, now: int) -> int:
    """How far a counter went from one value to the next. One that fell has wrapped at 32 bits or started anew.

    Where more than 2**32 passed between two looks (34 s at 1 Gbit/s) nobody can tell; the result is too small then.
    """
    if now >= before:
        return now - before
    over = now + _WRAP - before
    return over if before < _WRAP and 0 <= over < _FARTHEST else now
