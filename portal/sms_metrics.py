"""Series of the codes by text message: what is sent, what comes back, what is left, and what stopped it."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Self

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.metrics import counter, gauge, histogram
from wifi_manager.services.admission import Admission
from wifi_manager.services.sms_budgets import BREAKERS, SmsBudgets

_BUCKETS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
REASONS = (
    *("device", "number", "prefix", "place", *BREAKERS),
    *("not_a_number", "country", "code_wrong", "code_over"),
)


@dataclass(frozen=True, slots=True)
class SmsMetrics:
    """The codes of one city."""

    city: str
    messages: Counter
    codes: Counter
    refusals: Counter
    seconds: Histogram
    breakers: Gauge
    left: Gauge

    @classmethod
    def make(cls, city: str, registry: CollectorRegistry) -> Self:
        """Fresh metrics in this registry, all counters at 0."""
        made = cls(
            city,
            counter("wifi_sms_sent", "Text messages with a code that the provider has taken.", ("city",), registry),
            counter(
                "wifi_sms_verified", "Codes by text message that came back and let a device in.", ("city",), registry
            ),
            counter(
                "wifi_sms_refused",
                "Codes that were not sent (budget of a device, number, prefix, place or day used up; provider fails; "
                "too few codes come back; not_a_number; country) or not taken (code_wrong, code_over).",
                ("city", "reason"),
                registry,
            ),
            histogram(
                "wifi_sms_provider_seconds",
                "From handing a message to the provider until it has taken it.",
                ("city",),
                registry,
                _BUCKETS,
            ),
            gauge(
                "wifi_sms_breaker_open",
                "1 while no codes are sent: the day's budget is used up, the provider failed three times in a row, "
                "or too few codes come back (unverified).",
                ("city", "reason"),
                registry,
            ),
            gauge(
                "wifi_sms_budget_left_ratio", "Share of the day's text messages that is left.", ("city",), registry
            ),
        )
        for reason in REASONS:
            made.refusals.labels(city, reason)
        for series in (made.messages, made.codes, made.seconds):
            series.labels(city)
        return made

    def sent(self, seconds: float) -> None:
        """The provider has taken a message."""
        self.messages.labels(self.city).inc()
        self.seconds.labels(self.city).observe(seconds)

    def verified(self) -> None:
        """A code came back."""
        self.codes.labels(self.city).inc()

    def refused(self, reason: str) -> None:
        """A message was not sent, or a code not taken."""
        self.refusals.labels(self.city, reason).inc()

    def watch(self, admission: Admission, budgets: SmsBudgets) -> None:
        """Let the gauges ask the rows whenever somebody reads them: all processes then say the same."""
        for reason in BREAKERS:
            self.breakers.labels(self.city, reason).set_function(
                _asking(partial(_is_open, admission, budgets, reason))
            )
        self.left.labels(self.city).set_function(_asking(partial(_left, admission, budgets)))


def _asking(question: Callable[[], float]) -> Callable[[], float]:
    """Nobody knows while the database is away: not a number then, and no failed scrape."""

    def answer() -> float:
        try:
            return question()
        except OutsideFailure:
            return math.nan

    return answer


def _is_open(admission: Admission, budgets: SmsBudgets, reason: str) -> float:
    with admission.store.read() as tx:
        return float(reason in budgets.open_breakers(tx, admission.clock.now()))


def _left(admission: Admission, budgets: SmsBudgets) -> float:
    city = budgets.city(admission.clock.now())
    with admission.store.read() as tx:
        return tx.budgets.left(city) / max(city.limit, 1)
