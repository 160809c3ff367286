"""Budget: how often something may happen to somebody within a span, such as codes to one number in one day."""

from dataclasses import dataclass
from datetime import datetime, time
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Budget:
    """`whom` is a keyed digest, or empty for the whole city; `since` is when its span began, `limit` how often."""

    what: str
    whom: bytes
    since: datetime
    limit: int


def day_of(now: datetime, zone: ZoneInfo) -> datetime:
    """When the city's day that this moment is in began."""
    return datetime.combine(now.astimezone(zone).date(), time(), zone)


def hour_of(now: datetime) -> datetime:
    """When the hour that this moment is in began."""
    return now.replace(minute=0, second=0, microsecond=0)
