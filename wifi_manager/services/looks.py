"""Looks at what gateways have acknowledged, shared by all citizens who wait at the same time.

Without it a crowd that waits asks the database the more often the longer it waits, and so waits even longer.
"""

from collections.abc import Callable

FRESH_SECONDS = 0.01


class Looks:
    """The last look at each gateway. Needs no lock: two threads that look at once only look once too often."""

    def __init__(self) -> None:
        self._last: dict[str, tuple[float, int]] = {}
        self._looking: set[str] = set()

    def at(self, gateway: str, now: float, look: Callable[[str], int]) -> int | None:
        """What a look at this gateway shows, or one of the last 10 ms; `now` in seconds of a monotonic clock.

        None while somebody else looks: a database that hangs shall hang one thread and not all of them.
        """
        seen_at, seen = self._last.get(gateway, (float("-inf"), 0))
        if now - seen_at < FRESH_SECONDS:
            return seen
        if gateway in self._looking:
            return None
        self._looking.add(gateway)
        try:
            seen = look(gateway)
        finally:
            self._looking.discard(gateway)
        self._last[gateway] = (now, seen)
        return seen
