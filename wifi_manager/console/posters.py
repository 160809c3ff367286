"""The poster of a site: what shall stand on it, and the page to print."""

import secrets

from flask import Blueprint, Response, make_response, render_template, request
from flask.typing import ResponseReturnValue

from wifi_manager.console.parts import parts
from wifi_manager.domain.errors import BadInput, NotFound, WifiError
from wifi_manager.web import forms, problems
from wifi_manager.web.headers import CONTENT_SECURITY_POLICY
from wifi_manager.web.posters import Paper, Posters, Wanted

pages = Blueprint("posters", __name__, template_folder="templates", url_prefix="/posters")
_NONCE_BYTES = 16


@pages.get("")
def page() -> ResponseReturnValue:
    """What can be chosen, with the name of the network that cards have."""
    posters = _posters()
    site = (forms.query("district"), forms.query("site"))
    with parts().store.read() as tx:
        if tx.sites.get(site) is None:
            raise NotFound("There is no such site. Search for one of its access points in the fleet.")
    return _form(posters, Wanted(site, parts().cards.network, tuple(posters.languages)))


@pages.get("/print")
def printed() -> ResponseReturnValue:
    """The poster itself, or the form again with what does not fit."""
    posters, wanted = _posters(), _wanted()
    try:
        made = _made(posters, wanted)
    except BadInput as refused:
        return _form(posters, wanted, refused), problems.status_of(refused)
    return _alone(made, wanted.nonce)


def _wanted() -> Wanted:
    paper = request.args.get("paper", "")
    return Wanted(
        (forms.query("district"), forms.query("site")),
        forms.query("ssid"),
        tuple(request.args.getlist("language")),
        Paper(paper) if paper in tuple(Paper) else Paper.A4,
        secrets.token_urlsafe(_NONCE_BYTES),
    )


def _made(posters: Posters, wanted: Wanted) -> str:
    if not wanted.languages:
        raise BadInput("Choose a language, or several.")
    return posters.make(wanted)


def _form(posters: Posters, wanted: Wanted, refused: WifiError | None = None) -> str:
    return render_template(
        "console/poster.html", wanted=wanted, languages=posters.languages, papers=tuple(Paper), refused=refused
    )


def _alone(made: str, nonce: str) -> Response:
    """A page of its own with a style of its own: the console's sheet is for screens."""
    answer = make_response(made)
    policy = CONTENT_SECURITY_POLICY.replace("style-src 'self'", f"style-src 'nonce-{nonce}'")
    answer.headers["Content-Security-Policy"] = policy
    return answer


def _posters() -> Posters:
    found = parts().posters
    if found is None:
        raise NotFound("The portal, which makes posters, is not installed on this machine. Ask whoever installed it.")
    return found
