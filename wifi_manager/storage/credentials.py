"""Keys that sign in to access points, sealed, while they are changed: the one in use, the next, the one before."""

from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.errors import Conflict, NotFound
from wifi_manager.domain.pushes import PushState
from wifi_manager.storage.pushes import CREDENTIAL_PURPOSE
from wifi_manager.storage.rows.inventory import access_point
from wifi_manager.storage.rows.provisioning import credential, push
from wifi_manager.storage.vault import Vault


@dataclass(frozen=True, slots=True)
class Credential:
    """Private keys as text. `upcoming` may be on the device already, `previous` may still be."""

    current: str = field(repr=False)
    upcoming: str | None = field(repr=False)
    previous: str | None = field(repr=False)


@dataclass(frozen=True)
class Credentials:
    """Questions about and changes of a city's keys to access points."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None

    def get(self, external_id: str) -> Credential:
        """All keys of one access point. Raises NotFound."""
        query = sa.select(credential).where(credential.c.access_point_id == self._number(external_id))
        row = self.connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(f"No key is stored for {external_id}. Give it with `wifi-manager provision enrol`.")
        current, upcoming, previous = (
            self._open(row[name]) for name in ("private_key_sealed", "next_sealed", "previous_sealed")
        )
        if current is None:
            raise NotFound(f"The key of {external_id} is gone. Enrol it again.")
        return Credential(current, upcoming, previous)

    def offer(self, external_id: str, private_key: str) -> str:
        """Keep a key that is about to be put on the device, or return the one that was kept before."""
        known = self.get(external_id).upcoming
        if known is not None:
            return known
        self._set(external_id, next_sealed=self._keys().seal(CREDENTIAL_PURPOSE, private_key.encode()))
        return private_key

    def promote(self, external_id: str, private_key: str) -> None:
        """From now on we sign in with this key, which was offered. Raises Conflict when another process did so."""
        if self.get(external_id).upcoming != private_key:
            raise Conflict(f"Somebody else is changing the key of {external_id} at this moment.")
        self._set(
            external_id,
            previous_sealed=credential.c.private_key_sealed,
            private_key_sealed=credential.c.next_sealed,
            next_sealed=None,
        )

    def forget_previous(self, external_id: str) -> None:
        """The device does not take it any more."""
        self._set(external_id, previous_sealed=None)

    def is_being_changed(self, external_id: str) -> bool:
        """Whether a worker is at that access point, perhaps with the key before."""
        query = sa.select(push.c.id).where(
            push.c.access_point_id == self._number(external_id), push.c.state == PushState.RUNNING.value
        )
        return self.connection.scalar(query.limit(1)) is not None

    def _set(self, external_id: str, **values: Any) -> None:
        mine = credential.c.access_point_id == self._number(external_id)
        self.connection.execute(sa.update(credential).where(mine).values(values))

    def _number(self, external_id: str) -> sa.ScalarSelect[int]:
        mine = sa.and_(access_point.c.city_id == self.city_id, access_point.c.external_id == external_id)
        return sa.select(access_point.c.id).where(mine).scalar_subquery()

    def _open(self, sealed: bytes | None) -> str | None:
        return None if sealed is None else self._keys().unseal(CREDENTIAL_PURPOSE, sealed).decode()

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch keys.")
        return self.vault
