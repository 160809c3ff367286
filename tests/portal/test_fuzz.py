"""Whatever is sent to any page of the portal: an answer in words, never an accident, and nothing of it is believed.

The routes are those of the application, so a new page is fuzzed from its first day.
"""

import re
from dataclasses import dataclass, replace
from http import HTTPStatus

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from portal.app import create_app
from portal.face import Face
from portal.forms import FormTokens
from portal.identity import configured
from tests.builders import A_MASTER_KEY
from tests.portal.conftest import CITY, PORTAL
from wifi_manager.domain.errors import Forbidden
from wifi_manager.domain.visits import Method
from wifi_manager.settings import Settings
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow  # thousands of requests

EVIL = "evil.example"
MARK = "<q7x'\">"  # would be seen in a page that does not escape it
TARGETS = (
    f"https://{EVIL}/",
    f"//{EVIL}/",
    f"///{EVIL}",
    f"/\\{EVIL}",
    f"\\\\{EVIL}",
    f"https:{EVIL}",
    f"/%2f{EVIL}",
    f"%2f%2f{EVIL}",
    f"/..//{EVIL}",
    f"\t//{EVIL}",
    f"https://wifi.example@{EVIL}/",
    f"https://wifi.example.{EVIL}",
    f"http://[::1]@{EVIL}",
    f"//{EVIL}%00.wifi.example",
    f"javascript:alert('{EVIL}')",
    f"data:text/html,{EVIL}",
    f"/\r\nLocation: https://{EVIL}/",
)
NASTY = (
    MARK,
    f'"><script>alert("{MARK}")</script>',
    "\r\nSet-Cookie: a=b",
    "'; DROP TABLE visit; --",
    "{{7*7}}",
    "%s%n",
    "\0",
    "\u202e\ufffd",
    "../../etc/passwd",
    "9" * 400,
    "-1",
    "1e999",
    "NaN",
    "AA.AAAA",
    "é.ü",
    "\N{SNOWMAN}" * 50,
    "A" * 6000,
)
FIELDS = (
    *("s", "l", "n", "v", "token", "terms", "language", "url", "next", "userurl", "continue", "code", "number"),
    *("phone", "name", "password", "email", "state", "iss", "plan", "text", "kind", "id"),
)
HEADERS = (
    *("Host", "X-Forwarded-Host", "X-Forwarded-For", "X-Forwarded-Proto", "Forwarded", "X-Real-IP", "X-Original-URL"),
    *("Origin", "Referer", "Sec-Fetch-Site", "Accept", "Accept-Language", "Content-Type", "Cookie", "User-Agent"),
    *("X-HTTP-Method-Override", "Range", "If-None-Match"),
)
METHODS = ("GET", "HEAD", "POST", "OPTIONS", "PUT", "PATCH", "DELETE", "TRACE")
DEEDS = (("connect", "2026-11", "en"), ("sign-out",), ("erase",))
WORDS = st.sampled_from((*TARGETS, *NASTY)) | st.text(st.characters(codec="utf-8"), max_size=40)
TOKENS = FormTokens(Vault(A_MASTER_KEY, CITY.slug), PORTAL.public_url)
QUICK, LONG = 150, 20_000


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, as the portal's server would hand it on."""

    method: str
    path: str
    query: dict[str, str]
    body: dict[str, str] | bytes
    headers: dict[str, str]


@pytest.fixture
def fuzzed(face: Face) -> Flask:
    """The portal with all the ways in that need no settings; it waits for no gateway."""
    ways = configured.ways(Settings(city=CITY, portal=PORTAL))
    admission = replace(face.admission, ways=(Method.CLICK_THROUGH, *ways), patience_seconds=0.0)
    return create_app(replace(face, admission=admission), ways)


@st.composite
def requests(draw: st.DrawFn, rules: list[Rule], tickets: list[str], forms: list[dict[str, str]]) -> Asked:
    """Anything to one of these routes; some of it as if it came from a page of ours."""
    rule = draw(st.sampled_from(rules))
    path = re.sub(r"<[^<>]+>", lambda _: draw(WORDS) or "x", rule.rule)
    path += draw(st.just("") | st.sampled_from(("/", "//", "/..", "%2e", *TARGETS)))
    filled = st.dictionaries(st.sampled_from(FIELDS), WORDS | st.sampled_from(tickets), max_size=6)
    query, form = draw(filled), draw(filled)
    if draw(st.booleans()):
        query["s"] = draw(st.sampled_from(tickets))
        form = {**form, **draw(st.sampled_from(forms))}
    headers = draw(st.dictionaries(st.sampled_from(HEADERS), WORDS, max_size=4))
    return Asked(
        method=draw(st.sampled_from((*sorted(rule.methods or ()), *METHODS))),
        path=path,
        query=query,
        body=draw(st.just(form) | st.binary(max_size=200)),
        headers={name: re.sub(r"[^\x20-\x7e]", "", value)[:500] for name, value in headers.items()},
    )


