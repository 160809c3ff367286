"""The fleet: a list to search and filter, and a page for each access point."""

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console.paging import PAGE_SIZE, Paging
from wifi_manager.console.parts import parts
from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.hardware import differences
from wifi_manager.domain.observations import STALE_AFTER, Health, health
from wifi_manager.domain.sites import SiteKind
from wifi_manager.storage.reports import FleetFilter
from wifi_manager.web import forms

pages = Blueprint("fleet", __name__, template_folder="templates")
_HISTORY = 20
_PUSHES = 10


@pages.get("/access-points")
def fleet() -> ResponseReturnValue:
    """A page of the list, 50 lines."""
    wanted, number = _wanted(), forms.number("page", 1)
    with parts().store.read() as tx:
        found = tx.reports.fleet(wanted, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
        paging = Paging(number, found.total)
        if paging.number != number:  # the list grew shorter, or somebody typed a number
            found = tx.reports.fleet(wanted, limit=PAGE_SIZE, offset=paging.first_line - 1)
        districts = tx.reports.districts()
    return render_template(
        "console/fleet.html",
        found=found,
        paging=paging,
        wanted=wanted,
        districts=districts,
        kinds=list(SiteKind),
        life_cycles=list(LifeCycle),
        healths=list(Health),
        page_url=lambda page: _page_url(wanted, page),
    )


@pages.get("/access-points/<path:external_id>")
def access_point(external_id: str) -> ResponseReturnValue:
    """Everything known about one access point, and what was done to it."""
    with parts().store.read() as tx:
        found = tx.access_points.get(external_id)
        hardware = tx.hardware.get(external_id)
        seen, pushes = tx.observations.seen(external_id), tx.pushes.newest(_PUSHES, external_id)
        history = tx.audit.newest(_HISTORY, noun="access point", subject=external_id)
    if found is None:
        raise NotFound(f"No access point has the number {external_id!r}. Search for it in the list.")
    return render_template(
        "console/access_point.html",
        point=found,
        seen=seen,
        health=health(seen.observation, parts().clock.now()) if seen else None,
        pushes=pushes,
        hardware=hardware,
        differences=differences(found, hardware) if hardware else (),
        history=history,
    )


def _wanted() -> FleetFilter:
    return FleetFilter(
        text=forms.query("q"),
        district=forms.query("district"),
        kind=forms.query("kind"),
        life_cycle=forms.query("life_cycle"),
        health=forms.query("health"),
        polled_since=parts().clock.now() - STALE_AFTER,
    )


def _page_url(wanted: FleetFilter, page: int) -> str:
    return url_for(
        "fleet.fleet",
        q=wanted.text or None,
        district=wanted.district or None,
        kind=wanted.kind or None,
        life_cycle=wanted.life_cycle or None,
        health=wanted.health or None,
        page=page,
    )
