"""Visits that run, by place and id alone: to end one, or to block its device."""

from datetime import datetime

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.days import end_of_day
from wifi_manager.domain.errors import BadInput, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.storage.stays import StayFilter
from wifi_manager.web import forms, problems

pages = Blueprint("running", __name__, template_folder="templates", url_prefix="/visits")
PAGE_SIZE = 50


@pages.get("/running")
@needs(Action.CHANGE)
def page() -> ResponseReturnValue:
    """The newest first; `before` is where the page before it ended."""
    wanted = StayFilter(forms.query("district"), forms.query("site"), forms.query("gateway"))
    before, now = forms.number("before", 0, forms.HIGHEST_ROW), parts().clock.now()
    with parts().store.read() as tx:
        found = tx.stays.running(wanted, now, PAGE_SIZE + 1, before or None)
        districts = tx.reports.districts()
    older = found[PAGE_SIZE - 1].number if len(found) > PAGE_SIZE else None
    lines = found[:PAGE_SIZE]
    return render_template(
        "console/running.html", lines=lines, wanted=wanted, districts=districts, before=before, older=older
    )


@pages.get("/<public_id>")
@needs(Action.CHANGE)
def visit(public_id: str) -> ResponseReturnValue:
    """One visit, and the two things that can be done about it."""
    return _visit(public_id)


@pages.post("/<public_id>/end")
@needs(Action.CHANGE)
def end(public_id: str) -> ResponseReturnValue:
    """End it; its gateway is told at once."""
    try:
        parts().visit_desk.end(public_id, people.operator().name, forms.text("why"))
    except BadInput as refused:
        return _visit(public_id, refused), problems.status_of(refused)
    return _back("visit-ended", public_id)


@pages.post("/<public_id>/block")
@needs(Action.CHANGE)
def block(public_id: str) -> ResponseReturnValue:
    """Keep its device out of the whole city."""
    try:
        number = _block(public_id, forms.text("why"), forms.text("until"))
    except BadInput as refused:
        return _visit(public_id, refused), problems.status_of(refused)
    flash(str(number), "device-blocked")
    return redirect(url_for("running.visit", public_id=public_id), 303)


def _block(public_id: str, why: str, day: str) -> int:
    if not why:
        raise BadInput("Say why the device is blocked: it stands in the audit trail.")
    until = end_of_day(day, parts().time_zone) if day else None
    return parts().blocking.add_visitor(public_id, until, people.operator().name, why)


def _visit(public_id: str, refused: WifiError | None = None) -> str:
    found, now = parts().visit_desk.get(public_id), parts().clock.now()
    return render_template(
        "console/visit.html",
        visit=found,
        is_running=found.is_active(now),
        tomorrow=_day(now),
        refused=refused,
    )


def _day(now: datetime) -> str:
    return now.astimezone(parts().time_zone).date().isoformat()


def _back(notice: str, public_id: str) -> ResponseReturnValue:
    flash("", notice)
    return redirect(url_for("running.visit", public_id=public_id), 303)
