"""Classes as values: what a rate and an uplink make of a visit."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.gateway.shaping.rates import LINK, Capacity, link_class, visit_class
from wifi_manager.gateway.shaping.tc import MOST_RATE

RATES = st.none() | st.integers(1, 2**62)


def test_without_a_rate_and_without_a_shared_uplink_there_is_no_class():
    assert visit_class(0x20, None, None) is None


def test_a_rate_alone_is_both_sure_and_the_most():
    shape = visit_class(0x20, 1_250_000, None)

    assert (shape.rate, shape.ceil, shape.parent) == (1_250_000, 1_250_000, 0)


def test_a_share_is_sure_of_little_and_borrows_the_rest_from_the_link():
    shape = visit_class(0x20, None, 2_500_000)

    assert (shape.rate, shape.ceil, shape.parent) == (1000, 2_500_000, LINK)


@given(RATES, RATES)
def test_no_class_is_faster_than_its_plan_or_its_uplink_and_all_that_share_take_equal_turns(rate, link):
    shape = visit_class(0x20, rate, link)

    bounds = [bound for bound in (rate, link) if bound is not None]
    assert (shape is None) == (not bounds)
    if shape:
        assert 1 <= shape.rate <= shape.ceil == min(*bounds, MOST_RATE)
        assert link is None or shape.quantum == link_class(link).quantum


@pytest.mark.parametrize(("mbps", "quantum"), [(1, 6_000), (20, 25_000), (1000, 65_536)])
def test_a_turn_is_ten_milliseconds_of_the_uplink_between_four_small_frames_and_the_largest_packet(mbps, quantum):
    assert link_class(mbps * 125_000).quantum == quantum


def test_settings_say_megabits_and_classes_take_bytes():
    assert Capacity.of(up_mbps=8, down_mbps=None) == Capacity(up=1_000_000, down=None)
    assert not Capacity.of(up_mbps=None, down_mbps=None).is_shared
