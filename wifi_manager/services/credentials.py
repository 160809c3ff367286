"""Keys to access points while they are changed: at every moment, the key that counts is one that the device takes."""

from collections.abc import Sequence
from dataclasses import dataclass

from wifi_manager.clock import Clock
from wifi_manager.domain.access_points import AccessPoint, LifeCycle
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import Conflict, NotFound
from wifi_manager.storage.credentials import Credential
from wifi_manager.storage.store import Store


@dataclass(frozen=True, slots=True)
class CredentialKeeping:
    """The rows behind `provisioning.credentials`. Each step is one transaction and may be repeated."""

    store: Store
    clock: Clock

    def managed(self) -> Sequence[AccessPoint]:
        """Every access point whose key may be changed."""
        with self.store.read() as tx:
            return [each for each in tx.access_points.all().values() if each.life_cycle is LifeCycle.MANAGED]

    def access_point(self, external_id: str) -> AccessPoint:
        """One of them. Raises NotFound."""
        with self.store.read() as tx:
            found = tx.access_points.get(external_id)
        if found is None or found.management is None:
            raise NotFound(f"{external_id} is not enrolled. Run `wifi-manager provision enrol {external_id} …`.")
        return found

    def get(self, external_id: str) -> Credential:
        """Its keys. Raises NotFound."""
        with self.store.read() as tx:
            return tx.credentials.get(external_id)

    def offer(self, external_id: str, private_key: str) -> str:
        """Keep a new key before it is put on the device; an earlier one that was never proved is taken up again."""
        with self.store.begin() as tx:
            return tx.credentials.offer(external_id, private_key)

    def promote(self, external_id: str, private_key: str, *, by: str) -> None:
        """The device has taken this key: from now on it is the one. Raises Conflict."""
        with self.store.begin() as tx:
            tx.credentials.promote(external_id, private_key)
            tx.audit.add(AuditEntry(self.clock.now(), by, "changed the key of", "access point", external_id))

    def must_be_idle(self, external_id: str) -> None:
        """Raises Conflict while a worker, who may have signed in with the key before, is at the access point."""
        with self.store.read() as tx:
            if tx.credentials.is_being_changed(external_id):
                raise Conflict(f"A push to {external_id} is under way; change its key when that has ended.")

    def forget_previous(self, external_id: str) -> None:
        """The old key is off the device."""
        with self.store.begin() as tx:
            tx.credentials.forget_previous(external_id)
