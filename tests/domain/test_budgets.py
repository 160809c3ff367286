"""When the spans of budgets begin."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.domain.budgets import day_of, hour_of

MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - UTC is given


@pytest.mark.parametrize("zone", ["Asia/Seoul", "Asia/Manila", "Europe/Berlin", "America/Sao_Paulo"])
@given(moment=MOMENTS)
def test_a_citys_day_begins_at_its_own_midnight(zone, moment):
    begin = day_of(moment, ZoneInfo(zone))
    assert begin.astimezone(ZoneInfo(zone)).date() == moment.astimezone(ZoneInfo(zone)).date()
    assert timedelta(0) <= moment - begin.astimezone(UTC) < timedelta(hours=25)


@given(MOMENTS)
def test_an_hour_holds_its_moment(moment):
    assert timedelta(0) <= moment - hour_of(moment) < timedelta(hours=1)
