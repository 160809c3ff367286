"""The pages of ways in for crowds, before Flask and by Flask: alike in every byte, from the first page to the last."""

import pytest
from werkzeug.test import Client

from tests.portal.conftest import Phone, form_of
from tests.portal.gallery import A_NUMBER, EVERY_WAY, NO_VOUCHER
from tests.portal.stage import stage_of
from tests.portal.test_express import HEADERS, QUERIES, said

PAGES = ("/", "/connecting", "/connected", "/voucher", "/sms")
CODES = {"wrong": "123456", "short": "12", "strange": "\u0661\u0662\u0663 \ud55c", "empty": "", "long": "9" * 5000}


@pytest.fixture
def stage(face, gateway, clock, tmp_path):
    stage = stage_of(face, gateway, clock, tmp_path)
    stage.offer(*EVERY_WAY)
    return stage


@pytest.fixture
def express(stage):
    return stage.app.wsgi_app.__self__


@pytest.fixture
def phones(stage, express):
    """One that is answered before Flask, and one that never is."""
    return [
        Phone(Client(each, stage.app.response_class, use_cookies=False), stage.gateway, stage.clock)
        for each in (express, express.usual)
    ]


def test_all_that_a_crowd_asks_is_answered_before_flask(express):
    assert {path for method, path in express.views if method == "GET"} == set(PAGES)
    assert {path for method, path in express.views if method == "POST"} == {"/connect", "/voucher", "/sms/code"}


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("tapped", ["not yet", "waits for the gateway", "is online"])
def test_a_page_is_the_one_that_flask_gives(phones, stage, path, tapped):
    if tapped != "not yet":
        phones[0].submit(phones[0].open("/", phones[0].ticket()), "/connect")
    if tapped == "is online":
        stage.gateway.acknowledge()
    asked = (
        *((each, {}) for each in HEADERS.values()),
        *(({}, each) for each in (*QUERIES, {"n": "7"}, {"n": "-1"})),
    )
    for headers, query in asked:
        ticket = phones[0].ticket()
        given = {"s": ticket, **query}
        found, wanted = (each.client.get(path, query_string=given, headers=headers) for each in phones)
        assert said(found, ticket) == said(wanted, ticket), (headers, query)


def refusals(phones, page, action, code):
    """What each of the phones reads after the same device has typed this code there."""
    ticket = phones[0].ticket()
    for each in phones:
        there, given = form_of(each.open(page, ticket), action)
        yield said(each.client.post(there, data={**given, "code": code}), ticket)


@pytest.mark.parametrize("code", [*CODES.values(), NO_VOUCHER], ids=[*CODES, "unknown"])
def test_a_wrong_voucher_is_refused_as_flask_refuses_it(phones, code):
    found, wanted = refusals(phones, "/voucher", "/voucher", code)
    assert found == wanted
    assert found[0].startswith("422")


@pytest.mark.parametrize("code", CODES.values(), ids=CODES)
def test_a_wrong_code_is_refused_as_flask_refuses_it(phones, code):
    ticket = phones[0].ticket()
    there, given = form_of(phones[0].open("/sms", ticket), "/sms")
    phones[0].client.post(there, data={**given, "number": A_NUMBER})
    found, wanted = refusals(phones, "/sms", "/sms/code", code)
    assert found == wanted
    assert found[0].startswith("422")


def test_a_form_of_another_is_refused_on_every_page(phones):
    for path in ("/voucher", "/sms/code"):
        for sent in ({}, {"s": "damaged"}, {"s": phones[0].ticket(), "token": "made up", "code": "1"}):
            found, wanted = (each.client.post(path, data=sent) for each in phones)
            assert found.status_code in {403, 422}
            assert said(found, sent.get("s", "")) == said(wanted, sent.get("s", ""))
