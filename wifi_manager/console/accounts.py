"""Accounts of residents, for operators: viewers see no names of citizens."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, Conflict, NotFound, WifiError
from wifi_manager.domain.mails import LONGEST_ADDRESS
from wifi_manager.domain.operators import Action
from wifi_manager.domain.vouchers import show_code
from wifi_manager.services.accounts import Opened
from wifi_manager.web import forms, problems

pages = Blueprint("accounts", __name__, template_folder="templates", url_prefix="/accounts")
_NUMBER = f"/<int(max={forms.HIGHEST_ROW}):number>"


@pages.get("")
@needs(Action.CHANGE)
def page() -> ResponseReturnValue:
    """Every account, and the form that opens one."""
    return _page()


@pages.post("")
@needs(Action.CHANGE)
def add() -> ResponseReturnValue:
    """Open an account and show its one-time code, this once."""
    name, address = forms.text("name"), forms.text("address", LONGEST_ADDRESS)
    try:
        (opened,) = parts().accounts.add([f"{name},{address}" if address else name], people.operator().name)
    except (BadInput, Conflict) as refused:
        return _page(name, refused, address), problems.status_of(refused)
    return _code(opened)


@pages.get(f"{_NUMBER}/address")
@needs(Action.CHANGE)
def address(number: int) -> ResponseReturnValue:
    """The form for the mail address on record, which itself is shown nowhere."""
    return _address(number)


@pages.post(f"{_NUMBER}/address")
@needs(Action.CHANGE)
def set_address(number: int) -> ResponseReturnValue:
    """Put a mail address on record, or none."""
    typed = request.form.get("address", "")[: LONGEST_ADDRESS + 1]
    try:
        parts().accounts.set_address(number, typed, people.operator().name)
    except BadInput as refused:
        return _address(number, typed, refused), problems.status_of(refused)
    return _back("account_address", number)


@pages.post(f"{_NUMBER}/code")
@needs(Action.CHANGE)
def code(number: int) -> ResponseReturnValue:
    """Make another one-time code and show it, this once."""
    return _code(parts().accounts.renew_code(number, people.operator().name))


@pages.post(f"{_NUMBER}/disable")
@needs(Action.CHANGE)
def disable(number: int) -> ResponseReturnValue:
    """Shut an account out and end its visits."""
    parts().accounts.disable(number, people.operator().name)
    return _back("account_disabled", number)


@pages.post(f"{_NUMBER}/enable")
@needs(Action.CHANGE)
def enable(number: int) -> ResponseReturnValue:
    """Let it in again."""
    parts().accounts.enable(number, people.operator().name)
    return _back("account_enabled", number)


def _page(name: str = "", refused: WifiError | None = None, address: str = "") -> str:
    return render_template(
        "console/accounts.html",
        accounts=parts().accounts.all(),
        name=name,
        address=address,
        refused=refused,
    )


def _address(number: int, typed: str = "", refused: WifiError | None = None) -> str:
    found = next((each for each in parts().accounts.all() if each.number == number), None)
    if found is None:
        raise NotFound(f"There is no account {number}. Look in the list of accounts.")
    return render_template("console/account_address.html", account=found, typed=typed, refused=refused)


def _code(opened: Opened) -> str:
    return render_template("console/account_code.html", opened=opened, code=show_code(opened.code))


def _back(notice: str, number: int) -> ResponseReturnValue:
    flash(str(number), notice)
    return redirect(url_for("accounts.page"), 303)
