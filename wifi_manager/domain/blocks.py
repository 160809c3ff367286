"""Block: a device that gets in nowhere in the city."""

from dataclasses import dataclass
from datetime import datetime

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import Forbidden


class Blocked(Forbidden):
    """A device that is blocked wants in."""


@dataclass(frozen=True, slots=True)
class Block:
    """A device that no gateway lets through, whatever it does."""

    device: MacAddress
    until: datetime | None = None  # None: for good

    def holds(self, now: datetime) -> bool:
        """False once its time is over."""
        return self.until is None or now < self.until
