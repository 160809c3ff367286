"""What Prometheus reads about the fleet: made anew from the rows of each scrape, so that what is gone is gone."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, GCCollector, PlatformCollector, ProcessCollector, generate_latest

from wifi_manager import __version__, log, metrics
from wifi_manager.domain.errors import NotFound, OutsideFailure
from wifi_manager.domain.pushes import PushState
from wifi_manager.exporter import certificates, coverage, desk, visits, vouchers
from wifi_manager.storage.reports import InventoryCount, Target
from wifi_manager.storage.store import Store

_LOG = log.get(__name__)


def page(store: Store, now: datetime, access_points: Callable[[], bytes] = bytes) -> bytes:
    """All series in the Prometheus text format 0.0.4, those of access points as they are handed in.

    A database that does not answer is a series, not an error.
    """
    started = time.perf_counter()
    registry = CollectorRegistry()
    _about_this_process(registry)
    written = b""
    try:
        written = _about_the_city(store, now, registry) + access_points()
        is_up = True
    except (OutsideFailure, NotFound) as failure:
        _LOG.warning("the fleet cannot be read", extra={"reason": str(failure)})
        is_up = False
    metrics.gauge("wifi_database_up", "1 while the database answers, 0 while not.", [], registry).set(is_up)
    rendered = metrics.gauge(
        "wifi_exporter_duration_seconds",
        "From this scrape's arrival until all rows are read and the series of access points written.",
        [],
        registry,
    )
    rendered.set(time.perf_counter() - started)
    return generate_latest(registry) + written


def targets(store: Store) -> list[dict[str, object]]:
    """Access points that can be reached, as Prometheus' HTTP service discovery wants them.

    Raises OutsideFailure when the database does not answer: Prometheus then keeps the list that it has.
    """
    with store.read() as tx:
        return [{"targets": [each.host], "labels": _labels(each, store.city)} for each in tx.reports.targets()]


def _about_this_process(registry: CollectorRegistry) -> None:
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    build = metrics.gauge("wifi_build_info", "1, with the version of this program.", ["version"], registry)
    build.labels(__version__).set(1)


def _about_the_city(store: Store, now: datetime, registry: CollectorRegistry) -> bytes:
    """Counts into the registry; the text of the series that each gateway and each place on the map has."""
    with store.read() as tx:
        counts, site_count = tx.reports.inventory_counts(), tx.reports.site_count()
        pushes, covered = tx.pushes.counts(), tx.coverage.newest()
        standings, stock = tx.certificates.standings(), tx.vouchers.stock(now)
        waiting, emergencies = tx.problem_reports.waiting(), tx.emergencies.open(now)
        active, visit_counts, gateways = tx.reports.active_visits(now), tx.reports.visit_counts(), tx.gateways.all()
    visits.count_active(active, store.city, registry)
    visits.count_recorded(visit_counts, store.city, registry)
    visits.count_gateways(gateways, store.city, now, registry)
    vouchers.count_stock(stock, store.city, registry)
    desk.count_reports(waiting, store.city, registry)
    desk.count_emergencies(emergencies, store.city, registry)
    _count_access_points(counts, store.city, registry)
    _count_pushes(pushes, registry)
    sites = metrics.gauge("wifi_sites", "Sites in the inventory.", ["city"], registry)
    sites.labels(store.city).set(site_count)
    return (certificates.page(standings, now) + coverage.page(covered, store.city)).encode()


def _count_pushes(pushes: Mapping[PushState, int], registry: CollectorRegistry) -> None:
    family = metrics.gauge("wifi_pushes", "Changes of access points, by where they stand.", ["status"], registry)
    for state in PushState:
        family.labels(state.value).set(pushes.get(state, 0))


def _count_access_points(counts: Iterable[InventoryCount], city: str, registry: CollectorRegistry) -> None:
    points = metrics.gauge(
        "wifi_access_points",
        "Access points in the inventory.",
        ["city", "district", "site_kind", "life_cycle"],
        registry,
    )
    for each in counts:
        points.labels(city, each.district, each.kind, each.life_cycle).set(each.count)


def _labels(each: Target, city: str) -> Mapping[str, str]:
    """Prometheus drops what begins with `__meta_` unless a relabelling rule keeps it."""
    about = {
        "ap": each.external_id,
        "city": city,
        "district": each.district,
        "site": each.site,
        "site_kind": each.kind,
        "platform": each.platform,
        "ssh_port": str(each.port),
    }
    return {f"__meta_wifi_{name}": value for name, value in about.items()}
