"""Drift: which access points run something else than was committed, how it differs, and what to do about it."""

from collections.abc import Callable

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.days import end_of_day, last_day
from wifi_manager.domain.errors import BadInput, Conflict, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.web import forms, problems

pages = Blueprint("drifts", __name__, template_folder="templates", url_prefix="/drift")
_SHOWN = 200
_ONE = "/<path:external_id>"


@pages.get("")
def page() -> ResponseReturnValue:
    """What differs, the oldest on top; what is ignored stands last."""
    now = parts().clock.now()
    with parts().store.read() as tx:
        found = sorted(tx.drifts.all(), key=lambda each: (each.state(now), each.since))
    return render_template("console/drifts.html", found=found[:_SHOWN], total=len(found), now=now)


@pages.get(_ONE)
def drift(external_id: str) -> ResponseReturnValue:
    """One access point: its difference, and the three decisions."""
    return _page(external_id)


@pages.post(f"{_ONE}/adopt")
@needs(Action.CHANGE)
def adopt(external_id: str) -> ResponseReturnValue:
    """Propose what runs as its layer of intent."""
    return _decided(external_id, "drift-adopted", lambda: _adopted(external_id))


@pages.post(f"{_ONE}/restore")
@needs(Action.CHANGE)
def restore(external_id: str) -> ResponseReturnValue:
    """Propose a push of what is wanted."""
    return _decided(external_id, "drift-restored", lambda: _restored(external_id))


@pages.post(f"{_ONE}/ignore")
@needs(Action.CHANGE)
def ignore(external_id: str) -> ResponseReturnValue:
    """Let it stay for a while. What does not fit yet comes back as it was typed."""
    return _decided(external_id, "drift-ignored", lambda: _ignored(external_id))


def _adopted(external_id: str) -> str:
    made = parts().drifting.adopt(external_id, forms.text("why"), by=people.operator().name)
    return f"{made.version} of {made.scope}"


def _restored(external_id: str) -> str:
    return str(parts().drifting.restore(external_id, by=people.operator().name).number)


def _ignored(external_id: str) -> str:
    day = forms.text("until")
    if not day:
        raise BadInput("Choose the last day on which this may stay.")
    until = end_of_day(day, parts().time_zone)
    parts().drifting.ignore(external_id, until, forms.text("why"), by=people.operator().name)
    return external_id


def _decided(external_id: str, notice: str, decide: Callable[[], str]) -> ResponseReturnValue:
    try:
        flash(decide(), notice)
    except (BadInput, Conflict) as refused:
        return _page(external_id, refused), problems.status_of(refused)
    return redirect(url_for("drifts.drift", external_id=external_id), 303)


def _page(external_id: str, refused: WifiError | None = None) -> str:
    found, now = parts().drifting.get(external_id), parts().clock.now()
    return render_template(
        "console/drift.html",
        drift=found,
        state=found.state(now),
        ignored_day=last_day(found.ignored.until, parts().time_zone) if found.ignored else "",
        today=now.astimezone(parts().time_zone).date().isoformat(),
        typed={"why": forms.written("why"), "until": forms.written("until")},
        refused=refused,
    )
