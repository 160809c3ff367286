"""What a gateway tells Prometheus about its own work. No label ever names a device, an address or a person."""

import time
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram


class GatewayMetrics:
    """This process's series, in a registry that is handed in."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self.registry = registry
        self.grants = Gauge("wifi_gateway_grants_active", "Devices that the kernel lets through.", registry=registry)
        self.revision = Gauge(
            "wifi_gateway_revision", "Revision of grants that the kernel enforces.", registry=registry
        )
        self.apply_seconds = Histogram(
            "wifi_gateway_apply_duration_seconds",
            "From control's answer at hand until the kernel enforces it.",
            buckets=(0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5),
            registry=registry,
        )
        self.control_reachable = Gauge(
            "wifi_gateway_control_reachable", "1 while control answers, 0 while it does not.", registry=registry
        )
        self._contact = time.monotonic()
        Gauge(
            "wifi_gateway_control_contact_age_seconds",
            "Since control last answered; since the start, before it first did.",
            registry=registry,
        ).set_function(lambda: time.monotonic() - self._contact)
        self.certificate_expiry = Gauge(
            "wifi_gateway_certificate_expiry_timestamp_seconds",
            "When the certificate of the gateway's own name ends.",
            registry=registry,
        )
        self.redirects = Counter(
            "wifi_gateway_redirects_total", "Web pages answered with the way to the portal.", registry=registry
        )
        self.api_answers = Counter(
            "wifi_gateway_captive_api_answers_total", "Answers of the RFC 8908 API.", ["captive"], registry=registry
        )
        self.problems = Counter(
            "wifi_gateway_problems_total", "What went wrong and was tried again.", ["task"], registry=registry
        )
        self.resolver_starts = Counter(
            "wifi_gateway_resolver_starts_total", "Starts of DHCP and DNS (dnsmasq).", registry=registry
        )

    def heard_from_control(self) -> None:
        """Control has just answered."""
        self._contact = time.monotonic()
        self.control_reachable.set(1)

    def certificate_ends(self, moment: datetime) -> None:
        """Note until when the served certificate is valid."""
        self.certificate_expiry.set(moment.timestamp())
