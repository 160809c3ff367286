"""Limits on guessing: so many tries in a window of time, and windows that grow for whoever uses them up."""

from dataclasses import dataclass
from datetime import datetime, timedelta

FORGIVEN_AFTER = timedelta(days=1)  # since the last window ended
_MOST_DOUBLINGS = 20


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many tries in a window. A window after one that was used up is twice as long, up to `longest`."""

    most: int
    window: timedelta
    longest: timedelta = timedelta(0)

    def length(self, doublings: int) -> timedelta:
        """How long a window is after so many that were used up in a row."""
        grown: timedelta = self.window * 2 ** min(doublings, _MOST_DOUBLINGS)
        return max(self.window, min(grown, self.longest))


@dataclass(frozen=True, slots=True)
class Tally:
    """Tries of one device, account or place in its present window, which begins with its first try."""

    count: int
    doublings: int
    ends_at: datetime

    def wait(self, limit: Limit, now: datetime) -> timedelta:
        """How long until the next try may come; nothing while there is one left."""
        is_used_up = self.count >= limit.most and now < self.ends_at
        return self.ends_at - now if is_used_up else timedelta(0)


def one_more(before: Tally | None, limit: Limit, now: datetime) -> Tally:
    """The tally with a try of this moment in it."""
    if before is None or now >= before.ends_at + FORGIVEN_AFTER:
        return Tally(1, 0, now + limit.window)
    if now < before.ends_at:
        return Tally(before.count + 1, before.doublings, before.ends_at)
    doublings = min(before.doublings + (before.count >= limit.most), _MOST_DOUBLINGS)
    return Tally(1, doublings, now + limit.length(doublings))
