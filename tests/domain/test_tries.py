"""Limits on guessing, for every rhythm of tries."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from wifi_manager.domain.tries import FORGIVEN_AFTER, Limit, one_more

FIVE_A_MINUTE = Limit(5, timedelta(minutes=1), timedelta(hours=1))


def let_through(limit, pauses):
    """The moments of those tries that are not refused."""
    tally, now, passed = None, NOON, []
    for pause in pauses:
        now += pause
        if tally is None or not tally.wait(limit, now):
            passed.append(now)
            tally = one_more(tally, limit, now)
    return passed


@given(st.lists(st.integers(0, 200).map(lambda seconds: timedelta(seconds=seconds)), max_size=200))
def test_no_rhythm_gets_more_than_its_tries_through_in_a_window(pauses):
    passed = let_through(FIVE_A_MINUTE, pauses)
    for at in passed:  # a window begins with its first try: two of them may meet
        assert sum(at <= each < at + FIVE_A_MINUTE.window for each in passed) <= 2 * FIVE_A_MINUTE.most


def test_whoever_never_stops_waits_ever_longer():
    passed = let_through(FIVE_A_MINUTE, [timedelta(seconds=1)] * 24 * 3600)
    assert 5 * 24 < len(passed) < 5 * 31
    assert [(later - at).seconds // 60 for at, later in zip(passed[4::5], passed[5::5], strict=False)][:8] == [
        0, 1, 3, 7, 15, 31, 59, 59,
    ]  # fmt: skip


def test_a_day_after_the_last_window_all_is_forgiven():
    tally = None
    for _ in range(6):
        tally = one_more(tally, FIVE_A_MINUTE, NOON)
    assert one_more(tally, FIVE_A_MINUTE, tally.ends_at).doublings == 1
    again = one_more(tally, FIVE_A_MINUTE, tally.ends_at + FORGIVEN_AFTER)
    assert (again.count, again.doublings) == (1, 0)
