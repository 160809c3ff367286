"""What is wanted on access points: layers and their versions, and each value of one access point with its origin."""

from dataclasses import dataclass, replace

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, NotFound, WifiError
from wifi_manager.domain.intent_layers import LayerState, LayerVersion, Level, Scope
from wifi_manager.domain.intent_values import ShownValue, holds_secrets, shown_and_raw, values
from wifi_manager.domain.operators import Action
from wifi_manager.web import forms, problems

pages = Blueprint("intents", __name__, template_folder="templates", url_prefix="/intents")
_LONGEST_LAYER = 20_000


@pages.get("")
def page() -> ResponseReturnValue:
    """What waits for approval, and what is in force."""
    with parts().vaulted.read() as tx:
        waiting, in_force = tx.intents.waiting(), tx.intents.in_force()
    order = sorted(in_force.values(), key=lambda each: (list(Level).index(each.scope.level), each.scope.name))
    return render_template("console/intents.html", waiting=waiting, in_force=order)


@pages.get("/layer")
def layer() -> ResponseReturnValue:
    """One layer: a version of it, how it differs from the one in force, and all versions."""
    return _layer(Scope.parse(forms.query("scope")), forms.number("version", 0) or None)


@pages.get("/of")
def of() -> ResponseReturnValue:
    """Every value that is wanted on one access point, with the layer it is from."""
    name = forms.query("access_point")
    point = parts().intents.access_point(name)
    combined = parts().intents.wants().of(point)
    wrong = ""
    try:
        combined.intent()
    except BadInput as refused:
        wrong = str(refused)
    return render_template("console/intent_of.html", point=point, values=values(combined), wrong=wrong)


@pages.post("/propose")
@needs(Action.CHANGE)
def propose() -> ResponseReturnValue:
    """Propose a version; what was typed is never lost."""
    scope = Scope.parse(forms.text("scope"))
    typed = {"text": forms.written("text"), "reason": forms.text("reason")}
    try:
        text = forms.paragraphs("text", _LONGEST_LAYER)
        new = parts().intents.propose(scope, f"{text}\n", typed["reason"], by=people.operator().name)
    except (BadInput, NotFound) as refused:
        return _layer(scope, None, typed, refused), problems.status_of(refused)
    return _back("layer-proposed", new.scope, new.version)


@pages.post("/approve")
@needs(Action.CHANGE)
def approve() -> ResponseReturnValue:
    """Let a version hold."""
    scope, version = Scope.parse(forms.text("scope")), _version()
    parts().intents.approve(scope, version, by=people.operator().name)
    return _back("layer-approved", scope, version)


@pages.post("/withdraw")
@needs(Action.CHANGE)
def withdraw() -> ResponseReturnValue:
    """Take a version back."""
    scope, version = Scope.parse(forms.text("scope")), _version()
    parts().intents.withdraw(scope, version, by=people.operator().name)
    return _back("layer-withdrawn", scope, version)


def _layer(
    scope: Scope, version: int | None, typed: dict[str, str] | None = None, refused: WifiError | None = None
) -> str:
    with parts().vaulted.read() as tx:
        history = tx.intents.history(scope)
    chosen = next((each for each in history if version in {None, each.version}), None)
    if version is not None and chosen is None:
        raise NotFound(f"{scope} has no version {version}.")
    in_force = next((each for each in history if each.state is LayerState.APPROVED), None)
    return render_template(
        "console/intent_layer.html",
        scope=scope,
        history=history,
        chosen=chosen,
        in_force=in_force,
        changes=_changes(in_force, chosen),
        hides=chosen is not None and holds_secrets(chosen.layer()),
        typed=typed or {"text": "", "reason": ""},
        refused=refused,
    )


@dataclass(frozen=True, slots=True)
class _Line:
    """A value of a version. `was`: in the version in force, None where it has none; a changed key is not shown."""

    value: ShownValue
    was: str | None
    is_new: bool


def _changes(before: LayerVersion | None, after: LayerVersion | None) -> list[_Line]:
    """The values of a version beside those in force, and after them those that would go."""
    if after is None:
        return []
    old, new = ({} if each is None else shown_and_raw(each.layer()) for each in (before, after))
    lines = [
        _Line(value, old[path][0].text if path in old else None, path not in old or old[path][1] != raw)
        for path, (value, raw) in new.items()
    ]
    gone = [replace(value, text="") for path, (value, _) in old.items() if path not in new]
    return [*lines, *(_Line(value, old[value.path][0].text, is_new=True) for value in gone)]


def _version() -> int:
    typed = forms.text("version", 15)
    if not (typed.isascii() and typed.isdecimal()):
        raise BadInput("A version is a whole number. Go back and use a button of the page.")
    return int(typed)


def _back(notice: str, scope: Scope, version: int) -> ResponseReturnValue:
    flash(f"Version {version} of {scope}", notice)
    return redirect(url_for("intents.layer", scope=str(scope), version=version), 303)
