"""Maintenance windows: a push starts inside one and has the time to undo itself before it closes."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import a_site
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_layers import Scope
from wifi_manager.domain.maintenance import Calendar, Start, Windows, window_scope

SEOUL, BERLIN = ZoneInfo("Asia/Seoul"), ZoneInfo("Europe/Berlin")
NEEDED = timedelta(minutes=3)
MONDAY = datetime(2026, 11, 30, tzinfo=SEOUL)


def at(hour, minute=0, day=0):
    return (MONDAY + timedelta(days=day, hours=hour, minutes=minute)).astimezone(UTC)


def start(text, now, zone=SEOUL):
    return Windows.parse(text).next_start(now, NEEDED, zone)


def test_inside_a_window_it_starts_now_and_outside_when_it_opens():
    assert start("daily 01:00-05:00", at(3)) == at(3)
    assert start("daily 01:00-05:00", at(12)) == at(1, day=1)
    assert start("sat 23:00-04:00", at(12)) == at(23, day=5)


def test_a_push_does_not_start_so_late_that_its_undo_would_run_past_the_end():
    assert start("daily 01:00-05:00", at(4, 57)) == at(4, 57)
    assert start("daily 01:00-05:00", at(4, 58)) == at(1, day=1)


def test_a_window_may_pass_midnight_and_two_that_touch_are_one():
    assert start("sun 23:00-04:00", at(2)) == at(2)
    assert start("mon 20:00-24:00, tue 00:00-02:00", at(23, 59)) == at(23, 59)


def test_a_window_that_is_too_short_is_never_long_enough():
    assert start("daily 01:00-01:02", at(0)) is None


def test_hours_are_those_of_the_city_also_when_its_clocks_change():
    before = datetime(2026, 3, 29, 0, 30, tzinfo=UTC)  # 01:30 in Berlin; at 02:00 it becomes 03:00
    assert start("sun 01:00-04:00", before, BERLIN) == before
    late = datetime(2026, 3, 29, 1, 58, tzinfo=UTC)  # 03:58 after the change
    assert start("daily 01:00-04:00", late, BERLIN) == datetime(2026, 3, 29, 23, 0, tzinfo=UTC)


@given(st.integers(0, 7 * 24 * 60), st.integers(0, 23 * 60), st.integers(1, 24 * 60 - 1))
def test_whatever_the_moment_a_start_is_inside_a_window_for_as_long_as_is_needed(minute, opens, length):
    closes = (opens + length) % (24 * 60)
    now = MONDAY.astimezone(UTC) + timedelta(minutes=minute)
    text = f"daily {opens // 60:02}:{opens % 60:02}-{closes // 60:02}:{closes % 60:02}"
    found = start(text, now)
    if timedelta(minutes=length) < NEEDED and length + opens != 24 * 60:
        assert found is None or found >= now
        return
    assert found is not None
    since = (found.astimezone(SEOUL) - MONDAY - timedelta(minutes=opens)) % timedelta(days=1)
    assert found >= now
    assert since + NEEDED <= timedelta(minutes=length)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "no maintenance window"),
        ("daily", "no maintenance window"),
        ("foo 01:00-02:00", "no day of the week"),
        ("mon 25:00-26:00", "24:00"),
        ("mon 1:00-2:00", "no maintenance window"),
    ],
)
def test_what_is_no_window_is_refused_with_an_example(text, says):
    with pytest.raises(BadInput, match=says):
        Windows.parse(text)


def test_days_may_pass_the_end_of_the_week():
    assert {span.day for span in Windows.parse("sat-mon 01:00-02:00").spans} == {5, 6, 0}


def test_the_narrowest_windows_hold():
    site = a_site(district="River", name="Park 1")
    words = {"city": "daily 01:00-02:00", "kind:park": "daily 02:00-03:00", "site:River/Park 1": "daily 03:00-04:00"}
    for count, hour in ((0, None), (1, 1), (2, 2), (3, 3)):
        windows = {Scope.parse(scope): Windows.parse(text) for scope, text in list(words.items())[:count]}
        found = Calendar(windows, SEOUL).start(site, at(0), NEEDED)
        assert found == (Start(at(0)) if hour is None else Start(at(hour), at(hour)))


def test_no_windows_for_one_access_point_or_the_fleet():
    for text in ("ap:AP-1", "fleet"):
        with pytest.raises(BadInput, match="Windows are for"):
            window_scope(text)
