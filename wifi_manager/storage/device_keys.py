"""Pseudonyms of devices, and the keys that make them: each is used for a while, then replaced, at last destroyed.

Nobody can link what a destroyed key has made to a device again. The first pseudonyms of a city are made with a key
that is derived from the master key; it has no row.
"""

import hashlib
import hmac
import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.storage.master_keys import KEY_BYTES
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.law import device_key
from wifi_manager.storage.rows.visits import block, device
from wifi_manager.storage.vault import DEVICE_PURPOSE, Vault

LEAD = timedelta(minutes=10)  # a new key makes pseudonyms so long after it was made: every process knows it by then
_FRESH_SECONDS = 60.0
KEY_PURPOSE = "device key"  # the vault's purpose
_HELD = b"held"  # before the address: the pseudonym of a device whose citizen had their data deleted
_LIVING = (
    sa.select(device_key.c.id, device_key.c.starts_at, device_key.c.key_sealed)
    .where(device_key.c.city_id == sa.bindparam("city"), device_key.c.key_sealed.is_not(None))
    .order_by(device_key.c.starts_at.desc())
)
_WITHOUT_ROW = sa.select(
    sa.or_(
        *(
            sa.exists().where(table.c.city_id == sa.bindparam("city"), table.c.key_id.is_(None))
            for table in (device, block)
        )
    )
)
_UNUSED = sa.and_(*(~sa.exists().where(table.c.key_id == device_key.c.id) for table in (device, block)))


@dataclass(frozen=True, slots=True)
class LivingKey:
    """A key that has made pseudonyms, or will. Without `secret` it is the one that is derived from the master key."""

    row: int | None = None
    starts_at: datetime | None = None
    secret: bytes | None = field(default=None, repr=False)

    def has_started(self, now: datetime) -> bool:
        """Whether it makes pseudonyms now, unless a newer one does."""
        return self.starts_at is None or self.starts_at <= now


@dataclass(frozen=True, slots=True)
class Pseudonym:
    """What stands for a device, and the row of the key that made it."""

    key: int | None
    digest: bytes


def by_pseudonym(column: sa.Column[bytes], keys: int) -> sa.ColumnElement[bool]:
    """Whether it is any pseudonym of a device, one for each of so many living keys: `any_of` are its parameters."""
    if keys == 1:
        return column == sa.bindparam("pseudonym_0", type_=column.type)
    return column.in_([sa.bindparam(f"pseudonym_{place}", type_=column.type) for place in range(keys)])


def any_of(pseudonyms: Collection[Pseudonym]) -> dict[str, object]:
    """The parameters of `by_pseudonym`."""
    return {f"pseudonym_{place}": each.digest for place, each in enumerate(pseudonyms)}


class DeviceKeyRing:
    """The living keys as this process has read them within the last minute. Needs no lock, as KeyRing."""

    def __init__(self, timer: Callable[[], float] = time.monotonic) -> None:
        self._timer = timer
        self._read: tuple[Sequence[LivingKey], float] = ((), float("-inf"))

    def living(self, read: Callable[[], Sequence[LivingKey]]) -> Sequence[LivingKey]:
        """The newest first; read anew by `read` after 60 s."""
        keys, read_at = self._read
        if self._timer() - read_at < _FRESH_SECONDS:
            return keys
        self._read = (read(), self._timer())
        return self._read[0]

    def forget(self) -> None:
        """Read anew at the next question."""
        self._read = ((), float("-inf"))


@dataclass(frozen=True)
class Pseudonyms:
    """What stands for a device in this city, by every key that may have made it."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that need no addresses: they must not ask
    ring: DeviceKeyRing
    _known: dict[tuple[int | None, bytes], Pseudonym] = field(default_factory=dict, repr=False)  # made before

    def of(self, address: MacAddress) -> list[Pseudonym]:
        """One for each living key, the newest key's first."""
        return [self._made(key, address.octets) for key in self._living()]

    def held_of(self, address: MacAddress) -> list[Pseudonym]:
        """As `of`, for a device whose citizen had their data deleted while the law holds its visits."""
        return [self._made(key, _HELD + address.octets) for key in self._living()]

    def current(self, address: MacAddress, now: datetime) -> Pseudonym:
        """The one that a row gets now."""
        return self._made(self._current(now), address.octets)

    def current_held(self, address: MacAddress, now: datetime) -> Pseudonym:
        """As `current`, for a device as in `held_of`."""
        return self._made(self._current(now), _HELD + address.octets)

    def current_key(self, now: datetime) -> int | None:
        """Row of the key that makes pseudonyms now; None for the derived one."""
        return self._current(now).row

    def newest_start(self) -> datetime | None:
        """When the newest key starts or started. None: there is none but the derived one."""
        return self._living()[0].starts_at

    def add_key(self, now: datetime) -> None:
        """Make a random key, which makes pseudonyms from 10 minutes on. One too many is destroyed unused."""
        sealed = self._keys().seal(KEY_PURPOSE, os.urandom(KEY_BYTES))
        values = {"city_id": self.city_id, "key_sealed": sealed, "made_at": now, "starts_at": now + LEAD}
        self.connection.execute(sa.insert(device_key).values(values))
        self.ring.forget()

    def destroy_unused(self, now: datetime) -> int:
        """Destroy keys before the current one that no device and no block has left; returns how many.

        Not in its first minutes: another process may be a little slower to change.
        """
        current = self._current(now)
        if current.starts_at is None or now - current.starts_at < LEAD:
            return 0
        replaced = device_key.c.starts_at < sa.bindparam("current", current.starts_at, type_=Moment)
        mine = sa.and_(device_key.c.city_id == self.city_id, device_key.c.key_sealed.is_not(None))
        gone = sa.update(device_key).where(mine, replaced, _UNUSED).values(key_sealed=None, destroyed_at=now)
        count = self.connection.execute(gone).rowcount
        if count:
            self.ring.forget()
        return count

    def _living(self) -> Sequence[LivingKey]:
        return self.ring.living(self._read)

    def _current(self, now: datetime) -> LivingKey:
        return next((key for key in self._living() if key.has_started(now)), LivingKey())

    def _read(self) -> Sequence[LivingKey]:
        rows = self.connection.execute(_LIVING, {"city": self.city_id}).all()
        keys = [LivingKey(row.id, row.starts_at, self._keys().unseal(KEY_PURPOSE, row.key_sealed)) for row in rows]
        derived = self.connection.scalar(_WITHOUT_ROW, {"city": self.city_id})
        # While the first key has not started, the derived one makes new pseudonyms.
        is_needed = derived or len(keys) < 2  # noqa: PLR2004 - the newest one and one that has started before it
        return [*keys, LivingKey()] if is_needed else keys

    def _made(self, key: LivingKey, clear: bytes) -> Pseudonym:
        """A transaction needs those of one device several times."""
        known = self._known.get((key.row, clear))
        if known is None:
            known = self._known[key.row, clear] = self._make(key, clear)
        return known

    def _make(self, key: LivingKey, clear: bytes) -> Pseudonym:
        if key.secret is None:
            return Pseudonym(None, self._keys().digest(DEVICE_PURPOSE, clear))
        return Pseudonym(key.row, hmac.digest(key.secret, clear, hashlib.sha256))

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch devices.")
        return self.vault
