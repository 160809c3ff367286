"""Rollouts: what each would change, how far it is, who needs somebody, and the buttons that steer it."""

from collections import Counter
from collections.abc import Collection
from datetime import timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.paging import PAGE_SIZE, Paging
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import Rollout, RolloutState, WaveStanding
from wifi_manager.services.rollouts import Rollouts
from wifi_manager.web import forms, problems

pages = Blueprint("rollouts", __name__, template_folder="templates", url_prefix="/rollouts")
_NUMBER = f"/<int(max={forms.HIGHEST_ROW}):number>"
_NEWEST = 50
_IN_TROUBLE = 20  # named on the rollout's own page; the report has all
_FOLLOW_SECONDS = 5
_MOVING = (RolloutState.PLANNING, RolloutState.RUNNING)
_SOAK_MINUTES, _MOST_SOAK_MINUTES = "2", 7 * 24 * 60
_STEER = {  # the buttons that ask for nothing more
    "approve": Rollouts.approve,
    "pause": Rollouts.pause,
    "resume": Rollouts.resume,
    "abort": Rollouts.abort,
}
# The parts of a bar, in their order: the class of each and what it counts.
_PARTS: tuple[tuple[str, tuple[PushState, ...]], ...] = (
    ("good", (PushState.COMMITTED, PushState.UNCHANGED)),
    ("bad", (PushState.UNDONE, PushState.REFUSED)),
    ("now", (PushState.RUNNING,)),
)


@pages.get("")
def page() -> ResponseReturnValue:
    """The newest rollouts, and the form that asks for one."""
    return _page()


@pages.post("")
@needs(Action.CHANGE)
def ask() -> ResponseReturnValue:
    """Have a worker plan what the layers in force would change."""
    typed = {"reason": forms.text("reason"), "soak": forms.text("soak")}
    try:
        number = parts().rollouts.ask(typed["reason"], _soak(typed["soak"]), by=people.operator().name)
    except BadInput as refused:
        return _page(typed, refused), problems.status_of(refused)
    return _back("rollout-asked", number)


@pages.get(_NUMBER)
def rollout(number: int) -> ResponseReturnValue:
    """One rollout; with `follow` the page comes again every few seconds while something moves."""
    return _follow(number, _rollout(number))


@pages.get(f"{_NUMBER}/access-points")
def members(number: int) -> ResponseReturnValue:
    """Every access point of it, or those alone that need somebody."""
    trouble, wanted = forms.query("only") == "trouble", forms.number("page", 1)
    with parts().store.read() as tx:
        found = tx.rollouts.get(number)
        paging = Paging(wanted, tx.rollouts.count(number, trouble=trouble))
        lines = tx.rollouts.members(number, trouble=trouble, limit=PAGE_SIZE, offset=paging.first_line - 1)
    return render_template("console/rollout_members.html", rollout=found, lines=lines, paging=paging, trouble=trouble)


@pages.get(f"{_NUMBER}/groups")
def groups(number: int) -> ResponseReturnValue:
    """What it changes: one line for all access points that change alike."""
    wanted = forms.number("page", 1)
    with parts().store.read() as tx:
        found, shown = tx.rollouts.get(number), tx.rollouts.shown(number)
        paging = Paging(wanted, tx.rollouts.group_count(number))
        lines = tx.rollouts.groups(number, PAGE_SIZE, paging.first_line - 1)
    return render_template("console/rollout_groups.html", rollout=found, shown=shown, groups=lines, paging=paging)


@pages.get(f"{_NUMBER}/groups/<int(max={forms.HIGHEST_ROW}):position>")
def group(number: int, position: int) -> ResponseReturnValue:
    """The difference line by line, keys masked, and whose it is."""
    wanted = forms.number("page", 1)
    with parts().store.read() as tx:
        found, chosen = tx.rollouts.get(number), tx.rollouts.group(number, position)
        paging = Paging(wanted, chosen.size)
        lines = tx.rollouts.members(number, group=position, limit=PAGE_SIZE, offset=paging.first_line - 1)
    return render_template("console/rollout_group.html", rollout=found, group=chosen, lines=lines, paging=paging)


