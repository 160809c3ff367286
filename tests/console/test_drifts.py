"""Drift in the console: everybody sees how it differs, operators adopt, restore or ignore it."""

import re
from datetime import timedelta

import pytest

from wifi_manager.domain.access_points import Management
from wifi_manager.domain.drift import Reading
from wifi_manager.domain.intent_layers import Scope
from wifi_manager.services.drift import Drifting
from wifi_manager.storage.pushes import Wanted

pytestmark = pytest.mark.slow

INTENT = 'hostname = "park-01"\n[management]\naddress = "10.0.0.5/24"\n'
PAGE = "/drift/BUS-0143/1"
DIFF = "--- etc/config/system\n+++ etc/config/system\n@@ -1 +1 @@\n-\toption hostname 'park-01'\n+\toption hostname '<b>by hand</b>'\n"


@pytest.fixture
def drifted(store, clock, fleet):
    def found(digest="d1", override='hostname = "by-hand"\n', obstacles=()):
        with store.begin() as tx:
            tx.access_points.manage("BUS-0143/1", "openwrt", Management("10.0.0.5", 22, "root", "SHA256:x"))
            tx.pushes.set_wanted("BUS-0143/1", Wanted(INTENT, "w", clock.now()))
        reading = Reading(digest, digest, b"files", "w", DIFF, override, obstacles)
        Drifting(store, clock).record("BUS-0143/1", reading)

    return found


def test_everybody_sees_the_difference_as_text_and_operators_have_three_forms(signed_in, drifted):
    assert "Nothing has drifted" in signed_in("viewer").get("/drift").text
    drifted()
    for role, forms in (("viewer", 0), ("operator", 3), ("admin", 3)):
        browser = signed_in(role)
        assert PAGE in browser.get("/drift").text
        text = browser.get(PAGE).text
        assert '<span class="more">+\toption hostname &#39;&lt;b&gt;by hand&lt;/b&gt;&#39;' in text
        assert len(re.findall(rf'action="{PAGE}/(?:adopt|restore|ignore)"', text)) == forms
    assert signed_in("viewer").get("/drift/HAN00001").status_code == 404


def test_an_operator_adopts_what_runs_as_a_layer_that_waits_for_approval(signed_in, drifted, store):
    drifted()
    operator = signed_in("operator")
    done = operator.post(f"{PAGE}/adopt", {"why": "it is better"}, page=PAGE, follow_redirects=True)
    assert "Version 1 of ap:BUS-0143/1 waits for approval" in done.text
    with store.read() as tx:
        (waiting,) = tx.intents.history(Scope.parse("ap:BUS-0143/1"))
    assert 'hostname = "by-hand"' in waiting.text
    assert "it is better" in waiting.reason
    assert "adopted drift of" in operator.get("/audit?noun=access point").text


def test_what_no_intent_can_say_has_no_button_and_is_named(signed_in, drifted, store):
    drifted(obstacles=("etc/config/wireless: hidden '1', which no intent says.",))
    operator = signed_in("operator")
    assert "hidden &#39;1&#39;, which no intent says" in operator.get(PAGE).text
    refused = operator.post(f"{PAGE}/adopt", {"why": "x"}, page=PAGE)
    assert (refused.status_code, "cannot be adopted" in refused.text) == (422, True)


def test_an_operator_restores_what_is_wanted_by_one_push(signed_in, drifted, store):
    drifted()
    operator = signed_in("operator")
    assert "waits for approval" in operator.post(f"{PAGE}/restore", page=PAGE, follow_redirects=True).text
    again = operator.post(f"{PAGE}/restore", page=PAGE)
    assert (again.status_code, "approve or cancel it first" in again.text) == (409, True)
    with store.read() as tx:
        (push,) = tx.pushes.newest(9)
    assert (push.digest, push.intent, push.proposed_by) == ("w", INTENT, "operator")


def test_what_is_ignored_says_by_whom_and_comes_back_with_the_day_or_another_change(signed_in, drifted, clock):
    drifted()
    operator = signed_in("operator")
    no_day = operator.post(f"{PAGE}/ignore", {"why": "fair", "until": ""}, page=PAGE)
    assert (no_day.status_code, 'value="fair"' in no_day.text) == (422, True)
    day = (clock.now() + timedelta(days=2)).date().isoformat()
    done = operator.post(f"{PAGE}/ignore", {"why": "fair", "until": day}, page=PAGE, follow_redirects=True)
    assert f"Ignored up to {day} by operator: fair" in done.text
    drifted("d2")
    assert "Ignored up to" not in operator.get(PAGE).text


def test_a_form_without_its_token_decides_nothing(signed_in, drifted):
    drifted()
    operator = signed_in("operator")
    assert operator.client.post(f"{PAGE}/restore", data={}).status_code == 400
