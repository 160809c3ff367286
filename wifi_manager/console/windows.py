"""Maintenance windows: the hours in which access points may be changed."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, NotFound, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.domain.sites import SiteKind
from wifi_manager.services.maintenance import NEEDED
from wifi_manager.web import forms, problems

pages = Blueprint("windows", __name__, template_folder="templates", url_prefix="/windows")


@pages.get("")
def page() -> ResponseReturnValue:
    """All of them, whether each is open now, and the form."""
    return _page()


@pages.post("")
@needs(Action.CHANGE)
def put() -> ResponseReturnValue:
    """Set the windows of a scope."""
    typed = {name: forms.text(name) for name in ("scope", "site", "hours")}
    scope = f"site:{typed['site']}" if typed["scope"] == "site" else typed["scope"]
    try:
        kept = parts().maintenance.put(scope, typed["hours"], by=people.operator().name)
    except (BadInput, NotFound) as refused:
        return _page(typed, refused), problems.status_of(refused)
    return _back("windows-set", str(kept.scope))


@pages.post("/remove")
@needs(Action.CHANGE)
def remove() -> ResponseReturnValue:
    """Take those of a scope away."""
    scope = forms.text("scope")
    parts().maintenance.take_away(scope, by=people.operator().name)
    return _back("windows-removed", scope)


def _page(typed: dict[str, str] | None = None, refused: WifiError | None = None) -> str:
    now, found = parts().clock.now(), parts().maintenance.all()
    starts = [(each, each.windows.next_start(now, NEEDED, parts().time_zone)) for each in found]
    return render_template(
        "console/windows.html",
        windows=starts,
        now=now,
        kinds=list(SiteKind),
        typed=typed or {"scope": "city", "site": "", "hours": ""},
        refused=refused,
        zone=str(parts().time_zone),
    )


def _back(notice: str, scope: str) -> ResponseReturnValue:
    flash(scope, notice)
    return redirect(url_for("windows.page"), 303)
