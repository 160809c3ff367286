"""What a gateway decides by itself: values in, decisions out, and kept over a restart."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from tests.gateway.conftest import NOW, grant
from wifi_manager.domain.blocks import Block
from wifi_manager.domain.errors import Forbidden, TooManyTries
from wifi_manager.domain.grants import Cause, Ended, Grant, Usage
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.gateway.city_time import Moment
from wifi_manager.gateway.deciding.decisions import Decisions
from wifi_manager.gateway.deciding.drain import Drain, Draining
from wifi_manager.gateway.deciding.idleness import Idleness
from wifi_manager.gateway.deciding.short_passes import NUMBERS, is_pass
from wifi_manager.gateway.state import StateFolder
from wifi_manager.wire.grants import GrantList

POLICY = PassPolicy(600, 2_000_000, 500_000, 50_000_000, passes_an_hour=2)
ALONE = GrantList(5, (grant(1),), NOW, policy=POLICY)
NEWCOMER = grant(7)


@pytest.fixture
def state(tmp_path):
    return StateFolder(tmp_path)


def at(seconds: float, boot: str = "boot") -> Moment:
    return Moment(boot, seconds, NOW + timedelta(seconds=seconds))


def restarted(decisions: Decisions, state: StateFolder, seconds: float = 1000) -> Decisions:
    """What the next agent reads of this one."""
    for name, body in decisions.unsaved(at(seconds)).items():
        state.keep(name, body)
    return Decisions(state)


def wanted(decisions: Decisions, answer: GrantList, now: datetime) -> set[Grant]:
    return set(decisions.wanted({each.number: each for each in answer.grants}, now).values())


def give(decisions: Decisions, newcomer=NEWCOMER, answer=ALONE, minutes=0):
    return decisions.give_pass(newcomer.device, newcomer.address, answer, NOW + timedelta(minutes=minutes))


LIMITS = {"a": 60, "b": 60}


class TestIdleness:
    def test_who_sends_nothing_for_the_limit_is_idle_and_who_sends_is_not(self):
        idleness = Idleness()
        idleness.judge([Usage("a", 10, 0), Usage("b", 10, 0)], LIMITS, at(0))

        assert idleness.judge([Usage("a", 10, 0), Usage("b", 11, 0)], LIMITS, at(59)) == []
        assert idleness.judge([Usage("a", 10, 0), Usage("b", 11, 0)], LIMITS, at(60)) == ["a"]

    def test_what_others_send_to_a_phone_that_has_left_keeps_nothing_alive(self):
        idleness = Idleness()
        idleness.judge([Usage("a", 10, 0)], LIMITS, at(0))

        assert idleness.judge([Usage("a", 10, 9_000_000)], LIMITS, at(61)) == ["a"]

    def test_a_visit_that_a_reading_misses_and_one_without_a_limit_are_not_judged(self):
        idleness = Idleness()
        idleness.judge([Usage("a", 10, 0), Usage("c", 10, 0)], LIMITS, at(0))

        assert idleness.judge([Usage("c", 10, 0)], LIMITS, at(600)) == []

    def test_a_restart_of_the_agent_gives_no_time_and_takes_none(self):
        idleness = Idleness()
        idleness.judge([Usage("a", 10, 0), Usage("b", 10, 0)], LIMITS, at(0))
        again = Idleness.from_json(idleness.to_json())

        assert again.judge([Usage("a", 10, 0), Usage("b", 99, 0)], LIMITS, at(61)) == ["a"]

    def test_after_a_reboot_and_with_another_visit_the_time_begins_anew(self):
        idleness = Idleness()
        idleness.judge([Usage("a", 10, 0)], LIMITS, at(0))

        assert idleness.judge([Usage("a", 10, 0)], LIMITS, at(600, "another boot")) == []


def test_a_visit_that_ended_here_stays_ended_until_control_ends_it_too(state):
    idle = replace(grant(1), idle_seconds=60)
    answer = GrantList(5, (idle, grant(2)), NOW)
    decisions = Decisions(state)
    decisions.judge([Usage(idle.visit, 10, 0)], answer.grants, at(0))

    assert decisions.judge([Usage(idle.visit, 10, 0)], answer.grants, at(60)) == (Ended(idle.visit, Cause.IDLE),)
    assert wanted(decisions, answer, NOW) == {grant(2)}

    again = restarted(decisions, state)
    assert wanted(again, answer, NOW) == {grant(2)}
    assert again.unreported == (Ended(idle.visit, Cause.IDLE),)
    again.confirm(again.unreported)
    assert wanted(again, answer, NOW) == {grant(2)}
    assert wanted(again, replace(answer, grants=(grant(2),)), NOW) == {grant(2)}
    assert wanted(again, answer, NOW) == set(
        answer.grants
    )  # the same name from now on would be a new decision of control


def test_a_pass_is_capped_by_the_citys_policy_and_counted(state):
    decisions = Decisions(state)

    given = give(decisions)

    assert is_pass(given.visit)
    assert given.number in NUMBERS
    assert (given.device, given.address) == (NEWCOMER.device, NEWCOMER.address)
    assert given.expires_at == NOW + timedelta(seconds=600)
    assert (given.down_bps, given.up_bps, given.volume_bytes) == (2_000_000, 500_000, 50_000_000)
    assert wanted(decisions, ALONE, NOW) == {given, *ALONE.grants}
    assert decisions.take_passes() == 1
    assert decisions.take_passes() == 0
    decisions.put_passes_back(1)
    assert decisions.take_passes() == 1


def test_a_second_tap_gives_the_running_pass_and_the_hours_number_is_held_also_over_a_restart(state):
    decisions = Decisions(state)
    first = give(decisions)
    assert give(decisions, minutes=1) == first

    give(decisions, minutes=11)
    again = restarted(decisions, state)
    with pytest.raises(TooManyTries):
        give(again, minutes=22)
    assert again.take_passes() == 2
    assert give(again, minutes=61)


def test_two_phones_have_passes_of_two_numbers(state):
    decisions = Decisions(state)

    assert give(decisions).number != give(decisions, grant(8)).number


@pytest.mark.parametrize(
    "answer",
    [
        replace(ALONE, policy=None),
        replace(ALONE, blocked=(Block(NEWCOMER.device),)),
        replace(ALONE, blocked=(Block(NEWCOMER.device, NOW + timedelta(minutes=1)),)),
    ],
)
def test_without_a_policy_and_for_blocked_devices_there_is_no_pass(state, answer):
    with pytest.raises(Forbidden):
        give(Decisions(state), answer=answer)


def test_a_pass_ends_at_its_time_and_when_control_grants_the_device_a_visit(state):
    decisions = Decisions(state)
    given = give(decisions)
    assert wanted(decisions, ALONE, given.expires_at) == set(ALONE.grants)

    give(decisions, minutes=20)
    signed_in = replace(ALONE, grants=(grant(1), NEWCOMER))
    assert wanted(decisions, signed_in, NOW + timedelta(minutes=21)) == set(signed_in.grants)


def test_a_drain_gives_no_passes_caps_visits_and_survives_a_restart_until_it_is_ended(state):
    until = NOW + timedelta(minutes=30)
    Draining(state).begin(Drain(until))
    decisions = Decisions(state)

    with pytest.raises(Forbidden):
        give(decisions)
    assert wanted(decisions, ALONE, NOW) == {replace(grant(1), expires_at=until)}

    Draining(state).end()
    assert decisions.draining.now() is None
    assert wanted(decisions, ALONE, NOW) == set(ALONE.grants)


def test_a_drain_without_an_end_leaves_visits_their_time(state):
    Draining(state).begin(Drain())

    assert wanted(Decisions(state), ALONE, NOW) == set(ALONE.grants)


@pytest.mark.parametrize("name", ["idle", "ended", "passes"])
@pytest.mark.parametrize("content", ["{", "[]", '{"boot": 3}', "7"])
def test_a_damaged_file_is_begun_anew(state, tmp_path, name, content):
    (tmp_path / f"{name}.json").write_text(content)

    assert wanted(Decisions(state), ALONE, NOW) == set(ALONE.grants)


def test_a_damaged_drain_is_a_drain(state, tmp_path):
    (tmp_path / "drain.json").write_text("{")

    assert Draining(state).now() == Drain()
