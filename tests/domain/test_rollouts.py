"""Waves of a rollout: canaries first, never two of one site, and a halt as soon as it does harm."""

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import Member, WaveStanding, harm, may_go_on, undo_order, waves

SOAK = timedelta(minutes=2)


def members(count, sites=10_000, sorts=1):
    return [Member(f"AP-{n}", ("River", f"Park {n % sites}"), f"sort {n % sorts}") for n in range(count)]


def test_the_first_wave_has_one_of_each_sort():
    assert waves(members(100, sorts=3))[0] == ("AP-0", "AP-1", "AP-2")


def test_the_waves_grow():
    assert [len(wave) for wave in waves(members(1000))] == [1, 5, 10, 100, 884]


def test_a_small_fleet_has_few_waves():
    assert [len(wave) for wave in waves(members(3))] == [1, 2]
    assert waves([]) == ()


@given(st.integers(0, 400), st.integers(1, 30), st.integers(1, 5))
def test_everybody_has_one_turn_and_no_site_two_at_once(count, sites, sorts):
    given_ = members(count, sites, sorts)
    made = waves(given_)
    site = {each.access_point: each.site for each in given_}
    assert Counter(name for wave in made for name in wave) == Counter(site.keys())
    for wave in made:
        assert len({site[name] for name in wave}) == len(wave)


@pytest.mark.parametrize(
    ("wave", "size", "harmed", "halts"),
    [(1, 3, 0, False), (1, 3, 1, True), (2, 5, 1, False), (2, 5, 2, True), (4, 300, 6, False), (4, 300, 7, True)],
)
def test_harm_halts_above_what_is_tolerated(wave, size, harmed, halts):
    standing = WaveStanding({PushState.UNDONE: harmed, PushState.COMMITTED: size - harmed})
    assert (harm(wave, standing) is not None) == halts


def test_a_device_that_would_not_take_it_is_harm_and_one_that_cannot_be_reached_is_not():
    assert harm(1, WaveStanding({PushState.REFUSED: 1})) == "wave 1: 1 of 1 came to harm, 0 are tolerated"
    assert harm(1, WaveStanding({PushState.APPROVED: 1}, unreachable=1)) is None


def test_the_next_wave_waits_for_outcomes_and_for_the_soak():
    running = WaveStanding({PushState.RUNNING: 1, PushState.COMMITTED: 4}, last_end=NOON)
    assert not may_go_on(running, SOAK, NOON + timedelta(hours=1))
    ended = WaveStanding({PushState.COMMITTED: 5}, last_end=NOON)
    assert not may_go_on(ended, SOAK, NOON + timedelta(minutes=1))
    assert may_go_on(ended, SOAK, NOON + SOAK)


def test_what_cannot_be_reached_holds_nobody_up():
    standing = WaveStanding({PushState.APPROVED: 2, PushState.COMMITTED: 3}, unreachable=2, last_end=NOON)
    assert may_go_on(standing, SOAK, NOON + SOAK)


def test_an_undo_begins_with_the_last_wave():
    assert undo_order([(1, "a"), (3, "c"), (2, "b")]) == ["c", "b", "a"]
