"""Accounts of residents, for operators: viewers see no names of citizens."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, Conflict, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.domain.vouchers import show_code
from wifi_manager.services.accounts import Opened
from wifi_manager.web import forms, problems

pages = Blueprint("accounts", __name__, template_folder="templates", url_prefix="/accounts")


@pages.get("")
@needs(Action.CHANGE)
def page() -> ResponseReturnValue:
    """Every account, and the form that opens one."""
    return _page()


@pages.post("")
@needs(Action.CHANGE)
def add() -> ResponseReturnValue:
    """Open an account and show its one-time code, this once."""
    name = forms.text("name")
    try:
        (opened,) = parts().accounts.add([name], people.operator().name)
    except (BadInput, Conflict) as refused:
        return _page(name, refused), problems.status_of(refused)
    return _code(opened)


@pages.post("/<int:number>/code")
@needs(Action.CHANGE)
def code(number: int) -> ResponseReturnValue:
    """Make another one-time code and show it, this once."""
    return _code(parts().accounts.renew_code(number, people.operator().name))


@pages.post("/<int:number>/disable")
@needs(Action.CHANGE)
def disable(number: int) -> ResponseReturnValue:
    """Shut an account out and end its visits."""
    parts().accounts.disable(number, people.operator().name)
    return _back("account_disabled", number)


@pages.post("/<int:number>/enable")
@needs(Action.CHANGE)
def enable(number: int) -> ResponseReturnValue:
    """Let it in again."""
    parts().accounts.enable(number, people.operator().name)
    return _back("account_enabled", number)


def _page(name: str = "", refused: WifiError | None = None) -> str:
    return render_template("console/accounts.html", accounts=parts().accounts.all(), name=name, refused=refused)


def _code(opened: Opened) -> str:
    return render_template("console/account_code.html", opened=opened, code=show_code(opened.code))


def _back(notice: str, number: int) -> ResponseReturnValue:
    flash(str(number), notice)
    return redirect(url_for("accounts.page"), 303)
