"""Rollouts, intent and maintenance windows in the console: seen by all, steered by operators, planned by a worker."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import A_CITY
from wifi_manager.domain.outcomes import Outcome, OutcomeKind
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import Member, RolloutState, Shown, ShownGroup
from wifi_manager.services.change_control import ChangeControl
from wifi_manager.services.rollouts import Change, Rollouts
from wifi_manager.storage.store import Store

pytestmark = pytest.mark.slow

DIFF = "--- etc/config/wireless\n+++ etc/config/wireless\n@@ -1 +1 @@\n-\toption ssid 'Old'\n+\toption ssid '<b>New</b>'\n"
LAYER = '[[networks]]\nname = "visitors"\nssid = "{}"\nkey = "{}"\n'


@pytest.fixture
def console_parts(console_parts, engine):
    """As in production: what is not about layers or reports has no vault."""
    return replace(console_parts, store=Store(engine, A_CITY.slug), second_person=True)


@pytest.fixture
def rollouts(store, clock):
    return Rollouts(store, clock)


@pytest.fixture
def proposed(rollouts, fleet):
    """A rollout of the whole park as a worker plans it: one group of sixty."""
    points = fleet[:60]
    members = [Member(point.external_id, (point.site.district, f"Part {at}")) for at, point in enumerate(points)]
    changes = [Change(each, "new", "d", "old") for each in members]
    names = tuple(point.external_id for point in points)
    shown = Shown((ShownGroup(DIFF, ("networks",), 65, names),), 65, ("60 of 61 access points (+30)",), 1)
    return rollouts.propose(changes, "new name", timedelta(0), by="day-shift", shown=shown)


def text_of(browser, path):
    return re.sub(r"\s+", " ", browser.get(path).text)


def test_a_rollout_is_asked_for_planned_by_a_worker_approved_by_another_and_steered(
    signed_in, rollouts, fleet, store, console_parts
):
    operator, admin = signed_in("operator"), signed_in("admin")
    assert "Say why" in operator.post("/rollouts", {"reason": "", "soak": "0"}).text
    assert "whole number" in operator.post("/rollouts", {"reason": "typed", "soak": "x"}).text
    page = operator.post("/rollouts", {"reason": "new name", "soak": "0"}, follow_redirects=True).text
    assert "A worker plans rollout 1 now" in page
    change = Change(Member(fleet[0].external_id, fleet[0].site.key), "new", "d", None)
    rollouts.fill(1, [change], Shown())
    assert "Somebody else has to approve this" in operator.get("/rollouts/1").text
    assert operator.post("/rollouts/1/approve").status_code == 403
    for deed, state in (("approve", "running"), ("pause", "paused"), ("resume", "running"), ("abort", "aborted")):
        assert admin.post(f"/rollouts/1/{deed}").status_code == 303
        assert rollouts.standing(1)[0].state.value == state
    assert admin.post("/rollouts/1/resume").status_code == 409
    assert admin.post("/rollouts/1/undo").status_code == 303
    assert rollouts.standing(2)[0].undoes == 1


def test_viewers_see_everything_and_steer_nothing(signed_in, proposed):
    viewer = signed_in("viewer")
    for path in ("/rollouts", "/rollouts/1", "/rollouts/1/groups", "/rollouts/1/groups/1", "/windows", "/intents"):
        page = viewer.get(path)
        assert page.status_code == 200
        assert set(re.findall(r'<form method="post" action="([^"]*)"', page.text)) == {"/sign-out"}
    for deed in ("approve", "pause", "resume", "abort", "undo", "any-hour"):
        assert viewer.post(f"/rollouts/1/{deed}").status_code == 403
    assert viewer.post("/windows", {"scope": "city", "hours": "daily 01:00-02:00"}).status_code == 403
    assert viewer.post("/intents/propose", {"scope": "fleet", "text": "a = 1"}).status_code == 403


def test_a_form_without_its_token_changes_nothing(signed_in, proposed, rollouts):
    assert signed_in("admin").client.post("/rollouts/1/approve").status_code == 400
    assert rollouts.standing(1)[0].state is RolloutState.PROPOSED


def test_a_difference_is_read_line_by_line_and_its_access_points_are_paged(signed_in, proposed):
    viewer = signed_in("viewer")
    text = viewer.get("/rollouts/1/groups/1").text
    assert re.search(r'less">-\toption ssid &#39;Old&#39;', text)
    assert "&lt;b&gt;New" in text
    names = [set(re.findall(r"HAN\d{5}", viewer.get(f"/rollouts/1/groups/1?page={page}").text)) for page in (1, 2)]
    assert [len(each) for each in names] == [50, 10]
    assert viewer.get("/rollouts/1/groups/2").status_code == 404
    assert viewer.get("/rollouts/7").status_code == 404


def test_whoever_came_to_harm_is_named_with_the_reason_and_what_to_do(signed_in, proposed, rollouts, store, clock):
    rollouts.approve(proposed, by="chief")
    control = ChangeControl(store, clock)
    control.finish(control.claim("w"), "w", PushState.UNDONE, reason=Outcome(OutcomeKind.UNDONE, "timeout").sentence)
    rollouts.advance()
    text = text_of(signed_in("viewer"), "/rollouts/1")
    assert "It halted by itself" in text
    assert "Needs somebody: 1" in text
    assert "Compare address, gateway, VLAN and port in its Intent" in text
    only = signed_in("viewer").get("/rollouts/1/access-points?only=trouble").text
    assert re.findall(r">(HAN\d{5})<", only) == ["HAN00001"]


def test_a_page_comes_again_by_itself_only_for_whoever_follows_it_and_while_something_moves(
    signed_in, proposed, rollouts
):
    viewer = signed_in("viewer")
    assert "Refresh" not in viewer.get("/rollouts/1?follow=1").headers
    rollouts.approve(proposed, by="chief")
    assert "Refresh" not in viewer.get("/rollouts/1").headers
    page = viewer.get("/rollouts/1?follow=1")
    assert page.headers["Refresh"] == "5"
    assert "Stop following" in page.text


def test_windows_are_set_seen_ignored_for_a_reason_and_removed(signed_in, proposed, rollouts):
    operator = signed_in("operator")
    kept = operator.post("/windows", {"scope": "kind:park", "hours": "daily 01:00-05:00"}, follow_redirects=True).text
    assert "daily 01:00-05:00" in kept
    wrong = operator.post("/windows", {"scope": "site", "site": "Nowhere/None", "hours": "daily 01:00-05:00"})
    assert (wrong.status_code, "Nowhere/None" in wrong.text) == (404, True)
    assert operator.post("/windows", {"scope": "city", "hours": "at night"}).status_code == 422
    assert operator.post("/rollouts/1/any-hour", {"reason": ""}).status_code == 422
    operator.post("/rollouts/1/any-hour", {"reason": "the key is known"})
    assert rollouts.standing(1)[0].any_hour == "the key is known"
    operator.post("/windows/remove", {"scope": "kind:park"})
    assert "at any hour" in operator.get("/windows").text
    trail = operator.get("/audit?noun=maintenance+windows").text
    assert "removed" in trail


def test_a_layer_is_proposed_compared_approved_by_another_and_shows_no_key(signed_in, fleet):
    operator, admin = signed_in("operator"), signed_in("admin")
    for version, name, key in (("1", "City", "do-not-show-me"), ("2", "Parks", "nor-this-one")):
        operator.post("/intents/propose", {"scope": "fleet", "text": LAYER.format(name, key), "reason": "why"})
        assert operator.post("/intents/approve", {"scope": "fleet", "version": version}).status_code == 403
        seen = text_of(operator, f"/intents/layer?scope=fleet&version={version}")
        assert "do-not-show" not in seen + operator.get("/intents").text
        assert "nor-this-one" not in seen
        if version == "2":
            assert "<del>City</del> <ins>Parks</ins>" in seen
            assert "another one" in seen
        assert admin.post("/intents/approve", {"scope": "fleet", "version": version}).status_code == 303
    of = text_of(operator, "/intents/of?access_point=HAN00001")
    assert "no usable intent" in of
    assert 'href="/intents/layer?scope=fleet"' in of
    assert operator.get("/intents/of?access_point=NONE").status_code == 404


def test_a_layer_that_is_no_toml_comes_back_as_it_was_typed(signed_in, fleet):
    page = signed_in("operator").post("/intents/propose", {"scope": "fleet", "text": "ssid = not quoted"})
    assert page.status_code == 422
    assert "ssid = not quoted" in page.text


def test_a_proposal_is_withdrawn(signed_in, fleet):
    operator = signed_in("operator")
    operator.post("/intents/propose", {"scope": "kind:park", "text": 'ntp = ["time.example.net"]'})
    assert "time.example.net" in operator.get("/intents/layer?scope=kind:park").text
    operator.post("/intents/withdraw", {"scope": "kind:park", "version": "1"})
    assert "Withdrawn" in operator.get("/intents/layer?scope=kind:park").text
    assert operator.get("/intents/layer?scope=nobody").status_code == 422