def good_form(face: Face, ticket: str, deed: tuple[str, ...]) -> dict[str, str]:
    """What a page of ours would send for this device and this deed."""
    token = face.forms.make(face.admission.asking(ticket), *deed)
    return {"s": ticket, "token": token, "terms": "2026-11", "language": "en"}


def answer_to(app: Flask, asked: Asked) -> TestResponse:
    return app.test_client(use_cookies=False).open(
        "/",
        method=asked.method,
        query_string=asked.query,
        data=asked.body,
        headers=asked.headers,
        environ_overrides={"PATH_INFO": asked.path.encode().decode("latin-1")},
    )


def is_ours(location: str) -> bool:
    """A path of this portal's: no scheme, no host, and nothing that a browser takes for one."""
    return (
        location.startswith("/") and not location.startswith(("//", "/\\")) and EVIL not in location.partition("?")[0]
    )


FOR_EVERYBODY = {"text/csv", "application/geo+json"}  # open data: the same for all, so it may be kept for a minute


def check(answer: TestResponse) -> None:
    """What holds for every answer (503: who is needed is away)."""
    assert (
        answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR or answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    )
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "no-store" in answer.headers["Cache-Control"] or answer.mimetype in FOR_EVERYBODY
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=")
    assert "Set-Cookie" not in answer.headers
    for name in ("Location", "Content-Location", "Refresh"):
        assert name not in answer.headers or is_ours(answer.headers[name]), answer.headers[name]
    assert MARK not in answer.text
    assert not re.search(rf"(href|src|action|content)=[\"']?[^\"'?]*{EVIL}", answer.text)
    assert '="javascript:' not in answer.text  # a report's form gives back what was typed, as text


@pytest.mark.parametrize("examples", [QUICK, pytest.param(LONG, marks=[pytest.mark.soak, pytest.mark.timeout(3600)])])
def test_s1_s7_s9_no_request_to_any_page_is_an_accident_leads_away_or_comes_back_unescaped(
    fuzzed, face, gateway, clock, examples
):
    rules = sorted(fuzzed.url_map.iter_rules(), key=str)
    tickets = [gateway.ticket(clock.now()) for _ in range(4)]
    forms = [good_form(face, ticket, deed) for ticket in tickets for deed in DEEDS]

    @settings(max_examples=examples, suppress_health_check=list(HealthCheck), database=None)
    @given(requests(rules, tickets, forms))
    def ask(asked: Asked) -> None:
        check(answer_to(fuzzed, asked))

    ask()


@pytest.mark.slow
def test_s1_s7_s9_every_page_is_asked_with_every_open_redirect_and_every_nasty_word(fuzzed, gateway, clock):
    ticket, claims = gateway.ticket(clock.now()), {"Host": EVIL, "X-Forwarded-Host": EVIL, "Referer": f"//{EVIL}/"}
    for rule in fuzzed.url_map.iter_rules():
        path = re.sub(r"<[^<>]+>", "x", rule.rule)
        for word in (*TARGETS, *NASTY):
            given_ticket = {**dict.fromkeys(FIELDS, word), "s": ticket}
            check(answer_to(fuzzed, Asked("GET", path, given_ticket, b"", claims)))
            check(answer_to(fuzzed, Asked("POST", path, {"l": word, "n": word}, given_ticket, claims)))
        check(answer_to(fuzzed, Asked("GET", path, dict.fromkeys(FIELDS, MARK), b"", claims)))


_DEEDS = st.lists(st.text(max_size=12), min_size=1, max_size=3)


@dataclass(frozen=True, slots=True)
class Nonce:
    """As much of a ticket as a token is made of."""

    nonce: str


@given(_DEEDS, _DEEDS, st.text("0123456789abcdef", min_size=24, max_size=24))
def test_s3_a_forms_token_is_good_for_its_own_deed_and_its_own_device_alone(deed, other, nonce):
    mine, others = Nonce("0" * 23 + "g"), Nonce(nonce)

    assert TOKENS.make(mine, *deed) == TOKENS.make(mine, *deed)
    assert TOKENS.make(mine, *deed) != TOKENS.make(others, *deed)
    assert (TOKENS.make(mine, *deed) == TOKENS.make(mine, *other)) == (deed == other)


@given(WORDS)
def test_s3_no_made_up_token_is_taken(token):
    asked = Flask("tokens").test_request_context("/connect", method="POST", data={"token": token})
    with asked, pytest.raises(Forbidden):
        TOKENS.check(Nonce("0" * 24), "connect")
