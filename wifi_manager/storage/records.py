"""What the law asks of every table alike: how old its rows are, erasing old ones, one device's rows, erasing those.

`rows/records.py` says for each table what that means.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.law import Kind
from wifi_manager.storage.held import keep_bytes
from wifi_manager.storage.rows import metadata
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.records import RECORDS, Aged
from wifi_manager.storage.rows.visits import device, visit

_BEFORE = sa.bindparam("before", type_=Moment)
_CITY = sa.bindparam("city", type_=sa.BigInteger)


@dataclass(frozen=True, slots=True)
class Holding:
    """What a table of aged records holds: rows, those older than they may be, and since when the oldest is due."""

    table: str
    kind: Kind
    rows: int
    overdue: int
    oldest: datetime | None


def tables() -> Iterator[tuple[str, Kind]]:
    """Every table whose rows are erased by age, in the order in which that is done."""
    yield from ((name, record.kind) for name, record in _aged())


@dataclass(frozen=True)
class Records:
    """Questions about and erasures of a city's personal records."""

    connection: sa.Connection
    city_id: int

    def forget(self, table: str, before: datetime, limit: int) -> int:
        """Delete at most so many rows whose time runs from before then; returns how many."""
        given = {"city": self.city_id, "before": before, "limit": limit}
        return self.connection.execute(_forget(table), given).rowcount

    def holding(self, table: str, before: datetime) -> Holding:
        """What the table holds, seen with the moment before which rows are too old."""
        given = {"city": self.city_id, "before": before}
        rows, overdue, oldest = self.connection.execute(_holding(table), given).one()
        return Holding(table, _record(table).kind, rows, overdue, oldest)

    def of_device(self, number: int) -> dict[str, list[dict[str, Any]]]:
        """Everything about a device that its citizen may read, by table."""
        given = {"city": self.city_id, "device": number}
        found = {}
        for name, record in _aged():
            if record.shown and record.of_device is not None:
                table = metadata.tables[name]
                query = sa.select(*record.shown).where(table.c.city_id == _CITY, record.of_device)
                rows = self.connection.execute(query.order_by(*table.primary_key.columns), given).mappings()
                found[name] = [dict(row) for row in rows]
        return found

    def erase_device(self, number: int, held: Collection[Kind]) -> None:
        """Erase all about a device but the kinds that the law holds. Where it holds nothing, the device goes too."""
        given = {"city": self.city_id, "device": number}
        if Kind.VISITS not in held:
            keep_bytes(self.connection, self.city_id, number)
        for name, record in _aged():
            keeps_its_number = record.kind is Kind.DEVICES and held
            if record.of_device is not None and record.kind not in held and not keeps_its_number:
                self.connection.execute(_erasure(metadata.tables[name], record), given)

    def set_aside(self, number: int, held_number: int | None, digest: bytes, key: int | None) -> None:
        """Let only a lawful request find the device: by another pseudonym. `held_number`: it was set aside before."""
        mine = sa.and_(device.c.city_id == self.city_id, device.c.id == number)
        if held_number is None:
            self.connection.execute(sa.update(device).where(mine).values(pseudonym=digest, key_id=key))
            return
        self.connection.execute(sa.update(visit).where(visit.c.device_id == number).values(device_id=held_number))
        self.connection.execute(sa.delete(device).where(mine))


def _aged() -> Iterator[tuple[str, Aged]]:
    yield from ((name, record) for name, record in RECORDS.items() if isinstance(record, Aged))


def _record(table: str) -> Aged:
    record = RECORDS[table]
    if not isinstance(record, Aged):
        raise TypeError(f"Rows of {table} have no age: see rows/records.py.")
    return record


def _too_old(table: str) -> sa.ColumnElement[bool]:
    record = _record(table)
    conditions = [metadata.tables[table].c.city_id == _CITY, record.since < _BEFORE]
    if record.indexed is not None:
        conditions.append(record.indexed < _BEFORE)
    if record.unless is not None:
        conditions.append(~record.unless)
    return sa.and_(*conditions)


@cache
def _forget(table: str) -> sa.Delete:
    rows = metadata.tables[table]
    names = tuple(rows.primary_key.columns)
    some = sa.select(*names).where(_too_old(table)).limit(sa.bindparam("limit", type_=sa.BigInteger))
    return sa.delete(rows).where(sa.tuple_(*names).in_(some) if len(names) > 1 else names[0].in_(some))


def _holding(table: str) -> sa.Select[Any]:
    rows, since = metadata.tables[table], _record(table).since
    overdue = sa.func.coalesce(sa.func.sum(sa.case((_too_old(table), 1), else_=0)), 0)
    oldest = sa.func.min(since, type_=Moment)
    return sa.select(sa.func.count(), overdue, oldest).select_from(rows).where(rows.c.city_id == _CITY)


def _erasure(table: sa.Table, record: Aged) -> sa.Update | sa.Delete:
    if record.of_device is None:
        raise TypeError(f"Rows of {table.name} are about no device.")
    mine = sa.and_(table.c.city_id == _CITY, record.of_device)
    return (
        sa.delete(table).where(mine)
        if record.unlinked is None
        else sa.update(table).where(mine).values(record.unlinked)
    )
