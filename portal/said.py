"""How a page says spans, moments and volumes, in the citizen's language and the city's time."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from portal.catalogue import Catalogue
from wifi_manager.domain.quantities import say_bytes

_MINUTE, _HOUR, _DAY = 60, 3600, 86_400
_DAYS_FROM = 2 * _DAY  # "47 h 59 min" is still easier to grasp than days
_ISOLATED = "\u2066{}\u2069"  # from left to right within a line that runs the other way (Unicode UAX 9)


def span(length: timedelta, say: Catalogue) -> str:
    """`23 h 58 min`, rounded down, so that nobody is promised a minute too many."""
    seconds = int(length.total_seconds())
    if seconds >= _DAYS_FROM:
        return say("time.days", days=seconds // _DAY, hours=seconds % _DAY // _HOUR)
    if seconds >= _HOUR:
        return say("time.hours", hours=seconds // _HOUR, minutes=seconds % _HOUR // _MINUTE)
    return say("time.minutes", minutes=seconds // _MINUTE) if seconds >= _MINUTE else say("time.moments")


def moment(at: datetime, zone: ZoneInfo, say: Catalogue) -> str:
    """`2026년 6월 1일 21:00`. Hyphens between figures would turn a date around in a text from right to left."""
    local = at.astimezone(zone)
    return say("time.moment", year=local.year, month=local.month, day=local.day, time=f"{local:%H:%M}")


def volume(count: int, say: Catalogue) -> str:
    """`1_500_000` bytes → `1.5 MB` or `1,5 MB`."""
    figure = say_bytes(count).replace(".", say("number.decimal"))
    return figure if say("direction") == "ltr" else _ISOLATED.format(figure)
