"""What polls of access points found: the newest of each is kept."""

from collections.abc import Mapping
from dataclasses import dataclass

from wifi_manager.domain.access_points import Management
from wifi_manager.domain.observations import Observation
from wifi_manager.services.change_control import Reach
from wifi_manager.storage.store import Store


@dataclass(frozen=True)
class Collection:
    """Whom to poll, and where to put what was found."""

    store: Store

    def targets(self) -> Mapping[str, Management]:
        """Every managed access point by external id."""
        with self.store.read() as tx:
            return tx.observations.managed()

    def reach(self, external_id: str, management: Management) -> Reach:
        """How to sign in to one of them. Raises NotFound when its key is missing."""
        with self.store.read() as tx:
            return Reach(management, tx.pushes.credential(external_id))

    def record(self, external_id: str, found: Observation, reason: str = "") -> None:
        """Keep what one poll found; `reason` says in words why an access point counts as down."""
        with self.store.begin() as tx:
            tx.observations.record(external_id, found, reason)
