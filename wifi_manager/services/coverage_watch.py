"""Keeps the newest map true: painted anew where an access point failed or returned, and as a whole now and then."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wifi_manager.clock import Clock
from wifi_manager.coverage.living import LivingMap
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.services.covering import Covering, Given

Change = tuple[frozenset[str], frozenset[str]]
_FEW = 500  # so many that fail or return are painted anew sooner than the whole city is


@dataclass(slots=True)
class CoverageWatch:
    """Looks at what is up, and whether the list has moved. It holds one map at a time.

    `at_least_every`: surveys, their age and powers change a map too, so it is computed as a whole then.
    """

    covering: Covering
    given: Given
    clock: Clock
    at_least_every: timedelta
    _living: LivingMap | None = None
    _is_kept: bool = False  # where the database was away, the map is true and nobody can see it yet
    _places: int = 0
    _computed_at: datetime | None = None
    _down: frozenset[str] | None = None  # as it was told last

    def look(self) -> tuple[CoverageReport, Change] | None:
        """The new map with what has failed and what has returned, or None where the last one is still true.

        Raises what computing raises; the next look then tries again.
        """
        up, places = self.covering.up()
        if self._living is None or places != self._places or self._is_old() or _many_differ(self._living, up):
            living = self._computed(places)
        elif self._is_kept and not _differ(self._living, up):
            return None
        else:
            living, self._is_kept = self._living, False
            living.while_up(up)
        report = self.covering.keep(living)
        self._is_kept = True
        return report, self._change(living.found.material.fleet.down)

    def _is_old(self) -> bool:
        return self._computed_at is None or self.clock.now() - self._computed_at >= self.at_least_every

    def _computed(self, places: int) -> LivingMap:
        """All of it anew. The map before is let go of first, for two of a large city may not fit."""
        now = self.clock.now()
        self._living, self._is_kept = None, False
        living = self.covering.living(self.given)
        self._living, self._places, self._computed_at = living, places, now
        return living

    def _change(self, down: frozenset[str]) -> Change:
        before, self._down = down if self._down is None else self._down, down
        return down - before, before - down


def _differ(living: LivingMap, up: frozenset[str]) -> frozenset[str]:
    """Access points that are not as they are on the map."""
    fleet = living.found.material.fleet
    return fleet.while_up(up).down ^ fleet.down


def _many_differ(living: LivingMap, up: frozenset[str]) -> bool:
    return len(_differ(living, up)) > _FEW
