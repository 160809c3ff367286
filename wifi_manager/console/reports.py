"""Problems that citizens report: the queue, a page for each with what is known, and what is done about it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.bars import Bar, Counted, bars
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.domain.problem_reports import LONGEST_ANSWER, ReportState
from wifi_manager.storage.problem_reports import ReportFilter, WaitingReports
from wifi_manager.web import forms, problems

pages = Blueprint("reports", __name__, template_folder="templates", url_prefix="/reports")
PAGE_SIZE = 50
_MOST_PLACES = 20
_NUMBER = f"/<int(max={forms.HIGHEST_ROW}):number>"


@pages.get("")
@needs(Action.CHANGE)
def page() -> ResponseReturnValue:
    """The queue, the newest first, and where most reports wait; `before` is where the page before it ended."""
    wanted, before = _wanted(), forms.number("before", 0, forms.HIGHEST_ROW)
    with parts().vaulted.read() as tx:
        found = tx.problem_reports.page(wanted, PAGE_SIZE + 1, before or None)
        counts, waiting = tx.problem_reports.counts(wanted), tx.problem_reports.waiting()
        districts = tx.reports.districts()
    older = found[PAGE_SIZE - 1].number if len(found) > PAGE_SIZE else None
    return render_template(
        "console/reports.html",
        reports=found[:PAGE_SIZE],
        wanted=wanted,
        counts=[(each, counts.get(each, 0)) for each in ReportState],
        places=_places(waiting)[:_MOST_PLACES],
        districts=districts,
        before=before,
        older=older,
        page_url=lambda **other: _page_url(wanted, **other),
    )


@pages.get(_NUMBER)
@needs(Action.CHANGE)
def report(number: int) -> ResponseReturnValue:
    """One report, and what is known of its place and its device now."""
    return _report(number)


@pages.post(f"{_NUMBER}/take")
@needs(Action.CHANGE)
def take(number: int) -> ResponseReturnValue:
    """Make it mine."""
    parts().report_desk.assign(number, _actor())
    return _back("report-taken", number)


@pages.post(f"{_NUMBER}/answer")
@needs(Action.CHANGE)
def answer(number: int) -> ResponseReturnValue:
    """Let the citizen read this on the portal. What is too long comes back as it was typed."""
    text = forms.written("answer")
    try:
        parts().report_desk.answer(number, text, _actor())
    except BadInput as refused:
        return _report(number, text, refused), problems.status_of(refused)
    return _back("report-answered", number)


@pages.post(f"{_NUMBER}/close")
@needs(Action.CHANGE)
def close(number: int) -> ResponseReturnValue:
    """Take it off the queue."""
    parts().report_desk.close(number, _actor(), forms.text("why"))
    return _back("report-closed", number)


def _report(number: int, typed: str = "", refused: WifiError | None = None) -> str:
    found, now = parts().report_desk.look_into(number), parts().clock.now()
    with parts().store.read() as tx:
        history = tx.audit.newest(PAGE_SIZE, noun="report", subject=str(number))
    return render_template(
        "console/report.html",
        found=found,
        report=found.report,
        standings=[(each, each.standing(now)) for each in found.gateways],
        is_running=found.visit is not None and found.visit.is_active(now),
        history=history,
        typed=typed,
        refused=refused,
        longest=LONGEST_ANSWER,
    )


def _wanted() -> ReportFilter:
    state = forms.query("state")
    if state and state not in tuple(ReportState):
        raise BadInput(f"A report is one of {', '.join(ReportState)}. Go back and choose one.")
    mine = people.operator().name if forms.query("mine") else ""
    return ReportFilter(ReportState(state) if state else None, forms.query("district"), forms.query("site"), mine)


def _page_url(wanted: ReportFilter, **other: str | int | None) -> str:
    kept: dict[str, Any] = {
        "state": wanted.state.value if wanted.state else None,
        "district": wanted.district or None,
        "site": wanted.site or None,
        "mine": 1 if wanted.assigned_to else None,
    }
    return url_for("reports.page", **{**kept, **other})


def _places(waiting: list[WaitingReports]) -> list[Bar]:
    return bars(
        Counted(f"{each.site}, {each.district}", each.count, _place_url(each))
        if each.site
        else Counted("Place not known", each.count)
        for each in waiting
    )


def _place_url(each: WaitingReports) -> str:
    return url_for("reports.page", state=ReportState.OPEN.value, district=each.district, site=each.site)


def _actor() -> str:
    return people.operator().name


def _back(notice: str, number: int) -> ResponseReturnValue:
    flash(str(number), notice)
    return redirect(url_for("reports.report", number=number), 303)
