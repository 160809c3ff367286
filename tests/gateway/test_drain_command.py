from datetime import UTC, datetime, timedelta

import pytest

from wifi_manager.cli.gateway_drain import next_time

NOW = datetime(2030, 6, 3, 12, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_seoul(monkeypatch):
    """The machine stands in Seoul."""
    import time

    monkeypatch.setenv("TZ", "Asia/Seoul")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("22:30", 1.5),  # it is 21:00
        ("03:30", 6.5),
        ("2030-06-04T03:30", 6.5),
        ("2030-06-03T20:30+00:00", 8.5),
    ],
)
def test_a_time_of_day_is_the_next_one_on_the_machines_clock(text, hours):
    assert next_time(text, NOW) - NOW == timedelta(hours=hours)


@pytest.mark.parametrize("text", ["soon", "25:00", ""])
def test_what_is_no_time_is_refused(text):
    with pytest.raises(ValueError, match=r"Invalid isoformat|hour must be"):
        next_time(text, NOW)
