"""Totals of counters: they never fall, and miss and repeat nothing that a device counted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.counting import Counts, Raw, step

pytestmark = pytest.mark.slow

BOOT = "b1"
_SMALL = st.integers(0, 2**31 - 1)
_VALUES = st.dictionaries(st.sampled_from("abc"), st.integers(0, 2**64))
_LOOKS = st.lists(
    st.tuples(st.sampled_from(["b1", "b2"]), st.builds(Raw, _VALUES, st.booleans(), st.booleans())), max_size=8
)


def counted(*looks, before=None, name="n", **kind):
    """The total after each look at the values of one name, in one start of the device."""
    counts, totals = before or Counts(), []
    for values in looks:
        counts = counts.after({name: Raw(values, **kind)}, BOOT)
        totals.append(counts.totals[name])
    return totals


@given(_LOOKS)
def test_within_one_start_of_a_device_no_total_ever_falls(looks):
    counts = Counts()
    for boot, raw in looks:
        after = counts.after({"n": raw}, boot)
        assert after.boot == boot
        assert after.totals["n"] >= (counts.totals.get("n", 0) if counts.boot == boot else 0)
        counts = after


@given(st.integers(0, 2**33), st.lists(_SMALL, max_size=9))
def test_a_counter_of_32_bits_that_wraps_counts_like_one_that_does_not(start, steps):
    at, values = start, [{"wan": start % 2**32}]
    for each in steps:
        at += each
        values.append({"wan": at % 2**32})

    assert counted(*values)[-1] == start % 2**32 + sum(steps)


@given(st.lists(st.dictionaries(st.sampled_from("abcdef"), st.lists(_SMALL, max_size=3), max_size=6), max_size=5))
def test_stations_that_come_and_go_are_each_counted_once(stays):
    """In each interval each station that is there grows by its steps; who is away is forgotten and begins at 0."""
    raw, total, looks = {}, 0, []
    for there in stays:
        raw = {who: raw.get(who, 0) + sum(steps) for who, steps in there.items()}
        total += sum(sum(steps) for steps in there.values())
        looks.append(raw)

    assert counted({}, *looks, passing=True)[-1] == total


@given(st.dictionaries(st.text(max_size=2), st.integers(0, 2**64), min_size=1))
def test_the_first_look_of_all_tells_what_the_device_tells(values):
    assert counted(values) == [sum(values.values())]


def test_a_restart_of_the_device_begins_anew():
    counts = Counts().after({"n": Raw({"wan": 500})}, "b1").after({"n": Raw({"wan": 20})}, "b2")
    assert counts.totals == {"n": 20}


def test_a_restart_of_the_collector_goes_on_from_what_was_kept():
    assert counted({"wan": 9000}, {"wan": 9100}, before=Counts({"n": 400})) == [400, 500]


def test_a_total_that_was_not_kept_begins_with_what_the_device_tells():
    assert counted({"wan": 9000}, before=Counts({"other": 400})) == [9000]


def test_what_could_not_be_read_once_is_neither_lost_nor_counted_twice():
    counts = Counts().after({"n": Raw({"a": 10}, passing=True)}, BOOT).after({}, BOOT)
    assert counts.totals == {"n": 10}
    assert counts.after({"n": Raw({"a": 13}, passing=True)}, BOOT).totals == {"n": 13}


def test_an_interface_that_was_away_for_a_look_is_not_counted_twice():
    assert counted({"wlan0": 100}, {}, {"wlan0": 130}) == [100, 100, 130]


def test_an_interface_that_was_made_anew_counts_from_zero():
    assert counted({"wlan0": 100}, {"wlan0": 30}) == [100, 130]


def test_another_uplink_counts_from_when_it_is_used():
    assert counted({"wan": 100}, {"wwan": 7000}, {"wwan": 7050}, joins=True) == [100, 100, 150]


def test_a_counter_that_fell_from_far_below_its_end_has_started_anew():
    assert step(1000, 10) == 10
    assert step(2**32 - 5, 10) == 15
    assert step(2**40, 10) == 10
