"""What waits for city IT's desk, and which places are open in an emergency."""

from collections import Counter
from collections.abc import Iterable

from prometheus_client import CollectorRegistry

from wifi_manager import metrics
from wifi_manager.domain.emergencies import Emergency
from wifi_manager.storage.problem_reports import WaitingReports


def count_reports(waiting: Iterable[WaitingReports], city: str, registry: CollectorRegistry) -> None:
    family = metrics.gauge(
        "wifi_reports_open",
        "Problems reported by citizens that nobody has answered or closed; without a district, those whose place is "
        "not known.",
        ["city", "district"],
        registry,
    )
    sums: Counter[str] = Counter()
    for each in waiting:
        sums[each.district] += each.count
    for district, count in {"": 0, **sums}.items():
        family.labels(city, district).set(count)


def count_emergencies(emergencies: Iterable[Emergency], city: str, registry: CollectorRegistry) -> None:
    family = metrics.gauge(
        "wifi_emergency_open",
        "1 for each district or site that is open to everybody; site is empty where the whole district is.",
        ["city", "district", "site"],
        registry,
    )
    for each in emergencies:
        family.labels(city, each.district, each.site or "").set(1)
