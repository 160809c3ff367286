"""Places that are open in an emergency: a red bar on every page, and the form of the admins who open them."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Flask, flash, g, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.emergencies import LONGEST
from wifi_manager.domain.errors import BadInput, NotFound, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.web import forms, problems

pages = Blueprint("emergencies", __name__, template_folder="templates", url_prefix="/emergencies")
_NUMBER = f"/<int(max={forms.HIGHEST_ROW}):number>"
_MOST_HOURS = int(LONGEST.total_seconds() // 3600)


def install(app: Flask) -> None:
    """Show the bar to everybody who is signed in. Error pages made while the database is away have none."""
    app.before_request(_look)
    app.context_processor(lambda: {"emergencies": g.get("emergencies", ())})


@pages.get("")
def page() -> ResponseReturnValue:
    """What is open and what was, with the form for admins."""
    return _page()


@pages.post("")
@needs(Action.ADMINISTER)
def open_() -> ResponseReturnValue:
    """Open a district or a site. What does not fit yet comes back as it was typed."""
    typed = {name: forms.text(name) for name in ("district", "site", "hours", "why")}
    try:
        number = _open(typed)
    except (BadInput, NotFound) as refused:
        return _page(typed, refused), problems.status_of(refused)
    return _back("emergency-opened", number)


@pages.post(f"{_NUMBER}/close")
@needs(Action.ADMINISTER)
def close(number: int) -> ResponseReturnValue:
    """End it now."""
    parts().emergencies.close(number, people.operator().name)
    return _back("emergency-closed", number)


def _look() -> None:
    if people.known() is not None:
        g.emergencies = parts().emergencies.open_now()


def _open(typed: dict[str, str]) -> int:
    hours = typed["hours"]
    if not (hours.isascii() and hours.isdecimal() and len(hours) <= len(str(_MOST_HOURS))):
        raise BadInput(f"Hours are a whole number from 1 to {_MOST_HOURS}.")
    until = parts().clock.now() + timedelta(hours=int(hours))
    return parts().emergencies.open(
        typed["district"], typed["site"] or None, until, typed["why"], people.operator().name
    )


def _page(typed: dict[str, str] | None = None, refused: WifiError | None = None) -> str:
    with parts().store.read() as tx:
        districts = tx.reports.districts()
    usual: dict[str, Any] = {"district": "", "site": "", "hours": "12", "why": ""}
    return render_template(
        "console/emergencies.html",
        every=parts().emergencies.newest(),
        now=parts().clock.now(),
        districts=districts,
        typed=typed or usual,
        most_hours=_MOST_HOURS,
        refused=refused,
    )


def _back(notice: str, number: int) -> ResponseReturnValue:
    flash(str(number), notice)
    return redirect(url_for("emergencies.page"), 303)
