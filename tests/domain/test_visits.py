"""What is left of a visit, and how far it can be extended."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON, a_plan, a_visit
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.visits import DataLeft, EndReason

SPANS = st.timedeltas(timedelta(seconds=1), timedelta(days=400))
MOMENTS = st.datetimes(min_value=NOON.replace(tzinfo=None), max_value=NOON.replace(year=2036, tzinfo=None)).map(
    lambda moment: moment.replace(tzinfo=NOON.tzinfo)
)
BYTES = st.integers(0, 2**62)
LIMITS = st.none() | st.integers(1, 2**62)


@given(SPANS, st.none() | SPANS, st.integers(0, 5), st.integers(0, 7), MOMENTS, st.none() | MOMENTS)
def test_u6_an_extension_never_goes_beyond_the_proof_nor_beyond_its_length_and_always_gains_something(
    lifetime, length, allowed, extensions, expires_at, ends_by
):
    plan = a_plan(lifetime=lifetime, extension=length, extensions=allowed)
    until = a_visit(plan=plan, expires_at=expires_at, ends_by=ends_by, extensions=extensions).extended_until()
    if until is not None:
        assert expires_at < until <= expires_at + (length or lifetime)
        assert ends_by is None or until <= ends_by
        assert extensions < allowed


@given(SPANS, st.integers(0, 5), st.none() | MOMENTS)
def test_u6_all_extensions_together_are_as_many_as_the_plan_says(lifetime, allowed, ends_by):
    plan, count, end = a_plan(lifetime=lifetime, extensions=allowed), 0, NOON + lifetime
    while (
        until := a_visit(plan=plan, expires_at=end, ends_by=ends_by, extensions=count).extended_until()
    ) is not None:
        count, end = count + 1, until
    assert count <= allowed
    assert end <= NOON + lifetime * (1 + allowed)
    assert ends_by is not None or count == allowed


@given(LIMITS, LIMITS, LIMITS, BYTES, BYTES)
def test_u5_the_data_left_is_never_below_nothing_and_none_without_a_limit(both, up, down, sent, received):
    plan = a_plan(volume_bytes=both, up_volume_bytes=up, down_volume_bytes=down)
    left = a_visit(plan=plan, up_bytes=sent, down_bytes=received).data_left()
    for limit, used, rest in ((both, sent + received, left.both), (up, sent, left.up), (down, received, left.down)):
        assert (rest is None) is (limit is None)
        assert rest is None or 0 <= rest == max(limit - used, 0)


def test_a_visit_without_limits_has_no_data_left_to_tell():
    assert a_visit().data_left() == DataLeft()


def test_an_ended_visit_says_when_and_why_and_a_running_one_nothing():
    assert a_visit().ended(NOON) is None
    assert a_visit().ended(NOON + timedelta(days=2)) == (NOON + timedelta(days=1), EndReason.EXPIRED)
    idle = a_visit(ended_at=NOON, end_reason=EndReason.IDLE)
    assert idle.ended(NOON + timedelta(days=2)) == (NOON, EndReason.IDLE)


@pytest.mark.parametrize("wrong", [{"extensions": -1}, {"extension": timedelta(0)}])
def test_a_plan_that_could_not_be_extended_as_it_says_is_refused(wrong):
    with pytest.raises(BadInput, match="extension"):
        a_plan(**wrong)
