"""What polls of access points found: the newest of each is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from wifi_manager.domain.access_points import Managed
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.services.change_control import Reach
from wifi_manager.storage.store import Store

SILENT_AFTER = timedelta(minutes=5)
_SILENT = "It tells of itself, and has not for five minutes. Look at its power and its way to the internet."


@dataclass(frozen=True)
class Collection:
    """Whom to poll, and where to put what was found."""

    store: Store

    def targets(self) -> Mapping[str, Managed]:
        """Every managed access point by external id."""
        with self.store.read() as tx:
            return tx.observations.managed()

    def reach(self, external_id: str, managed: Managed) -> Reach:
        """How to sign in to one of them. Raises NotFound when its key is missing."""
        with self.store.read() as tx:
            return Reach(managed.management, tx.pushes.credential(external_id), managed.platform)

    def record_many(self, found: Sequence[Looked]) -> None:
        """Keep what looks found, in one transaction: the newest of each access point stays."""
        with self.store.begin() as tx:
            tx.observations.record(found)

    def last_up(self, external_id: str) -> Observation | None:
        """What an access point told when it last answered; None where it never did."""
        with self.store.read() as tx:
            return tx.observations.last_up(external_id)

    def call_silent(self, now: datetime) -> int:
        """Count those as down that tell of themselves and have not for SILENT_AFTER; how many they are."""
        with self.store.read() as tx:
            silent = tx.look_tokens.fallen_silent(now - SILENT_AFTER)
        if silent:
            down = Observation(at=now, up=False)
            self.record_many([Looked(each, down, _SILENT) for each in silent])
        return len(silent)
