"""Keeps the newest map true: computed anew as soon as an access point has failed or returned, and once in a while."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.services.covering import Covering, Given

Change = tuple[frozenset[str], frozenset[str]]


@dataclass(slots=True)
class CoverageWatch:
    """Looks at what is up. `at_least_every`: surveys, their age and the inventory change a map too."""

    covering: Covering
    given: Given
    clock: Clock
    at_least_every: timedelta
    _up: frozenset[str] = field(default_factory=frozenset)
    _computed_at: datetime | None = None

    def look(self) -> tuple[CoverageReport, Change] | None:
        """The new map with what has failed and what has returned, or None where the last one is still true.

        Raises what computing raises; the next look then tries again.
        """
        now, up = self.clock.now(), self.covering.up()
        is_first = self._computed_at is None
        if self._computed_at is not None and up == self._up and now - self._computed_at < self.at_least_every:
            return None
        report = self.covering.keep(self.covering.map(self.given))
        change = (frozenset[str](), frozenset[str]()) if is_first else (self._up - up, up - self._up)
        self._up, self._computed_at = up, now
        return report, change
