"""Who is online, as figures alone, and whether the gateways enforce what is wanted."""

from collections import Counter
from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry

from wifi_manager import metrics
from wifi_manager.domain.gateways import Gateway, Standing
from wifi_manager.storage.reports import ActiveVisits, VisitCount

RUNNING = "running"  # the status of a visit that has not ended; the others are EndReason


def count_active(active: Iterable[ActiveVisits], city: str, registry: CollectorRegistry) -> None:
    family = metrics.gauge(
        "wifi_visits_active",
        "Visits that run now, by the site of their gateway; sites without any have no series.",
        ["city", "district", "site"],
        registry,
    )
    for each in active:
        family.labels(city, each.district, each.site).set(each.count)


def count_recorded(counts: Iterable[VisitCount], city: str, registry: CollectorRegistry) -> None:
    """A gauge and no counter: it shrinks when the retention time is over."""
    family = metrics.gauge(
        "wifi_visits_recorded",
        "Visits that the database keeps, by how they were opened and why they ended; running: they have not.",
        ["city", "method", "status"],
        registry,
    )
    for each in counts:
        family.labels(city, each.method, each.end_reason or RUNNING).set(each.count)


def count_gateways(gateways: Iterable[Gateway], city: str, now: datetime, registry: CollectorRegistry) -> None:
    family = metrics.gauge(
        "wifi_gateways",
        "Gateways, by whether they enforce what is wanted: enforcing, behind, silent (for 60 s) or not_enrolled.",
        ["city", "status"],
        registry,
    )
    counts = Counter(each.standing(now) for each in gateways)
    for standing in Standing:
        family.labels(city, standing.value).set(counts[standing])
