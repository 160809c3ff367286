"""Batches of vouchers of one city, their codes as keyed digests, and what visits with them have used."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import Conflict
from wifi_manager.domain.vouchers import Admitted, Allowance, Batch, BatchState, Spent, Voucher
from wifi_manager.storage.device_keys import Pseudonyms, any_of, by_pseudonym
from wifi_manager.storage.held import IS_RUNNING, RunningVisit, running_visits
from wifi_manager.storage.once import insert_once
from wifi_manager.storage.prepared import Prepared
from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.inventory import plan
from wifi_manager.storage.rows.visits import device, visit
from wifi_manager.storage.rows.vouchers import voucher, voucher_batch

_CITY, _NOW = sa.bindparam("city", type_=sa.BigInteger), sa.bindparam("now", type_=Moment)
_ADD_BATCH = insert_once(voucher_batch, voucher_batch.c.id)
_ALLOWED = (
    plan.c.name.label("plan_name"),
    voucher_batch.c.uses.label("most_uses"),
    voucher_batch.c.devices,
    voucher_batch.c.good_until,
    voucher_batch.c.lasts_seconds,
    voucher_batch.c.volume_bytes,
)
_IS_MINE = sa.and_(voucher.c.city_id == _CITY, voucher.c.digest == sa.bindparam("whose"))
_FIND = Prepared(
    sa.select(voucher, *_ALLOWED)
    .join_from(voucher, voucher_batch, voucher.c.batch_id == voucher_batch.c.id)
    .outerjoin(plan, voucher_batch.c.plan_id == plan.c.id)
    .where(_IS_MINE)
    .with_for_update(of=voucher)
)
_USE = Prepared(sa.update(voucher).where(_IS_MINE), ("uses", "first_used_at"))
_IS_USED = sa.case((voucher.c.uses > 0, 1), else_=0)
_IS_REVOKED = sa.case((voucher.c.revoked_at.is_not(None), 1), else_=0)
_BATCHES = (
    sa.select(
        voucher_batch,
        *_ALLOWED[:2],
        sa.func.count(voucher.c.id).label("codes"),
        sa.func.coalesce(sa.func.sum(_IS_USED), 0).label("used"),
        sa.func.coalesce(sa.func.sum(_IS_REVOKED), 0).label("revoked"),
    )
    .outerjoin_from(voucher_batch, voucher, voucher.c.batch_id == voucher_batch.c.id)
    .outerjoin(plan, voucher_batch.c.plan_id == plan.c.id)
    .where(voucher_batch.c.city_id == _CITY)
    .group_by(voucher_batch.c.id, plan.c.id)
    .order_by(voucher_batch.c.id.desc())
)
_STOCK = (
    sa.select(
        sa.case(
            (voucher.c.revoked_at.is_not(None), BatchState.REVOKED.value),
            (voucher_batch.c.good_until <= _NOW, BatchState.OVER.value),
            (voucher.c.uses > 0, "used"),
            else_="unused",
        ).label("state"),
        sa.func.count().label("codes"),
    )
    .join_from(voucher, voucher_batch, voucher.c.batch_id == voucher_batch.c.id)
    .where(voucher.c.city_id == _CITY)
    .group_by(sa.text("state"))
)


@cache
def _spent(keys: int) -> Prepared:
    is_this = by_pseudonym(device.c.pseudonym, keys)
    return Prepared(
        sa.select(
            sa.func.coalesce(sa.func.sum(sa.case((IS_RUNNING, 1), else_=0)), 0).label("running"),
            sa.func.coalesce(sa.func.sum(visit.c.up_bytes + visit.c.down_bytes), 0).label("volume_bytes"),
            sa.func.max(sa.case((is_this, 1), else_=0)).label("is_known"),
        )
        .outerjoin_from(visit, device, visit.c.device_id == device.c.id)
        .where(visit.c.city_id == _CITY, visit.c.holder == sa.bindparam("digest"))
    )


@dataclass(frozen=True, slots=True)
class KeptBatch:
    """A batch as lists show it. `used` and `revoked` count codes."""

    batch: Batch
    codes: int
    used: int
    revoked: int


@dataclass(frozen=True)
class Vouchers:
    """Questions about and changes of a city's vouchers."""

    connection: sa.Connection
    city_id: int
    pseudonyms: Pseudonyms

    def add(self, batch: Batch, digests: Sequence[bytes]) -> None:
        """Add a batch; its codes are numbered from 1. Raises Conflict when the name is taken."""
        allowed = batch.allowance
        values = {
            "city_id": self.city_id,
            "name": batch.name,
            "plan_id": self._plan_number(allowed.plan),
            "uses": allowed.uses,
            "devices": allowed.devices,
            "good_until": allowed.good_until,
            "lasts_seconds": None if allowed.lasts is None else int(allowed.lasts.total_seconds()),
            "volume_bytes": allowed.volume_bytes,
            "issued_at": batch.issued_at,
            "issued_by": batch.issued_by,
        }
        number = self.connection.scalar(_ADD_BATCH[self.connection.dialect.name], values)
        if number is None:
            raise Conflict(f"There is a batch called {batch.name!r} already. Choose another name.")
        rows = [
            {"city_id": self.city_id, "batch_id": number, "number": at, "digest": digest, "uses": 0}
            for at, digest in enumerate(digests, 1)
        ]
        self.connection.execute(sa.insert(voucher), rows)

    def all(self) -> tuple[KeptBatch, ...]:
        """Every batch, the newest first."""
        rows = self.connection.execute(_BATCHES, {"city": self.city_id}).mappings()
        return tuple(KeptBatch(_to_batch(row), row["codes"], row["used"], row["revoked"]) for row in rows)

    def get(self, name: str) -> Batch | None:
        """One batch, or None."""
        rows = self.connection.execute(_BATCHES.where(voucher_batch.c.name == name), {"city": self.city_id})
        row = rows.mappings().one_or_none()
        return None if row is None else _to_batch(row)

    def numbers(self, name: str) -> Mapping[bytes, int]:
        """Number of each code of a batch, by its digest."""
        query = sa.select(voucher.c.digest, voucher.c.number).where(self._of_batch(name))
        return {row.digest: row.number for row in self.connection.execute(query)}

    def find(self, digest: bytes) -> Voucher | None:
        """The voucher of this digest. On PostgreSQL others who ask for it wait until this transaction has ended."""
        row = _FIND.first(self.connection, {"city": self.city_id, "whose": digest})
        if row is None:
            return None
        allowed = _to_allowance(row, row["most_uses"])
        return Voucher(
            row["number"], allowed, row["uses"], row["first_used_at"], row["revoked_at"], row["forgotten_bytes"]
        )

    def spent(self, digest: bytes, device_address: MacAddress, now: datetime) -> Spent:
        """What visits with this voucher are and have used, and whether this device had one."""
        of = self.pseudonyms.of(device_address)
        given = {"city": self.city_id, "digest": digest, "now": now, **any_of(of)}
        (row,) = _spent(len(of)).all(self.connection, given)
        return Spent(int(row["running"]), int(row["volume_bytes"]), bool(row["is_known"]))

    def use(self, digest: bytes, admitted: Admitted) -> None:
        """Write down that a device was let in."""
        values = {"uses": admitted.uses, "first_used_at": admitted.first_used_at}
        _USE.change(self.connection, {"city": self.city_id, "whose": digest, **values})

    def revoke(self, name: str, now: datetime, number: int | None = None) -> int:
        """Revoke the codes of a batch, or the one of this number; returns how many were not revoked before.

        Whoever is let in with one at this moment has a visit by then, or gets none.
        """
        which = sa.and_(self._of_batch(name), voucher.c.revoked_at.is_(None), _numbered(number))
        self.connection.execute(sa.select(voucher.c.id).where(which).order_by(voucher.c.id).with_for_update())
        count = self.connection.execute(sa.update(voucher).where(which).values(revoked_at=now)).rowcount
        if number is None:
            mine = sa.and_(voucher_batch.c.city_id == self.city_id, voucher_batch.c.name == name)
            self.connection.execute(sa.update(voucher_batch).where(mine).values(revoked_at=now))
        return count

    def running(self, name: str, now: datetime, number: int | None = None) -> tuple[RunningVisit, ...]:
        """Visits that run with the codes of a batch, or with the one of this number."""
        digests = sa.select(voucher.c.digest).where(self._of_batch(name), _numbered(number))
        return running_visits(self.connection, self.city_id, visit.c.holder.in_(digests), now)

    def stock(self, now: datetime) -> Mapping[str, int]:
        """How many codes are unused, used, over (their last day) or revoked."""
        return {row.state: row.codes for row in self.connection.execute(_STOCK, {"city": self.city_id, "now": now})}

    def _of_batch(self, name: str) -> sa.ColumnElement[bool]:
        mine = sa.and_(voucher_batch.c.city_id == self.city_id, voucher_batch.c.name == name)
        return voucher.c.batch_id.in_(sa.select(voucher_batch.c.id).where(mine))

    def _plan_number(self, name: str | None) -> int | None:
        mine = sa.and_(plan.c.city_id == self.city_id, plan.c.name == name)
        return None if name is None else self.connection.scalar(sa.select(plan.c.id).where(mine))


def _numbered(number: int | None) -> sa.ColumnElement[bool]:
    return sa.true() if number is None else voucher.c.number == number


def _to_batch(row: sa.RowMapping) -> Batch:
    allowed = _to_allowance(row, row["most_uses"])
    return Batch(row["name"], allowed, row["issued_at"], row["issued_by"], row["revoked_at"])


def _to_allowance(row: Mapping[Any, Any], uses: int | None) -> Allowance:
    lasts = row["lasts_seconds"]
    return Allowance(
        plan=row["plan_name"],
        uses=uses,
        devices=row["devices"],
        good_until=row["good_until"],
        lasts=None if lasts is None else timedelta(seconds=lasts),
        volume_bytes=row["volume_bytes"],
    )
