"""Operators, for admins."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, Conflict, WifiError
from wifi_manager.domain.operators import Action, Role
from wifi_manager.web import forms, problems

pages = Blueprint("operators", __name__, template_folder="templates", url_prefix="/operators")


@pages.get("")
@needs(Action.ADMINISTER)
def page() -> ResponseReturnValue:
    """Everybody, and the form that adds somebody."""
    return _page()


@pages.post("")
@needs(Action.ADMINISTER)
def add() -> ResponseReturnValue:
    """Add somebody and show their password, this once."""
    name, role = forms.text("name").lower(), _role()
    try:
        password = parts().staffing.add(name, role, _actor())
    except (BadInput, Conflict) as refused:
        return _page(name=name, refused=refused), problems.status_of(refused)
    return render_template("console/password.html", name=name, password=password)


@pages.post("/<name>/role")
@needs(Action.ADMINISTER)
def set_role(name: str) -> ResponseReturnValue:
    """Give another role."""
    role = _role()
    parts().staffing.set_role(name, role, _actor())
    return _back("role", name)


@pages.post("/<name>/disable")
@needs(Action.ADMINISTER)
def disable(name: str) -> ResponseReturnValue:
    """Shut somebody out."""
    parts().staffing.disable(name, _actor())
    return _back("disabled", name)


@pages.post("/<name>/enable")
@needs(Action.ADMINISTER)
def enable(name: str) -> ResponseReturnValue:
    """Let somebody in again."""
    parts().staffing.enable(name, _actor())
    return _back("enabled", name)


@pages.post("/<name>/password")
@needs(Action.ADMINISTER)
def reset_password(name: str) -> ResponseReturnValue:
    """Make a new password and show it, this once."""
    password = parts().staffing.reset_password(name, _actor())
    return render_template("console/password.html", name=name, password=password)


def _page(name: str = "", refused: WifiError | None = None) -> str:
    everybody = parts().staffing.all()
    return render_template(
        "console/operators.html", everybody=everybody, roles=list(Role), name=name, refused=refused
    )


def _role() -> Role:
    try:
        return Role(forms.text("role"))
    except ValueError as unknown:
        raise BadInput(f"A role is one of {', '.join(Role)}. Go back and choose one.") from unknown


def _actor() -> str:
    return people.operator().name


def _back(notice: str, name: str) -> ResponseReturnValue:
    flash(name, notice)
    return redirect(url_for("operators.page"), 303)
