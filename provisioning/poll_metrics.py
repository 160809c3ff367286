"""What the collector counts about its own work, for its inner /metrics."""

from prometheus_client import CollectorRegistry

from wifi_manager import metrics

_BUCKETS = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120)


class PollMetrics:
    """Of one process, in the registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self._depth = metrics.gauge(
            "wifi_poll_queue_depth",
            "Access points whose look is due and has not begun: while it stays above 0, raise --parallel.",
            [],
            registry,
        )
        self._seconds = metrics.histogram(
            "wifi_poll_duration_seconds",
            "From the beginning of a look until it is known whether the access point is up or down.",
            ["outcome"],
            registry,
            _BUCKETS,
        )
        for outcome in ("up", "down"):
            self._seconds.labels(outcome)

    def queued(self) -> None:
        """A look is due."""
        self._depth.inc()

    def begun(self) -> None:
        """It has begun."""
        self._depth.dec()

    def ended(self, seconds: float, *, up: bool) -> None:
        """It has ended."""
        self._seconds.labels("up" if up else "down").observe(seconds)
