"""Visits that somebody or something holds: a voucher, an account."""

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.storage.rows.base import Moment
from wifi_manager.storage.rows.inventory import gateway
from wifi_manager.storage.rows.visits import visit
from wifi_manager.storage.rows.vouchers import voucher

IS_RUNNING = sa.and_(visit.c.ended_at.is_(None), visit.c.expires_at > sa.bindparam("now", type_=Moment))


@dataclass(frozen=True, slots=True)
class RunningVisit:
    """What is needed to end a visit and to tell its gateway."""

    public_id: str
    number: int  # the device's
    gateway: str


def running_visits(
    connection: sa.Connection, city_id: int, holders: sa.ColumnElement[bool], now: datetime
) -> tuple[RunningVisit, ...]:
    """Visits that run now, of the holders that a condition on `visit.holder` names."""
    query = (
        sa.select(visit.c.public_id, visit.c.device_id, gateway.c.name)
        .join_from(visit, gateway, visit.c.gateway_id == gateway.c.id)
        .where(visit.c.city_id == city_id, IS_RUNNING, holders)
    )
    return tuple(RunningVisit(*row) for row in connection.execute(query, {"now": now}))


def keep_bytes(connection: sa.Connection, city_id: int, number: int) -> None:
    """Let vouchers know what a device that is forgotten has used of them: forgetting it is no way to more data."""
    used = sa.func.coalesce(sa.func.sum(visit.c.up_bytes + visit.c.down_bytes), 0)
    its = sa.and_(visit.c.device_id == number, visit.c.holder == voucher.c.digest)
    sums = sa.select(used).where(its).scalar_subquery()
    holders = sa.select(visit.c.holder).where(visit.c.device_id == number, visit.c.holder.is_not(None))
    mine = sa.and_(voucher.c.city_id == city_id, voucher.c.digest.in_(holders))
    connection.execute(sa.update(voucher).where(mine).values(forgotten_bytes=voucher.c.forgotten_bytes + sums))
