"""Changes of access points: what is asked for, what became of it, and the two buttons before a worker takes it."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.operators import Action
from wifi_manager.domain.pushes import PushState
from wifi_manager.web import forms

pages = Blueprint("pushes", __name__, template_folder="templates", url_prefix="/pushes")
PAGE_SIZE = 50
_NUMBER = f"/<int(max={forms.HIGHEST_ROW}):number>"


@pages.get("")
def page() -> ResponseReturnValue:
    """A page of the city's pushes, the newest first; `before` is where the page before it ended."""
    state, before = _state(), forms.number("before", 0, forms.HIGHEST_ROW)
    with parts().store.read() as tx:
        found = tx.pushes.newest(PAGE_SIZE + 1, state=state, before=before or None)
        counts = tx.pushes.counts()
    return render_template(
        "console/pushes.html",
        pushes=found[:PAGE_SIZE],
        older=found[PAGE_SIZE - 1].number if len(found) > PAGE_SIZE else None,
        before=before,
        chosen=state,
        counts=[(each, counts.get(each, 0)) for each in PushState],
        total=sum(counts.values()),
    )


@pages.post(f"{_NUMBER}/approve")
@needs(Action.CHANGE)
def approve(number: int) -> ResponseReturnValue:
    """Let a worker carry it out."""
    parts().changes.approve(number, by=people.operator().name)
    return _back("approved", number)


@pages.post(f"{_NUMBER}/cancel")
@needs(Action.CHANGE)
def cancel(number: int) -> ResponseReturnValue:
    """Take it back."""
    parts().changes.cancel(number, by=people.operator().name)
    return _back("cancelled", number)


def _state() -> PushState | None:
    wanted = forms.query("state")
    try:
        return PushState(wanted) if wanted else None
    except ValueError as unknown:
        raise BadInput(f"A push is one of {', '.join(PushState)}. Go back and choose one.") from unknown


def _back(notice: str, number: int) -> ResponseReturnValue:
    flash(str(number), notice)
    return redirect(url_for("pushes.page"), 303)
