"""What a gateway tells Prometheus about its own work."""

import time
from collections.abc import Callable
from datetime import datetime

from prometheus_client import CollectorRegistry

from wifi_manager.metrics import counter, gauge, histogram

_APPLY_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5)


class GatewayMetrics:
    """This process's series, in a registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._grants = gauge("wifi_gateway_grants_active", "Devices that the kernel lets through.", (), registry)
        self.shaped = gauge(
            "wifi_gateway_visits_shaped", "Visits that have a traffic class, for their rate or share.", (), registry
        )
        self.revision = gauge("wifi_gateway_revision", "Revision of grants that the kernel enforces.", (), registry)
        self.apply_seconds = histogram(
            "wifi_gateway_apply_duration_seconds",
            "From control's answer at hand until the kernel enforces it.",
            (),
            registry,
            _APPLY_BUCKETS,
        )
        self.control_reachable = gauge(
            "wifi_gateway_control_reachable", "1 while control answers, 0 while it does not.", (), registry
        )
        self._contact = time.monotonic()
        gauge(
            "wifi_gateway_control_contact_age_seconds",
            "Since control last answered; since the start, before it first did.",
            (),
            registry,
        ).set_function(lambda: time.monotonic() - self._contact)
        self._certificate_expiry = gauge(
            "wifi_gateway_certificate_expiry_timestamp_seconds",
            "When the certificate of the gateway's own name ends.",
            (),
            registry,
        )
        self.redirects = counter(
            "wifi_gateway_redirects", "Web pages answered with the way to the portal.", (), registry
        )
        self._api_answers = counter(
            "wifi_gateway_captive_api_answers",
            "Answers of the RFC 8908 API: captive or online.",
            ("status",),
            registry,
        )
        self._problems = counter(
            "wifi_gateway_problems",
            "What failed and was tried again, by the task that it belongs to.",
            ("reason",),
            registry,
        )
        self.rules_lost = counter(
            "wifi_gateway_rules_lost", "Times that somebody else changed or removed the rules.", (), registry
        )

        self.short_passes = counter(
            "wifi_gateway_short_passes", "Short passes given to newcomers while control was away.", (), registry
        )
        self._ended = counter(
            "wifi_gateway_ended", "Visits that this gateway ended before their time.", ("reason",), registry
        )
        self.draining = gauge("wifi_gateway_draining", "1 while newcomers are refused by `drain`.", (), registry)

    def watch_grants(self, count: Callable[[], int]) -> None:
        """Ask `count` for the number of devices that are let through at each scrape."""
        self._grants.set_function(count)

    def ended_here(self, reason: str, visits: int) -> None:
        """Visits were ended for this reason: idle, volume or copied."""
        self._ended.labels(reason=reason).inc(visits)

    def heard_from_control(self) -> None:
        """Control has just answered."""
        self._contact = time.monotonic()
        self.control_reachable.set(1)

    def certificate_ends(self, moment: datetime) -> None:
        """Note until when the served certificate is valid."""
        self._certificate_expiry.set(moment.timestamp())

    def answered_api(self, *, captive: bool) -> None:
        """A phone was told how it stands."""
        self._api_answers.labels(status="captive" if captive else "online").inc()

    def failed(self, task: str) -> None:
        """A task of the agent failed and will be tried again."""
        self._problems.labels(reason=task).inc()
