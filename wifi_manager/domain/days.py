"""Days as people write them, in the city's time."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from wifi_manager.domain.errors import BadInput


def end_of_day(day: str, zone: ZoneInfo) -> datetime:
    """The first moment after this day (YYYY-MM-DD). Raises BadInput for what is no day."""
    try:
        after = date.fromisoformat(day) + timedelta(days=1)
    except (ValueError, OverflowError) as wrong:
        raise BadInput(f"{day!r} is no day. Example: 2027-03-31") from wrong
    return datetime.combine(after, time(), zone)


def last_day(until: datetime, zone: ZoneInfo) -> str:
    """The day that a moment made by `end_of_day` ends."""
    return (until - timedelta(microseconds=1)).astimezone(zone).date().isoformat()
