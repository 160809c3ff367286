"""Devices that get in nowhere in the city: by pseudonym, with the sealed address that gateways need."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.blocks import Block
from wifi_manager.storage.device_keys import Pseudonyms, any_of, by_pseudonym
from wifi_manager.storage.prepared import Prepared
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.visits import block
from wifi_manager.storage.vault import Vault

BLOCK_PURPOSE = "blocked device"  # the vault's purpose for sealed addresses
IN_FORCE = sa.and_(
    block.c.city_id == sa.bindparam("city"),
    sa.or_(block.c.until.is_(None), block.c.until > sa.bindparam("now", type_=Moment)),
)
_ALL = sa.select(block).where(IN_FORCE).order_by(block.c.id)
_OF = (
    sa.select(block)
    .where(block.c.city_id == sa.bindparam("city"), block.c.number.in_(sa.bindparam("numbers", expanding=True)))
    .order_by(block.c.id)
)


def block_columns(prefix: str) -> tuple[sa.ColumnElement[Any], ...]:
    """What `to_block` reads, for joins."""
    return tuple(each.label(f"{prefix}{each.name}") for each in block.c)


@cache
def _one(keys: int) -> Prepared:
    """The block of a device: every sign-in asks."""
    return Prepared(sa.select(block).where(IN_FORCE, by_pseudonym(block.c.pseudonym, keys)))


@dataclass(frozen=True, slots=True)
class KeptBlock:
    """A block as city IT knows it: by the number of its row."""

    row: int
    number: int  # the device's
    block: Block
    since: datetime
    set_by: str


@dataclass(frozen=True)
class Blocks:
    """Questions about and changes of a city's blocks. A lifted one is one whose time is over."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that need no addresses: they must not ask
    pseudonyms: Pseudonyms

    def set(self, device: MacAddress, number: int, until: datetime | None, now: datetime, set_by: str) -> int:
        """Block a device until then, whatever stood before; returns the number of the row."""
        values = {"number": number, "since": now, "until": until, "set_by": set_by}
        digests = [each.digest for each in self.pseudonyms.of(device)]
        mine = sa.and_(block.c.city_id == self.city_id, block.c.pseudonym.in_(digests))
        row = self.connection.scalar(sa.update(block).where(mine).values(values).returning(block.c.id))
        if row is None:
            sealed = self._keys().seal(BLOCK_PURPOSE, device.octets)
            made = self.pseudonyms.current(device, now)
            named = {"pseudonym": made.digest, "key_id": made.key, "device_sealed": sealed, "city_id": self.city_id}
            row = self.connection.scalar(sa.insert(block).values({**named, **values}).returning(block.c.id))
        return int(row or 0)

    def lift(self, row: int, now: datetime) -> None:
        """End a block now. Gateways are told so by its time that is over; `tidy` deletes it later."""
        mine = sa.and_(block.c.city_id == self.city_id, block.c.id == row)
        self.connection.execute(sa.update(block).where(mine).values(until=now))

    def in_force_on(self, device: MacAddress, now: datetime) -> KeptBlock | None:
        """The block of a device, or None."""
        of = self.pseudonyms.of(device)
        row = _one(len(of)).first(self.connection, {"city": self.city_id, "now": now, **any_of(of)})
        return None if row is None else to_block(row, self.vault)

    def in_force(self, now: datetime) -> tuple[KeptBlock, ...]:
        """Every block, in the order of their rows."""
        rows = self.connection.execute(_ALL, {"city": self.city_id, "now": now}).mappings()
        return tuple(to_block(row, self.vault) for row in rows)

    def of(self, numbers: Collection[int]) -> tuple[Block, ...]:
        """Blocks of these devices, lifted ones too."""
        rows = self.connection.execute(_OF, {"city": self.city_id, "numbers": list(numbers)}).mappings()
        return tuple(to_block(row, self.vault).block for row in rows)

    def rekey(self, now: datetime) -> int:
        """Give blocks pseudonyms of today's key, for they outlive every key; returns how many had an older one's."""
        is_old = block.c.key_id.is_distinct_from(self.pseudonyms.current_key(now))
        rows = (
            self.connection.execute(sa.select(block).where(block.c.city_id == self.city_id, is_old)).mappings().all()
        )
        for row in rows:
            made = self.pseudonyms.current(to_block(row, self.vault).block.device, now)
            values = {"pseudonym": made.digest, "key_id": made.key}
            self.connection.execute(sa.update(block).where(block.c.id == row["id"]).values(values))
        return len(rows)

    def _keys(self) -> Vault:
        return _needed(self.vault)


def to_block(row: Mapping[Any, Any], vault: Vault | None, prefix: str = "") -> KeptBlock:
    """Read a block's columns, wherever they were joined: there their names begin with `prefix`."""
    device = MacAddress(_needed(vault).unseal(BLOCK_PURPOSE, row[f"{prefix}device_sealed"]))
    named = Block(device, row[f"{prefix}until"])
    return KeptBlock(row[f"{prefix}id"], row[f"{prefix}number"], named, row[f"{prefix}since"], row[f"{prefix}set_by"])


def _needed(vault: Vault | None) -> Vault:
    if vault is None:
        raise RuntimeError("This process was built without the master key, so it must not touch devices.")
    return vault
