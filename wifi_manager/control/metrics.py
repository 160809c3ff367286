"""What control counts about its own work, for its inner /metrics."""

from collections.abc import Callable

from prometheus_client import CollectorRegistry

from wifi_manager import metrics

# From an answer without a wait to one under load: half a second is what a citizen begins to notice.
_ANSWER_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5)


class ControlMetrics:
    """Counters of one process, in the registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._waiting = metrics.gauge(
            "wifi_control_polls_waiting", "Gateways whose poll waits for new grants now.", [], registry
        )
        self.answers = metrics.counter(
            "wifi_control_grant_answers",
            "Polls answered: changed (new grants), unchanged (the wait was over), refused.",
            ["outcome"],
            registry,
        )
        self.reports = metrics.counter(
            "wifi_control_reports",
            "Reports of gateways: acknowledged, ahead (of any revision that was wanted) or refused.",
            ["outcome"],
            registry,
        )
        self.looks = metrics.counter(
            "wifi_control_looks",
            "Pushes of access points that tell of themselves: news, known (all was told before) or refused.",
            ["outcome"],
            registry,
        )
        self.passes = metrics.counter(
            "wifi_control_passes",
            "Short passes that gateways have given by themselves while control was away.",
            [],
            registry,
        )
        self.answer_seconds = metrics.histogram(
            "wifi_control_answer_duration_seconds",
            "From seeing a gateway's new revision in the database until its grants are ready to be sent.",
            [],
            registry,
            _ANSWER_BUCKETS,
        )

    def watch_waiting(self, count: Callable[[], int]) -> None:
        """Ask `count` for the number of waiting polls at each scrape."""
        self._waiting.set_function(count)
