"""In and out."""

from urllib.parse import urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs, open_to_all
from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import Forbidden, TooManyTries
from wifi_manager.domain.operators import Action
from wifi_manager.web import forms, problems

pages = Blueprint("sign_in", __name__, template_folder="templates")


@pages.get("/sign-in")
@open_to_all
def form() -> ResponseReturnValue:
    """The sign-in page."""
    if people.somebody():
        return redirect(url_for("overview.page"), 303)
    return render_template("console/sign_in.html", wanted=_local(forms.query("next", 2000)))


@pages.post("/sign-in")
@open_to_all
def enter() -> ResponseReturnValue:
    """Check name and password; every failure is told in the same words."""
    name, wanted = forms.text("name"), _local(forms.text("next", 2000))
    try:
        proved = parts().staffing.sign_in(name.lower(), forms.password("password"), request.remote_addr or "")
    except (Forbidden, TooManyTries) as refused:
        page = render_template("console/sign_in.html", wanted=wanted, name=name, refused=refused)
        return page, problems.status_of(refused)
    people.sign_in(proved)
    return redirect(wanted or url_for("overview.page"), 303)


@pages.post("/sign-out")
@needs(Action.VIEW)
def leave() -> ResponseReturnValue:
    """End this browser's cookie."""
    people.sign_out()
    return redirect(url_for("sign_in.form"), 303)


@pages.get("/healthz")
@open_to_all
def health() -> ResponseReturnValue:
    """For balancers: 200 when the database answers, 503 when not."""
    with parts().store.read():
        return {"status": "ok"}


def _local(address: str) -> str:
    """The address if it is a path of the console, or nothing: nobody is sent to another site after signing in."""
    found = urlsplit(address)
    is_path = address.startswith("/") and not address.startswith(("//", "/\\"))
    return address if is_path and not found.netloc and not found.scheme else ""
