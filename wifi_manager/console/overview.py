"""The first page: how large the fleet is and how it does, who is online, and what happened last."""

from collections import Counter
from collections.abc import Iterable

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console.bars import Bar, Counted, bars
from wifi_manager.console.parts import parts
from wifi_manager.console.texts import word
from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.domain.observations import STALE_AFTER, Health
from wifi_manager.domain.pushes import PushState
from wifi_manager.storage.reports import InventoryCount

pages = Blueprint("overview", __name__, template_folder="templates")
_LATEST = 6


@pages.get("/")
def page() -> ResponseReturnValue:
    """Counts of what is in service, by kind of site and by district; visits and pushes now."""
    now = parts().clock.now()
    with parts().store.read() as tx:
        counts = tx.reports.inventory_counts()
        sites, latest = tx.reports.site_count(), tx.audit.newest(_LATEST)
        health, pushes = tx.reports.health_counts(now - STALE_AFTER), tx.pushes.counts()
        active, waiting = tx.reports.active_visits(now), tx.problem_reports.waiting()
    in_service = [each for each in counts if each.life_cycle != LifeCycle.RETIRED.value]
    return render_template(
        "console/overview.html",
        access_points=sum(each.count for each in in_service),
        retired=sum(each.count for each in counts) - sum(each.count for each in in_service),
        managed=sum(health.values()),
        down=health.get(Health.DOWN, 0),
        sites=sites,
        active_visits=sum(each.count for each in active),
        open_reports=sum(each.count for each in waiting),
        pushes=[(state.value, pushes[state]) for state in PushState if pushes.get(state)],
        kinds=_kinds(in_service),
        districts=_districts(in_service),
        latest=latest,
    )


def _kinds(counts: Iterable[InventoryCount]) -> list[Bar]:
    sums: Counter[str] = Counter()
    for each in counts:
        sums[each.kind] += each.count
    return bars(Counted(word(kind, "kinds"), n, url_for("fleet.fleet", kind=kind)) for kind, n in sums.items())


def _districts(counts: Iterable[InventoryCount]) -> list[Bar]:
    sums: Counter[str] = Counter()
    for each in counts:
        sums[each.district] += each.count
    return bars(Counted(name, count, url_for("fleet.fleet", district=name)) for name, count in sums.items())
