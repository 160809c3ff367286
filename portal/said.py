"""How a page says spans and moments, in the citizen's language and the city's time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.catalogue import Catalogue

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_DAYS_FROM = 2 * _DAY  # "47 h 59 min" is still easier to grasp than days


def span(length: timedelta, say: Catalogue) -> str:
    """`23 h 58 min`, rounded down, so that nobody is promised a minute too many."""
    seconds = int(length.total_seconds())
    if seconds >= _DAYS_FROM:
        return say("time.days", days=seconds // _DAY, hours=seconds % _DAY // _HOUR)
    if seconds >= _HOUR:
        return say("time.hours", hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)
    return say("time.minutes", minutes=seconds // _MINUTE) if seconds >= _MINUTE else say("time.moments")


def moment(at: datetime, zone: ZoneInfo) -> str:
    """`2026-06-01 21:00`: the order that ISO 8601 gives is read alike in every language."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
