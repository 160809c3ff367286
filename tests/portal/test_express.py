"""What a crowd asks is answered without Flask, and nobody can tell the difference."""

import gzip
import json
import re

import pytest

from portal.app import create_app
from portal.express import Express
from tests.fakes.gateway import OTHER_PHONE, PHONE
from tests.portal.conftest import Phone, form_of
from wifi_manager.domain.addresses import MacAddress

DEVICES = (PHONE, OTHER_PHONE)
HEADERS = {
    "plain": {},
    "korean": {"Accept-Language": "ko-KR,ko;q=0.9"},
    "packed": {"Accept-Encoding": "gzip, br"},
    "refuses gzip": {"Accept-Encoding": "gzip;q=0"},
    "foreign form": {"Origin": "https://evil.example"},
    "another site's form": {"Sec-Fetch-Site": "cross-site"},
    "own form": {"Origin": "https://wifi.example"},
    "wants JSON": {"Accept": "application/json"},
}
QUERIES = (
    {},
    {"l": "ko"},
    {"l": "xx"},
    {"l": "<b>"},
    {"other": "1", "n": "%FF"},
    {"s": "damaged"},
    {"s": "\xe9"},
    {"s": ""},
)


STRANGE_TAPS = (
    {"data": {}},
    {"data": {"s": "damaged"}},
    {"data": {"s": "\xe9", "token": "\ud55c"}},
    {"data": b"s=\xff\xfe", "content_type": "application/x-www-form-urlencoded"},
    {"data": b"s=a&s=b&&=", "content_type": "application/x-www-form-urlencoded; charset=utf-8"},
    {"data": b"s=" + b"a" * 9000, "content_type": "application/x-www-form-urlencoded"},
    {"data": b'{"s": 1}', "content_type": "application/json"},
)


@pytest.fixture
def flask_phone(face, gateway, clock):
    """The same portal without what stands before Flask."""
    app = create_app(face)
    app.wsgi_app = app.wsgi_app.__self__.usual
    return Phone(app.test_client(use_cookies=False), gateway, clock)


def said(answer, ticket):
    """All of an answer but what is random in it: nonces, and the ticket."""
    nonce = re.search(r"'nonce-([^']+)'", answer.headers.get("Content-Security-Policy", ""))
    random = [each for each in (nonce and nonce[1], ticket) if each]
    data = answer.get_data()
    if answer.headers.get("Content-Encoding") == "gzip":
        random.append(answer.headers["Content-Length"])  # a nonce may be packed shorter than another one
        data = gzip.decompress(data)
    headers = [(name, _without(value, random)) for name, value in answer.headers]
    return answer.status, headers, _without(data.decode(), random)


def _without(text, random):
    for each in random:
        text = text.replace(each, "*" * len(each))
    return text


def test_the_first_page_is_the_one_that_flask_gives(phone, flask_phone):
    for headers, query in (*((each, {}) for each in HEADERS.values()), *(({}, each) for each in QUERIES)):
        ticket = phone.ticket()
        given = {"s": ticket, **query}
        found, wanted = (each.client.get("/", query_string=given, headers=headers) for each in (phone, flask_phone))
        assert said(found, ticket) == said(wanted, ticket), (headers, query)


def test_the_tap_is_answered_as_flask_answers_it(phone, flask_phone):
    for at, headers in enumerate(HEADERS.values()):
        answers = []
        for by, each in enumerate((phone, flask_phone)):
            ticket = each.ticket(device=MacAddress(bytes([2, 0, 0, 0, at, by])))
            action, fields = form_of(each.open("/", ticket), "/connect")
            answers.append(said(each.client.post(action, data=fields, headers=headers), ticket))
        assert answers[0] == answers[1], headers


def test_a_strange_tap_is_answered_as_flask_answers_it(phone, flask_phone):
    for sent in STRANGE_TAPS:
        found, wanted = (each.client.post("/connect", **sent) for each in (phone, flask_phone))
        assert found.status_code >= 400
        assert said(found, "") == said(wanted, ""), sent


def test_of_fields_that_come_twice_the_first_one_counts(phone):
    ticket = phone.ticket()
    assert phone.client.get(f"/?s={ticket}&s=damaged").status_code == 200
    assert phone.client.get(f"/?s=damaged&s={ticket}").status_code != 200


def test_a_fault_in_a_view_is_told_as_any_other(app, phone):
    express = app.wsgi_app.__self__

    def broken():
        raise RuntimeError("a fault")

    app.wsgi_app = Express(app, express.usual, {("GET", "/"): broken}, express.always, express.log)
    answer = phone.open("/", phone.ticket())
    assert answer.status_code == 500
    assert "X-Content-Type-Options" in answer.headers


def test_each_request_has_its_line_in_the_log_as_flask_would_write_it(logged, phone, flask_phone):
    lines = []
    for number, each in enumerate((phone, flask_phone)):
        before = len(logged.getvalue())
        each.submit(each.open("/", each.ticket(device=DEVICES[number])), "/connect")
        each.open("/", "damaged")
        lines.append([json.loads(line) for line in logged.getvalue()[before:].splitlines()])
    for line in (*lines[0], *lines[1]):
        del line["at"]
        assert line.pop("seconds") >= 0
    assert lines[0] == lines[1]
    assert [line["route"] for line in lines[0]] == ["/", "/connect", "/"]
