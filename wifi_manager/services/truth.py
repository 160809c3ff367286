"""Inventory truth: what access points are made of, asked of themselves once a day and after each change."""

from dataclasses import dataclass
from datetime import timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.hardware import Hardware
from wifi_manager.storage.store import Store

GOOD_FOR = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Truth:
    """The city's list is never changed by what is found; `domain.hardware.differences` names where they disagree."""

    store: Store
    clock: Clock

    def is_due(self, external_id: str, model: str, firmware: str) -> bool:
        """Whether an access point with this model and firmware has to be asked."""
        with self.store.read() as tx:
            return tx.hardware.is_due(external_id, model, firmware, self.clock.now() - GOOD_FOR)

    def record(self, external_id: str, found: Hardware) -> None:
        """Keep what it said. One that was taken out of the inventory meanwhile changes nothing."""
        with self.store.begin() as tx:
            number = tx.access_points.number(external_id)
            if number is not None:
                tx.hardware.record(number, found, self.clock.now())

    def get(self, external_id: str) -> Hardware | None:
        """What one access point said, or None before it was asked."""
        with self.store.read() as tx:
            return tx.hardware.get(external_id)
