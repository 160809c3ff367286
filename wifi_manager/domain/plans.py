"""Plan: what one visit may use."""

from dataclasses import dataclass, replace
from datetime import timedelta

from wifi_manager.domain.errors import BadInput

_SHORTEST_IDLE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Plan:
    """What one visit may use. Rates are bits per second, volumes are bytes; None means no limit."""

    name: str
    lifetime: timedelta
    down_bps: int | None = None
    up_bps: int | None = None
    volume_bytes: int | None = None  # both directions together
    up_volume_bytes: int | None = None
    down_volume_bytes: int | None = None
    idle: timedelta | None = None  # without a packet from the device, the visit ends
    extensions: int = 0  # how often its citizen may extend a visit
    extension: timedelta | None = None  # by how much each time; None: by the lifetime

    def within(self, own_volume_bytes: int | None) -> "Plan":
        """This plan where what was shown allows no more volume than that, in both directions together."""
        if own_volume_bytes is None:
            return self
        return replace(self, volume_bytes=min(own_volume_bytes, self.volume_bytes or own_volume_bytes))

    def __post_init__(self) -> None:
        """Refuse a plan that would let nobody through."""
        if self.lifetime <= timedelta(0):
            raise BadInput(f"Plan {self.name!r}: lifetime must be longer than nothing, such as 24 hours.")
        if self.idle is not None and self.idle < _SHORTEST_IDLE:
            raise BadInput(f"Plan {self.name!r}: idle must be a minute or longer: phones sleep between packets.")
        if self.extensions < 0:
            raise BadInput(f"Plan {self.name!r}: extensions must be 0 or more: how often a visit may be extended.")
        if self.extension is not None and self.extension <= timedelta(0):
            raise BadInput(
                f"Plan {self.name!r}: extension must be longer than nothing, or left out for the lifetime."
            )
        for limit in ("down_bps", "up_bps", "volume_bytes", "up_volume_bytes", "down_volume_bytes"):
            value = getattr(self, limit)
            if value is not None and value <= 0:
                raise BadInput(f"Plan {self.name!r}: {limit} must be above 0; leave it out for no limit.")
