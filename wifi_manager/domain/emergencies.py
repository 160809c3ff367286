"""Emergency: a district or a site where everybody gets online with one tap, until a moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wifi_manager.domain.errors import BadInput

LONGEST = timedelta(hours=72)


@dataclass(frozen=True, slots=True)
class Emergency:
    """One opening. `site` is None where the whole district is open."""

    number: int
    district: str
    site: str | None
    since: datetime
    until: datetime
    reason: str
    opened_by: str
    closed_at: datetime | None = None

    def is_open(self, now: datetime) -> bool:
        """False once it was closed or its time is over."""
        return self.closed_at is None and now < self.until

    @property
    def where(self) -> str:
        """The place in words."""
        return self.district if self.site is None else f"{self.site}, {self.district}"


def check_end(now: datetime, until: datetime) -> None:
    """Raise BadInput unless an emergency that begins now may last until then."""
    if not now < until <= now + LONGEST:
        hours = int(LONGEST.total_seconds() // 3600)
        raise BadInput(f"An emergency ends within {hours} hours. It can be opened again when it is over.")
