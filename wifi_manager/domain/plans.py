"""Plan: what one visit may use."""

from dataclasses import dataclass
from datetime import timedelta

from wifi_manager.domain.errors import BadInput


@dataclass(frozen=True, slots=True)
class Plan:
    """What one visit may use. Rates are bits per second, volumes are bytes; None means no limit."""

    name: str
    lifetime: timedelta
    down_bps: int | None = None
    up_bps: int | None = None
    volume_bytes: int | None = None  # both directions together

    def __post_init__(self) -> None:
        """Refuse a plan that would let nobody through."""
        if self.lifetime <= timedelta(0):
            raise BadInput(f"Plan {self.name!r}: lifetime must be longer than nothing, such as 24 hours.")
        for limit in ("down_bps", "up_bps", "volume_bytes"):
            value = getattr(self, limit)
            if value is not None and value <= 0:
                raise BadInput(f"Plan {self.name!r}: {limit} must be above 0; leave it out for no limit.")
