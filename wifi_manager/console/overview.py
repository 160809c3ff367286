"""The first page: how large the fleet is, where it stands, and what happened last."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from wifi_manager.console.parts import parts
from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.storage.reports import InventoryCount

pages = Blueprint("overview", __name__, template_folder="templates")
_LATEST = 6


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its share of the largest one, in per cent: how long its bar is."""

    name: str
    count: int
    share: float


@pages.get("/")
def page() -> ResponseReturnValue:
    """Counts of what is in service, by kind of site and by district."""
    with parts().store.read() as tx:
        counts = tx.reports.inventory_counts()
        sites, latest = tx.reports.site_count(), tx.audit.newest(_LATEST)
    in_service = [each for each in counts if each.life_cycle != LifeCycle.RETIRED.value]
    return render_template(
        "console/overview.html",
        access_points=sum(each.count for each in in_service),
        retired=sum(each.count for each in counts) - sum(each.count for each in in_service),
        managed=sum(each.count for each in counts if each.life_cycle == LifeCycle.MANAGED.value),
        sites=sites,
        kinds=_bars((each.kind, each) for each in in_service),
        districts=_bars((each.district, each) for each in in_service),
        latest=latest,
    )


def _bars(counts: Iterable[tuple[str, InventoryCount]]) -> list[Bar]:
    """The largest first."""
    sums: Counter[str] = Counter()
    for name, each in counts:
        sums[name] += each.count
    largest = max(sums.values(), default=1)
    return [Bar(name, count, round(100 * count / largest, 1)) for name, count in sums.most_common()]
