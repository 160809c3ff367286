"""Makes each page in one piece: texts in the citizen's language, its style inside, a policy that allows no more."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache, partial
from html import escape
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header

from portal import asked, device, packing, said
from portal.asked import Answer
from portal.catalogue import Catalogue
from portal.looks import Looks, kind_of, spoken
from portal.sheets import Sheets
from wifi_manager.web import assets, locale
from wifi_manager.web.problems import Problem

LANGUAGE = "l"  # in the query: a choice is kept in links, for there is no cookie
_LONGEST_HEADER = 1000  # characters of Accept-Encoding; a browser's own is below 50
_MOST_HEADERS = 256  # remembered
_LANGUAGE_TAG = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
_SHEETS = (assets.TOKENS, assets.COMPONENTS, Path(__file__).parent / "static" / "portal.css")
_TICKET_STATUSES = {HTTPStatus.BAD_REQUEST, HTTPStatus.FORBIDDEN, HTTPStatus.UNPROCESSABLE_ENTITY}
_BUSY_STATUSES = {HTTPStatus.CONFLICT, HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE}


@dataclass(frozen=True, slots=True)
class Pages:
    """What all pages share. `fresh_ticket_url` is where a phone gets a new link from its gateway."""

    zone: ZoneInfo
    catalogues: Mapping[str, Catalogue]  # the first one serves whoever asks for none
    fresh_ticket_url: str
    contact: str  # whom citizens ask; empty: the staff of the place
    style: str
    looks: Looks
    guardian_below: int = 0  # years of age: whoever is younger is told to leave what is optional out
    finds: bool = False  # there is a page that finds other places with Wi-Fi
    sheets: Sheets = field(default_factory=Sheets)

    def say(self) -> Catalogue:
        """The catalogue of this request's language: chosen in the query, else what the browser asks for."""
        now = asked.now()
        say: Catalogue | None = now.kept.get("say")
        if say is None:
            tag = locale.negotiate(now.header("Accept-Language", ""), tuple(self.catalogues))
            say = now.kept["say"] = self.catalogues.get(_chosen()) or self.catalogues[tag]
        return say

    def show(self, name: str, **values: object) -> Answer:
        """The page `portal/<name>.html` with these values."""
        say, nonce = self.say(), secrets.token_urlsafe(16)
        page = self._render(name, say, {"nonce": nonce, "ticket": _ticket(), **values}).encode()
        packed = _takes_packed()
        return _answer(say, nonce, packing.whole(page) if packed else page, packed=packed)

    def show_sheet(self, name: str, blanks: Mapping[str, str], kind: str = "", **values: object) -> Answer:
        """The same for a page that many ask for: `values` are settled by its kind, the blanks differ."""
        say, nonce = self.say(), secrets.token_urlsafe(16)
        chosen, packed = _chosen(), _takes_packed()
        if chosen and chosen not in self.catalogues:
            return self.show(name, **blanks, **values)  # made-up languages cost no memory
        fill = self.sheets.packed if packed else self.sheets.fill
        page = fill(
            (name, kind, _here(), say.tag, chosen, self.looks.here().key),
            {"nonce": nonce, "ticket": _ticket(), **blanks},
            lambda filled: self._render(name, say, {**values, **filled}),
        )
        return _answer(say, nonce, page, packed=packed)

    def _render(self, name: str, say: Catalogue, values: Mapping[str, Any]) -> str:
        return asked.now().render(
            f"portal/{name}.html",
            name=name,
            pages=self,
            say=say,
            link=partial(_linked, str(values["ticket"])),
            here=_here(),
            said=said,
            look=self.looks.here(),
            kind_of=kind_of,
            spoken=partial(spoken, wanted=say.tag, first=next(iter(self.catalogues))),
            say_bytes=partial(said.volume, say=say),
            **values,
        )

    def problem(self, problem: Problem) -> Answer:
        """What went wrong and what to do next, in the citizen's own language."""
        return self.show("problem", problem=problem, kind=_kind_of(problem.status))


def style() -> str:
    """The style sheet that stands inside every page. Raises OSError when a part of it cannot be read."""
    return assets.joined(_SHEETS)


def see(path: str, ticket: str = "") -> Answer:
    """303 See Other (RFC 9110 section 15.4.4) to a path of ours: a full navigation, so that phones look again."""
    there = _linked(ticket, path)
    link = escape(there)
    body = f'<!doctype html>\n<html lang=en>\n<title>See other</title>\n<p><a href="{link}">{link}</a>\n'
    return Answer(body, HTTPStatus.SEE_OTHER, {"Location": there})


def _linked(shown: str, path: str, ticket: str | None = None, **more: object) -> str:
    """A path of ours that keeps the shown ticket (or the given one) and the chosen language."""
    kept = {device.FIELD: shown if ticket is None else ticket, LANGUAGE: _chosen()}
    query = urlencode({name: value for name, value in {**kept, **more}.items() if value})
    return f"{path}?{query}" if query else path


def _takes_packed() -> bool:
    """Whether the phone reads gzip (RFC 9110 section 12.5.3)."""
    return _has_gzip(asked.now().header("Accept-Encoding", "")[:_LONGEST_HEADER])


@lru_cache(_MOST_HEADERS)
def _has_gzip(accept_encoding: str) -> bool:
    accepted: Accept = parse_accept_header(accept_encoding)
    return accepted.quality("gzip") > 0


def _answer(say: Catalogue, nonce: str, page: str | bytes, *, packed: bool) -> Answer:
    headers = {
        "Vary": "Accept-Encoding, Accept-Language",
        **({"Content-Encoding": "gzip"} if packed else {}),
        "Content-Security-Policy": _policy(nonce),
        "Content-Language": say.tag,
    }
    return Answer(page, HTTPStatus.OK, headers)


def _ticket() -> str:
    """The ticket that the links of a page go on with."""
    return asked.now().query.get(device.FIELD, "")


def _chosen() -> str:
    """The language that the query names, if it could be one."""
    tag = asked.now().query.get(LANGUAGE, "")
    return tag if _LANGUAGE_TAG.fullmatch(tag) else ""


def _here() -> str:
    """Where the language links lead: this page, named by its rule and never by what somebody typed."""
    now = asked.now()
    return now.route if now.route and now.method == "GET" else "/"


def _policy(nonce: str) -> str:
    return (
        f"default-src 'none'; style-src 'nonce-{nonce}'; img-src data:; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    )


def _kind_of(status: HTTPStatus) -> str:
    if status in _TICKET_STATUSES:
        return "ticket"
    if status in _BUSY_STATUSES:
        return "busy"
    return "missing" if status < HTTPStatus.INTERNAL_SERVER_ERROR else "broken"
