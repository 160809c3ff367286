"""One's own password."""

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, Forbidden, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.services.staffing import SHORTEST_PASSWORD, SignedIn
from wifi_manager.web import forms, problems

pages = Blueprint("account", __name__, template_folder="templates", url_prefix="/account")


@pages.get("")
def page() -> ResponseReturnValue:
    """Who one is, and the form for a new password."""
    return _page()


@pages.post("")
@needs(Action.VIEW)
def change_password() -> ResponseReturnValue:
    """Set a new password; other browsers of this operator are signed out."""
    me = people.operator()
    try:
        stamp = parts().staffing.change_password(me.name, forms.password("current"), forms.password("wanted"))
    except (BadInput, Forbidden) as refused:
        return _page(refused), problems.status_of(refused)
    people.sign_in(SignedIn(me, stamp))
    flash("", "password")
    return redirect(url_for("account.page"), 303)


def _page(refused: WifiError | None = None) -> str:
    return render_template("console/account.html", refused=refused, shortest=SHORTEST_PASSWORD)
