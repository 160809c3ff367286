"""Series of the way in by an organisation's RADIUS servers."""

from dataclasses import dataclass
from typing import Self

from prometheus_client import CollectorRegistry, Counter

from wifi_manager.metrics import counter

_OUTCOMES = ("accepted", "refused", "silent", "dropped")


@dataclass(frozen=True, slots=True)
class RadiusMetrics:
    """What came of asking, in one city."""

    city: str
    answers: Counter

    @classmethod
    def make(cls, city: str, registry: CollectorRegistry) -> Self:
        """Fresh metrics in this registry, all series at 0."""
        made = cls(
            city,
            counter(
                "wifi_radius_answers",
                "What RADIUS servers said of sign-ins: accepted, refused, silent (none answered in time, or all rest "
                "after that); dropped: packets without a right Message-Authenticator or otherwise no answer.",
                ("city", "outcome"),
                registry,
            ),
        )
        for outcome in _OUTCOMES:
            made.answers.labels(city, outcome)
        return made

    def noticed(self, outcome: str) -> None:
        """One more of these."""
        self.answers.labels(self.city, outcome).inc()
