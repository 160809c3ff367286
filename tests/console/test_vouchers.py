"""Vouchers in the console: cards once, then figures alone."""

import re

import pytest

from tests.builders import a_plan
from tests.cli.test_voucher import SHOWN

pytestmark = pytest.mark.slow

BATCH = {"name": "library spring", "count": "3", "plan": "", "uses": "1", "devices": "1", "hours": "2"}


@pytest.fixture
def operator(signed_in, store):
    with store.begin() as tx:
        tx.plans.save(a_plan())
    return signed_in("operator")


def test_cards_come_once_as_the_answer_and_are_kept_nowhere(operator):
    cards = operator.post("/vouchers", BATCH)
    assert cards.status_code == 200
    codes = SHOWN.findall(cards.text)
    assert len(set(codes)) == 3
    assert "City WiFi" in cards.text
    assert cards.headers["Cache-Control"] == "no-store"
    nonce = re.search(r'<style nonce="([^"]+)">', cards.text)[1]
    assert f"style-src 'nonce-{nonce}'" in cards.headers["Content-Security-Policy"]
    page = operator.get("/vouchers").text
    assert "library spring" in page
    assert "3 codes: 0 used, 3 never used" in page
    assert "2 h from the first use" in page
    assert not SHOWN.search(page)


def test_what_was_typed_stays_when_it_is_refused(operator):
    for wrong in ({"count": "0"}, {"count": "x"}, {"until": "2020-01-01"}, {"plan": "nowhere"}, {"devices": "-1"}):
        answer = operator.post("/vouchers", {**BATCH, **wrong})
        assert answer.status_code in {404, 422}
        assert 'value="library spring"' in answer.text
        assert 'role="alert"' in answer.text
    operator.post("/vouchers", BATCH)
    assert operator.post("/vouchers", BATCH).status_code == 409


def test_a_card_and_a_batch_are_revoked_and_the_trail_says_by_whom(operator, store):
    operator.post("/vouchers", BATCH)
    assert operator.post("/vouchers/revoke", {"name": "library spring", "number": "2"}).status_code == 303
    assert "library spring, card 2: revoked" in operator.get("/vouchers").text
    assert "1 revoked" in operator.get("/vouchers").text
    operator.post("/vouchers/revoke", {"name": "library spring"})
    assert "Revoked" in operator.get("/vouchers").text
    with store.read() as tx:
        trail = [(each.actor, each.action) for each in tx.audit.newest(3, noun="vouchers")]
    assert trail == [("operator", "revoked"), ("operator", "revoked"), ("operator", "issued")]
    assert operator.post("/vouchers/revoke", {"name": "nobody"}).status_code == 404


def test_a_viewer_sees_batches_and_no_buttons(operator, signed_in):
    operator.post("/vouchers", BATCH)
    page = signed_in("viewer").get("/vouchers").text
    assert "library spring" in page
    assert "Revoke" not in page
    assert "Issue and show" not in page
