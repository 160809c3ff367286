"""What the guard tells Prometheus. Reasons are few and fixed; no series names a device."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from wifi_manager.gateway.guard.ruleset import DROP, MOVES
from wifi_manager.metrics import counter, gauge


class GuardMetrics:
    """The guard's series, in a registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.active = gauge(
            "wifi_gateway_guard_active", "1 while frames of phones are guarded at layer 2, else 0.", (), registry
        )
        self._drops = counter(
            "wifi_gateway_guard_drops",
            "Frames of phones that the guard dropped, by reason.",
            ("reason",),
            registry,
        )
        self._moves = counter(
            "wifi_gateway_guard_moves",
            "Seconds in which a device was heard at two ports: phones that walk, and copies.",
            (),
            registry,
        )
        self.copied = gauge(
            "wifi_gateway_guard_copied_devices", "Devices whose address two use at this moment.", (), registry
        )
        self.alarms = counter(
            "wifi_gateway_guard_copied_alarms", "Devices that were found to be copied.", (), registry
        )
        self._last: dict[str, int] = {}

    def count(self, packets: Mapping[str, int]) -> None:
        """Take a reading of the kernel's counters; one that is smaller than the last began anew."""
        for name, now in packets.items():
            before = self._last.get(name, 0)
            more = now - before if now >= before else now
            if name.startswith(DROP):
                self._drops.labels(reason=name.removeprefix(DROP)).inc(more)
            elif name == MOVES:
                self._moves.inc(more)
        self._last = dict(packets)
