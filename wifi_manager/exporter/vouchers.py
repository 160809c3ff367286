"""How many vouchers there are: in all, for a series for each batch would grow without end."""

from collections.abc import Mapping

from prometheus_client import CollectorRegistry

from wifi_manager import metrics

STATES = ("unused", "used", "over", "revoked")


def count_stock(stock: Mapping[str, int], city: str, registry: CollectorRegistry) -> None:
    family = metrics.gauge(
        "wifi_vouchers",
        "Codes of vouchers: unused, used (once or more), over (their last day) or revoked.",
        ["city", "status"],
        registry,
    )
    for state in STATES:
        family.labels(city, state).set(stock.get(state, 0))
