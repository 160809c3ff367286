"""Changes of access points in the console: seen by all, approved and taken back by operators."""

import re
from dataclasses import replace

import pytest

from tests.builders import A_CITY, NOON
from wifi_manager.domain.pushes import PushState
from wifi_manager.storage.store import Store

pytestmark = pytest.mark.slow

INTENT = 'ssid = "Haneul"\npassphrase = "correct horse"\n'


@pytest.fixture
def console_parts(console_parts, engine):
    """As in production: the console has no vault."""
    return replace(console_parts, store=Store(engine, A_CITY.slug))


@pytest.fixture
def propose(store, fleet):
    def proposed(external_id="HAN00001", count=1):
        with store.begin() as tx:
            return [tx.pushes.propose(external_id, INTENT, "d1", by="day-shift", at=NOON) for _ in range(count)][-1]

    return proposed


def state_of(store, number):
    with store.read() as tx:
        return tx.pushes.get(number).state


def test_everybody_sees_pushes_and_only_operators_have_buttons(signed_in, propose):
    propose()
    for role, buttons in (("viewer", 0), ("operator", 2), ("admin", 2)):
        text = signed_in(role).get("/pushes").text
        assert "Waits for approval" in text
        assert "Proposed by day-shift" in text
        assert len(re.findall(r'action="/pushes/\d+/(?:approve|cancel)"', text)) == buttons


def test_an_operator_approves_a_push_and_the_trail_says_who(signed_in, propose, store):
    number, operator = propose().number, signed_in("operator")
    page = operator.post(f"/pushes/{number}/approve", page="/pushes", follow_redirects=True)
    assert f"Push {number} is approved" in page.text
    assert state_of(store, number) is PushState.APPROVED
    trail = operator.get("/audit?noun=push").text
    assert "<strong>operator</strong> approved push" in re.sub(r"\s+", " ", trail)


def test_an_operator_takes_an_approved_push_back(signed_in, propose, store):
    number, operator = propose().number, signed_in("operator")
    operator.post(f"/pushes/{number}/approve")
    assert "Nothing was changed" in operator.post(f"/pushes/{number}/cancel", follow_redirects=True).text
    assert state_of(store, number) is PushState.CANCELLED
    assert "operator" in operator.get("/access-points/HAN00001").text


def test_what_two_operators_press_at_once_counts_once_and_the_other_is_told(signed_in, propose, store):
    number, operator = propose().number, signed_in("operator")
    operator.post(f"/pushes/{number}/cancel")
    late = operator.post(f"/pushes/{number}/approve")
    assert (late.status_code, "cancelled, not proposed" in late.text) == (409, True)
    assert state_of(store, number) is PushState.CANCELLED
    assert operator.post("/pushes/999999/approve").status_code == 404
    assert operator.post("/pushes/99999999999999999999/approve").status_code < 500


def test_the_page_of_an_access_point_has_its_own_pushes_and_no_intent(signed_in, propose):
    propose("HAN00001")
    other = propose("HAN00002")
    viewer = signed_in("viewer")
    text = viewer.get("/access-points/HAN00002").text
    assert f"Push {other.number}<" in text
    assert f"Push {other.number - 1}<" not in text
    assert "correct horse" not in text + viewer.get("/pushes").text
    assert "provision push HAN00003" in viewer.get("/access-points/HAN00003").text


def test_pushes_are_paged_filtered_and_counted(signed_in, propose, console_parts):
    last = propose(count=120)
    operator, text, seen = signed_in("operator"), "", []
    operator.post(f"/pushes/{last.number}/cancel")
    text = operator.get("/pushes?state=proposed").text
    for _ in range(3):
        seen += [int(number) for number in re.findall(r">Push (\d+)</strong>", text)]
        older = re.search(r'rel="next" href="([^"]*)"', text)
        text = operator.get(older[1].replace("&amp;", "&")).text if older else ""
    assert seen == list(range(last.number - 1, last.number - 120, -1))
    assert "None of this state" in operator.get("/pushes?state=running").text
    assert operator.get("/pushes?state=odd").status_code == 422
    overview = operator.get("/").text
    assert re.search(r'state=proposed"><span[^>]*>Waits for approval</span><strong>119<', overview)
    assert re.search(r'state=cancelled"><span[^>]*>Cancelled</span><strong>1<', overview)