@pages.post(f"{_NUMBER}/<any({', '.join(_STEER)}):deed>")
@needs(Action.CHANGE)
def steer(number: int, deed: str) -> ResponseReturnValue:
    """Let its first wave go, let no more begin, go on, or end it for good."""
    _STEER[deed](parts().rollouts, number, by=people.operator().name)
    return _back(f"rollout-{deed}", number)


@pages.post(f"{_NUMBER}/any-hour")
@needs(Action.CHANGE)
def any_hour(number: int) -> ResponseReturnValue:
    """Let it run outside maintenance windows too, for a reason."""
    try:
        parts().rollouts.ignore_windows(number, forms.text("reason"), by=people.operator().name)
    except BadInput as refused:
        return _rollout(number, refused), problems.status_of(refused)
    return _back("rollout-any-hour", number)


@pages.post(f"{_NUMBER}/undo")
@needs(Action.CHANGE)
def undo(number: int) -> ResponseReturnValue:
    """Have a worker plan the way back."""
    soak = _soak(forms.text("soak") or _SOAK_MINUTES)
    new = parts().rollouts.ask(f"undoes rollout {number}", soak, by=people.operator().name, undoes=number)
    return _back("rollout-asked", new)


def _page(typed: dict[str, str] | None = None, refused: WifiError | None = None) -> str:
    with parts().store.read() as tx:
        found = tx.rollouts.newest(_NEWEST)
    usual = {"reason": "", "soak": _SOAK_MINUTES}
    return render_template("console/rollouts.html", rollouts=found, typed=typed or usual, refused=refused)


def _rollout(number: int, refused: WifiError | None = None) -> str:
    with parts().store.read() as tx:
        found, standings = tx.rollouts.get(number), tx.rollouts.standings(number)
        shown, groups_count = tx.rollouts.shown(number), tx.rollouts.group_count(number)
        groups_first = tx.rollouts.groups(number, 5)
        trouble = tx.rollouts.members(number, trouble=True, limit=_IN_TROUBLE)
        in_trouble = tx.rollouts.count(number, trouble=True)
    return render_template(
        "console/rollout.html",
        rollout=found,
        waves=[(wave, each, _bar(each)) for wave, each in standings.items()],
        whole=_bar(_sum(standings.values())),
        totals=_sum(standings.values()),
        shown=shown,
        groups=groups_first,
        group_count=groups_count,
        trouble=trouble,
        in_trouble=in_trouble,
        moves=found.state in _MOVING,
        follows="follow" in request.args,
        must_be_another=_must_be_another(found),
        refused=refused,
    )


def _follow(number: int, text: str) -> Response:
    """A header and no script: the page comes again by itself only for whoever has asked for that."""
    response = make_response(text)
    if "follow" in request.args and parts().rollouts.standing(number)[0].state in _MOVING:
        response.headers["Refresh"] = str(_FOLLOW_SECONDS)
    return response


def _must_be_another(found: Rollout) -> bool:
    return parts().second_person and found.proposed_by == people.operator().name


def _sum(standings: Collection[WaveStanding]) -> WaveStanding:
    counts: Counter[PushState] = Counter()
    for each in standings:
        counts.update(each.counts)
    return WaveStanding(counts, sum(each.unreachable for each in standings), sum(each.waiting for each in standings))


def _bar(standing: WaveStanding) -> list[tuple[str, float, float]]:
    """(class, start, width) of each part of a bar, in per cent."""
    counted = [(name, sum(standing.counts.get(state, 0) for state in states)) for name, states in _PARTS]
    counted.append(("missed", standing.unreachable))
    made, start = [], 0.0
    for name, count in counted:
        width = 100 * count / max(standing.size, 1)
        if count:
            made.append((name, round(start, 2), round(width, 2)))
        start += width
    return made


def _soak(minutes: str) -> timedelta:
    if not (minutes.isascii() and minutes.isdecimal() and int(minutes) <= _MOST_SOAK_MINUTES):
        raise BadInput(f"Minutes between waves are a whole number from 0 to {_MOST_SOAK_MINUTES}.")
    return timedelta(minutes=int(minutes))


def _back(notice: str, number: int) -> ResponseReturnValue:
    flash(str(number), notice)
    return redirect(url_for("rollouts.rollout", number=number), 303)
