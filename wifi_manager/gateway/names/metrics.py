"""What this room tells Prometheus."""

from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.metrics import counter


class NamesMetrics:
    """Beside those of the whole gateway, whose problems are counted together."""

    def __init__(self, gateway: GatewayMetrics) -> None:
        self.registry = registry = gateway.registry
        self.failed = gateway.failed
        self.resolver_starts = counter(
            "wifi_gateway_resolver_starts", "Starts of DHCP and DNS (dnsmasq).", (), registry
        )
        self.clock_starts = counter(
            "wifi_gateway_clock_starts", "Starts of the time for phones (chrony).", (), registry
        )
        self.advertisements = counter(
            "wifi_gateway_router_advertisements",
            "IPv6 router advertisements: solicited by a phone, due to all phones, or the last of who is leaving.",
            ("reason",),
            registry,
        )
