"""Whether a remembered device comes in by itself: by the same rules as with a tap, and never around an end."""

from datetime import timedelta

import pytest

from tests.builders import NOON, a_visit
from wifi_manager.domain.remembering import REMEMBERED_BY, SIGNED_OUT_HOLDS, Remembered, is_rememberable
from wifi_manager.domain.visits import Consent, EndReason, Method, Proof

TERMS, WAYS = "2026-11", (Method.CLICK_THROUGH,)
A_MONTH, AN_HOUR, A_DAY = timedelta(days=30), timedelta(hours=1), timedelta(days=1)
AGREED = Remembered(Method.CLICK_THROUGH, Consent(TERMS, "ko"), NOON, NOON + A_MONTH)


def may_return(last=None, after=A_DAY, terms=TERMS, ways=WAYS):
    return AGREED.may_return(terms, ways, last, NOON + after)


def ended(reason):
    return a_visit(ended_at=NOON, end_reason=reason)


def test_u4_it_holds_until_its_time_is_over_for_its_terms_and_for_its_way_in():
    assert may_return()
    assert may_return(after=A_MONTH - timedelta(seconds=1))
    assert not may_return(after=A_MONTH)
    assert not may_return(terms="2027-01")
    assert not may_return(ways=(Method.VOUCHER, Method.SMS))


def test_a_visit_that_runs_is_not_opened_twice():
    assert not may_return(a_visit(), AN_HOUR)
    assert may_return(a_visit(), A_DAY)


@pytest.mark.parametrize(
    ("reason", "at_once", "after_an_hour", "after_its_time"),
    [
        (EndReason.EXPIRED, True, True, True),
        (EndReason.IDLE, True, True, True),
        (EndReason.SIGNED_OUT, False, True, True),
        (EndReason.SIGNED_OUT_ELSEWHERE, False, True, True),
        (EndReason.ENDED_BY_OPERATOR, False, True, True),
        (EndReason.VOLUME_USED, False, False, True),
        (EndReason.COPIED, False, False, False),
        (EndReason.REVOKED, False, False, False),
        (EndReason.BLOCKED, False, False, False),
    ],
)
def test_coming_back_is_no_way_around_the_end_of_a_visit(reason, at_once, after_an_hour, after_its_time):
    moments = (timedelta(seconds=1), SIGNED_OUT_HOLDS, A_DAY)
    assert [may_return(ended(reason), after) for after in moments] == [at_once, after_an_hour, after_its_time]


def test_what_is_used_up_or_ends_by_itself_is_not_remembered():
    assert {method for method in Method if is_rememberable(Proof(method))} == REMEMBERED_BY
    assert Method.VOUCHER not in REMEMBERED_BY
    assert not is_rememberable(Proof(Method.ACCOUNT, ends_by=NOON))
    assert not is_rememberable(Proof(Method.ACCOUNT, volume_bytes=1))
