"""Opening: a device that may reach the city's eID provider for as long as its citizen signs in there."""

from dataclasses import dataclass
from datetime import datetime

from wifi_manager.domain.addresses import MacAddress


@dataclass(frozen=True, slots=True)
class Opening:
    """A device that its gateway lets through to the eID's hosts, and to nothing else."""

    device: MacAddress
    until: datetime

    def holds(self, now: datetime) -> bool:
        """False once its time is over."""
        return now < self.until
