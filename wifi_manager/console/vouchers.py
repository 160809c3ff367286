"""Vouchers: batches and what is left of them; issuing and revoking for operators."""

import secrets
from datetime import timedelta

from flask import Blueprint, Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from wifi_manager.console import people
from wifi_manager.console.doors import needs
from wifi_manager.console.parts import parts
from wifi_manager.domain.days import end_of_day
from wifi_manager.domain.errors import BadInput, Conflict, NotFound, WifiError
from wifi_manager.domain.operators import Action
from wifi_manager.domain.vouchers import Allowance
from wifi_manager.services.vouchers import Issued
from wifi_manager.web import cards, forms, problems

pages = Blueprint("vouchers", __name__, template_folder="templates", url_prefix="/vouchers")
_MEGABYTE = 1_000_000
_HIGHEST = 10**9
_FIELDS = {
    "name": "",
    "count": "40",
    "plan": "",
    "uses": "1",
    "devices": "1",
    "until": "",
    "hours": "",
    "megabytes": "",
}


@pages.get("")
def page() -> ResponseReturnValue:
    """Every batch, and the form that issues another."""
    return _page(_FIELDS)


@pages.post("")
@needs(Action.CHANGE)
def issue() -> ResponseReturnValue:
    """Make a batch and answer with its cards, this once."""
    given = {name: forms.text(name) for name in _FIELDS}
    try:
        count = _whole("count", given["count"]) or 0
        issued = parts().vouchers.issue(given["name"], _allowance(given), count, people.operator().name)
    except (BadInput, Conflict, NotFound) as refused:
        return _page(given, refused), problems.status_of(refused)
    return _cards(issued)


@pages.post("/revoke")
@needs(Action.CHANGE)
def revoke() -> ResponseReturnValue:
    """Revoke a batch, or one of its codes by the number on its card."""
    name = forms.text("name")
    number = _whole("number", forms.text("number"))
    parts().vouchers.revoke(name, people.operator().name, number)
    flash(name if number is None else f"{name}, card {number}", "revoked")
    return redirect(url_for("vouchers.page"), 303)


def _page(given: dict[str, str], refused: WifiError | None = None) -> str:
    with parts().store.read() as tx:
        plans = list(tx.plans.all())
    return render_template(
        "console/vouchers.html",
        batches=parts().vouchers.all(),
        now=parts().clock.now(),
        limits=lambda allowance: cards.limits_in_words(allowance, parts().time_zone),
        plans=plans,
        given=given,
        refused=refused,
    )


def _cards(issued: Issued) -> Response:
    """The printable page, with a policy that allows its own style sheet."""
    nonce = secrets.token_urlsafe(16)
    made = [cards.Card(number, code) for number, code in enumerate(issued.codes, 1)]
    answer = make_response(cards.page(parts().cards, issued.batch, made, nonce))
    answer.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; base-uri 'none'; frame-ancestors 'none'"
    )
    return answer


def _allowance(given: dict[str, str]) -> Allowance:
    hours, megabytes = _whole("hours", given["hours"]), _whole("megabytes", given["megabytes"])
    return Allowance(
        plan=given["plan"] or None,
        uses=_whole("uses", given["uses"]),
        devices=_whole("devices", given["devices"]),
        good_until=end_of_day(given["until"], parts().time_zone) if given["until"] else None,
        lasts=None if hours is None else timedelta(hours=hours),
        volume_bytes=None if megabytes is None else megabytes * _MEGABYTE,
    )


def _whole(name: str, typed: str) -> int | None:
    """A whole number from 1 on, or None where nothing was typed. Raises BadInput."""
    if not typed:
        return None
    if not (typed.isascii() and typed.isdigit() and len(typed) < len(str(_HIGHEST)) and int(typed) > 0):
        raise BadInput(f"{name.capitalize()} is a whole number from 1 on; leave it empty for no limit.")
    return int(typed)
