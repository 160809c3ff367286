"""How many citizens come, tap and get online, where they are lost, and how long it takes them."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import product
from typing import Self

from prometheus_client import CollectorRegistry, Counter, Histogram

from portal.radius_metrics import RadiusMetrics
from portal.sms_metrics import SmsMetrics
from wifi_manager.domain.errors import BadInput, Forbidden, OutsideFailure, WifiError
from wifi_manager.domain.visits import OFFERED, Method
from wifi_manager.metrics import counter, histogram

# Up to the 2 s that a page waits; what took longer stands in the last one.
_BUCKETS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 0.75, 1.0, 1.5, 2.0)
_GUESSED = (Method.VOUCHER, Method.ACCOUNT, Method.RADIUS)
_REASONS: dict[type[WifiError], str] = {BadInput: "damaged", Forbidden: "refused", OutsideFailure: "database"}


@dataclass(frozen=True, slots=True)
class SignInMetrics:
    """The sign-in funnel of one city."""

    city: str
    stages: Counter
    failures: Counter
    accepted: Counter
    seconds: Histogram
    relief: Counter
    sms: SmsMetrics
    tries: Counter
    radius: RadiusMetrics

    @classmethod
    def make(cls, city: str, registry: CollectorRegistry) -> Self:
        """Fresh metrics in this registry, all series at 0 so that rates are right from the first event on."""
        made = cls(
            city,
            counter(
                "wifi_sign_in_stages",
                "Sign-ins that reached a stage: page (shown), submitted (tapped), enforced (let through within 2 s), "
                "late (not within 2 s).",
                ("city", "stage"),
                registry,
            ),
            counter(
                "wifi_sign_in_failures",
                "Sign-ins that came to nothing: damaged or refused link or form, database away, gateway silent for "
                "20 s, other.",
                ("city", "reason"),
                registry,
            ),
            counter(
                "wifi_sign_ins",
                "Sign-ins that were accepted, by how the citizen got in.",
                ("city", "method"),
                registry,
            ),
            histogram(
                "wifi_sign_in_seconds",
                "From a tap's arrival at the portal until the portal sees its gateway's acknowledgement; without one "
                "in 2 s, the time waited.",
                ("city",),
                registry,
                _BUCKETS,
            ),
            counter(
                "wifi_relief_pages",
                "Pages that told a citizen that a way in fails because something outside does not answer.",
                ("city", "method"),
                registry,
            ),
            SmsMetrics.make(city, registry),
            counter(
                "wifi_sign_in_tries",
                "Codes and passwords that were wrong, or refused unseen because there were too many tries before.",
                ("city", "method", "outcome"),
                registry,
            ),
            RadiusMetrics.make(city, registry),
        )
        for stage in ("page", "submitted", "enforced", "late"):
            made.stages.labels(city, stage)
        for reason in (*_REASONS.values(), "gateway", "other"):
            made.failures.labels(city, reason)
        for method in Method:
            made.accepted.labels(city, method.value)
        for offered in OFFERED:
            made.relief.labels(city, offered)
        for method, outcome in product(_GUESSED, ("wrong", "refused")):
            made.tries.labels(city, method.value, outcome)
        made.seconds.labels(city)
        return made

    def reached(self, stage: str) -> None:
        """One more sign-in came this far."""
        self.stages.labels(self.city, stage).inc()

    def answered(self, seconds: float, *, enforced: bool) -> None:
        """A tap was answered after so many seconds."""
        self.seconds.labels(self.city).observe(seconds)
        self.reached("enforced" if enforced else "late")

    def let_in(self, method: Method) -> None:
        """One more sign-in was accepted."""
        self.accepted.labels(self.city, method.value).inc()

    def relieved(self, failed: Method) -> None:
        """One more citizen was told that this way in fails."""
        self.relief.labels(self.city, failed.value).inc()

    def tried(self, method: Method, outcome: str) -> None:
        """One more code or password was wrong, or refused unseen."""
        self.tries.labels(self.city, method.value, outcome).inc()

    def failed(self, reason: str) -> None:
        """One more sign-in came to nothing."""
        self.failures.labels(self.city, reason).inc()

    @contextmanager
    def counting_failures(self) -> Iterator[None]:
        """Count what is refused or fails within, and let it pass on."""
        try:
            yield
        except WifiError as error:
            self.failed(next((reason for kind, reason in _REASONS.items() if isinstance(error, kind)), "other"))
            raise
