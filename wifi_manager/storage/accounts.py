"""Accounts of residents in one city. Their names lie sealed, and are found by their keyed digest."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.accounts import Account
from wifi_manager.domain.errors import Conflict
from wifi_manager.storage.held import RunningVisit, running_visits
from wifi_manager.storage.once import insert_once
from wifi_manager.storage.rows.accounts import account
from wifi_manager.storage.rows.visits import visit
from wifi_manager.storage.vault import Vault

NAME_PURPOSE, ADDRESS_PURPOSE, _HOLDER = "account name", "account address", "account"  # of the vault
_ADD = insert_once(account, account.c.id)


@dataclass(frozen=True)
class Accounts:
    """Questions about and changes of a city's accounts."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None

    def add(self, name: str, code_digest: bytes, code_ends_at: datetime, now: datetime) -> int:
        """Add an account and return its number. Raises Conflict when the name is taken."""
        values = {
            "city_id": self.city_id,
            "name_digest": self._keys().digest(NAME_PURPOSE, name.encode()),
            "name_sealed": self._keys().seal(NAME_PURPOSE, name.encode()),
            "is_active": True,
            "added_at": now,
            "code_digest": code_digest,
            "code_ends_at": code_ends_at,
        }
        number: int | None = self.connection.scalar(_ADD[self.connection.dialect.name], values)
        if number is None:
            raise Conflict("There is an account of this login name already. Choose another name.")
        return number

    def all(self) -> tuple[Account, ...]:
        """Every account, by number."""
        query = sa.select(account).where(account.c.city_id == self.city_id).order_by(account.c.id)
        return tuple(map(self._read, self.connection.execute(query)))

    def find(self, name: str, *, lock: bool = False) -> Account | None:
        """The account of a folded login name. With `lock` others who lock it wait until this transaction ends."""
        return self._one(account.c.name_digest == self._keys().digest(NAME_PURPOSE, name.encode()), lock=lock)

    def get(self, number: int) -> Account | None:
        """The account of this number, locked as `find` does."""
        return self._one(account.c.id == number, lock=True)

    def set_code(self, number: int, digest: bytes | None, ends_at: datetime | None) -> None:
        """Give another one-time code, or none."""
        self._set(number, {"code_digest": digest, "code_ends_at": ends_at})

    def set_mailed_code(self, number: int, digest: bytes | None, ends_at: datetime | None) -> None:
        """Give another one-time code by mail, or none; one that staff gave stays good."""
        self._set(number, {"mailed_digest": digest, "mailed_ends_at": ends_at})

    def set_address(self, number: int, address: str) -> None:
        """Where its citizen can be written to; empty: nowhere. A code that went to the former address is void."""
        sealed = self._keys().seal(ADDRESS_PURPOSE, address.encode()) if address else None
        self._set(number, {"address_sealed": sealed, "mailed_digest": None, "mailed_ends_at": None})

    def address(self, number: int) -> str | None:
        """Where its citizen can be written to, or None."""
        query = sa.select(account.c.address_sealed).where(self._mine(account.c.id == number))
        sealed: bytes | None = self.connection.scalar(query)
        return None if sealed is None else self._keys().unseal(ADDRESS_PURPOSE, sealed).decode()

    def set_password(self, number: int, password_hash: str) -> None:
        """Set a password; one-time codes are used up by it."""
        no_codes = dict.fromkeys(("code_digest", "code_ends_at", "mailed_digest", "mailed_ends_at"))
        self._set(number, {"password_hash": password_hash, **no_codes})

    def set_active(self, number: int, *, is_active: bool) -> None:
        """Shut it out, or let it in again."""
        self._set(number, {"is_active": is_active})

    def delete(self, number: int) -> None:
        """Forget it. Its visits stay as figures that nothing links to it."""
        held = sa.and_(visit.c.city_id == self.city_id, visit.c.holder == self.holder(number))
        self.connection.execute(sa.update(visit).where(held).values(holder=None))
        self.connection.execute(sa.delete(account).where(self._mine(account.c.id == number)))

    def holder(self, number: int) -> bytes:
        """What its visits are held by."""
        return self._keys().digest(_HOLDER, str(number).encode())

    def running(self, number: int, now: datetime) -> tuple[RunningVisit, ...]:
        """Its visits that run now."""
        return running_visits(self.connection, self.city_id, visit.c.holder == self.holder(number), now)

    def _one(self, which: sa.ColumnElement[bool], *, lock: bool) -> Account | None:
        query = sa.select(account).where(self._mine(which))
        row = self.connection.execute(query.with_for_update() if lock else query).one_or_none()
        return None if row is None else self._read(row)

    def _set(self, number: int, values: dict[str, object]) -> None:
        self.connection.execute(sa.update(account).where(self._mine(account.c.id == number)).values(values))

    def _mine(self, which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        return sa.and_(account.c.city_id == self.city_id, which)

    def _read(self, row: sa.Row[tuple[object, ...]]) -> Account:
        name = self._keys().unseal(NAME_PURPOSE, row.name_sealed).decode()
        return Account(
            row.id, name, row.password_hash, row.is_active, row.added_at, row.code_digest, row.code_ends_at,
            row.mailed_digest, row.mailed_ends_at, row.address_sealed is not None,
        )  # fmt: skip

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch accounts.")
        return self.vault
