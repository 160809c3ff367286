"""`wifi-manager provision rollout` as a person types it."""

import json

import pytest

from tests.cli.test_intent_commands import fleet as fleet  # noqa: PLC0414 - the fixture

pytestmark = pytest.mark.slow

LAYERS = (("fleet", "fleet.toml", "1"), ("ap:AP-0001", "one.toml", "1"))


@pytest.fixture
def wanted(wifi, fleet):
    for scope, name, version in LAYERS:
        assert wifi("provision", "intent", "set", scope, str(fleet / name)).exit_code == 0
        assert wifi("provision", "intent", "approve", scope, version).exit_code == 0


def test_access_points_without_a_usable_intent_are_not_left_out_silently(wifi, wanted):
    refused = wifi("provision", "rollout", "propose", "--reason", "first")
    assert refused.exit_code == 1
    assert "provision plan" in refused.output


def test_a_rollout_is_proposed_approved_paused_resumed_and_aborted(wifi, wanted):
    done = wifi("provision", "rollout", "propose", "--reason", "first", "--without-wrong")
    assert "Rollout 1 of 1 access points waits" in done.output
    for deed, state in (("approve", "running"), ("pause", "paused"), ("resume", "running"), ("abort", "aborted")):
        assert wifi("provision", "rollout", deed, "1").exit_code == 0
        assert json.loads(wifi("provision", "rollout", "show", "1", "--json").output)["state"] == state
    assert "first" in wifi("provision", "rollout", "list").output
    assert "1 cancelled" in wifi("provision", "rollout", "show", "1").output


def test_there_is_no_way_back_where_nothing_was_committed(wifi, wanted):
    wifi("provision", "rollout", "propose", "--reason", "first", "--without-wrong")
    assert "nothing to roll out" in wifi("provision", "rollout", "undo", "1").output


def test_windows_are_set_listed_and_removed_and_a_rollout_may_ignore_them_with_a_reason(wifi, wanted):
    assert "daily 01:00-05:00 alone" in wifi("provision", "window", "set", "city", "Daily 01:00-05:00").output
    found = json.loads(wifi("provision", "window", "list", "--json").output)
    assert [(each["scope"], each["hours"]) for each in found] == [("city", "daily 01:00-05:00")]
    assert "no maintenance window" in wifi("provision", "window", "set", "city", "at night").output
    wifi("provision", "rollout", "propose", "--reason", "first", "--without-wrong")
    done = wifi("provision", "rollout", "at-any-hour", "1", "--reason", "the key is known")
    assert (done.exit_code, "rollout 1" in done.output) == (0, True)
    assert "the key is known" in wifi("provision", "rollout", "show", "1").output
    assert wifi("provision", "window", "remove", "city").exit_code == 0


def test_the_report_names_every_access_point_and_following_ends_where_nothing_moves(wifi, wanted):
    wifi("provision", "rollout", "propose", "--reason", "first", "--without-wrong")
    assert "wave 1 of 1: 1 held" in wifi("provision", "rollout", "show", "1", "--follow").output
    assert wifi("provision", "rollout", "report", "1").output.count("AP-") == 0
    (only,) = json.loads(wifi("provision", "rollout", "report", "1", "--all", "--json").output)
    assert (only["access_point"], only["outcome"]) == ("AP-0001", "held")
