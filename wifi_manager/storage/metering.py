"""What visits have used, as their gateways counted it: each stay by itself, in whatever order reports arrive."""

from collections.abc import Collection
from dataclasses import dataclass

import sqlalchemy as sa

from wifi_manager.domain.grants import Usage
from wifi_manager.domain.visits import read_grant_name
from wifi_manager.storage.gateways import gateway_number
from wifi_manager.storage.rows.inventory import gateway, plan
from wifi_manager.storage.rows.visits import stay, visit

_UP, _DOWN = sa.bindparam("up", type_=sa.BigInteger), sa.bindparam("down", type_=sa.BigInteger)
_UP_TOTAL, _DOWN_TOTAL = visit.c.carried_up_bytes + _UP, visit.c.carried_down_bytes + _DOWN
_GROW = (
    sa.update(visit)
    .where(
        visit.c.city_id == sa.bindparam("city"),
        visit.c.gateway_id == sa.bindparam("at"),
        visit.c.public_id == sa.bindparam("which"),
        visit.c.stay == sa.bindparam("nth"),
    )
    .values(
        up_bytes=sa.case((visit.c.up_bytes < _UP_TOTAL, _UP_TOTAL), else_=visit.c.up_bytes),
        down_bytes=sa.case((visit.c.down_bytes < _DOWN_TOTAL, _DOWN_TOTAL), else_=visit.c.down_bytes),
    )
)
_PAST = (
    sa.select(stay, visit.c.public_id, visit.c.device_id, gateway.c.name.label("now_at"))
    .join_from(stay, visit, stay.c.visit_id == visit.c.id)
    .join(gateway, visit.c.gateway_id == gateway.c.id)
    .where(
        visit.c.city_id == sa.bindparam("city"),
        stay.c.gateway_id == sa.bindparam("at"),
        visit.c.public_id.in_(sa.bindparam("ids", expanding=True)),
    )
    .order_by(visit.c.id)
)
_USED_UP = sa.or_(
    visit.c.up_bytes + visit.c.down_bytes >= plan.c.volume_bytes,
    visit.c.up_bytes + visit.c.down_bytes >= visit.c.own_volume_bytes,
    visit.c.up_bytes >= plan.c.up_volume_bytes,
    visit.c.down_bytes >= plan.c.down_volume_bytes,
)
_OVER = (
    sa.select(visit.c.public_id, visit.c.device_id)
    .join(plan, visit.c.plan_id == plan.c.id)
    .where(
        visit.c.city_id == sa.bindparam("city"),
        visit.c.gateway_id == sa.bindparam("at"),
        visit.c.public_id.in_(sa.bindparam("ids", expanding=True)),
        visit.c.ended_at.is_(None),
        _USED_UP,
    )
)


@dataclass(frozen=True, slots=True)
class Late:
    """A device whose visit has less left than its present gateway was told: the one before has counted on."""

    gateway: str
    number: int


@dataclass(frozen=True)
class Metering:
    """Notes usage of one city's visits."""

    connection: sa.Connection
    city_id: int

    def record(self, gateway_name: str, usage: Collection[Usage]) -> list[Late]:
        """Store what a gateway counted; totals never shrink, and only its own stays change. Raises NotFound.

        The visits are locked by then: what a stay has counted is read and added to.
        """
        if not usage:
            return []
        at = gateway_number(self.connection, self.city_id, gateway_name)
        counted = {read_grant_name(each.visit): each for each in usage}
        rows = [
            {"city": self.city_id, "at": at, "which": which, "nth": nth, "up": each.up_bytes, "down": each.down_bytes}
            for (which, nth), each in sorted(counted.items())
        ]
        self.connection.execute(_GROW, rows)
        ids = sorted({which for which, _ in counted})
        past = self.connection.execute(_PAST, {"city": self.city_id, "at": at, "ids": ids}).all()
        found = ((row, counted.get((row.public_id, row.stay))) for row in past)
        return [late for row, each in found if each is not None and (late := self._add(row, each)) is not None]

    def used_up(self, gateway_name: str, usage: Collection[Usage]) -> dict[str, int]:
        """Of the visits just counted, those that run at this gateway and have used up what their plan allows.

        Public ids with their devices' numbers. Raises NotFound.
        """
        at = gateway_number(self.connection, self.city_id, gateway_name)
        ids = sorted({read_grant_name(each.visit)[0] for each in usage})
        rows = self.connection.execute(_OVER, {"city": self.city_id, "at": at, "ids": ids})
        return {row.public_id: row.device_id for row in rows}

    def _add(self, past: sa.Row[tuple[object, ...]], counted: Usage) -> Late | None:
        """What a former gateway has counted after the visit moved on."""
        up, down = max(counted.up_bytes - past.up_bytes, 0), max(counted.down_bytes - past.down_bytes, 0)
        if not (up or down):
            return None
        mine = sa.and_(stay.c.visit_id == past.visit_id, stay.c.stay == past.stay)
        grown = {"up_bytes": stay.c.up_bytes + up, "down_bytes": stay.c.down_bytes + down}
        self.connection.execute(sa.update(stay).where(mine).values(grown))
        total = {
            "up_bytes": visit.c.up_bytes + up,
            "down_bytes": visit.c.down_bytes + down,
            "carried_up_bytes": visit.c.carried_up_bytes + up,
            "carried_down_bytes": visit.c.carried_down_bytes + down,
        }
        self.connection.execute(sa.update(visit).where(visit.c.id == past.visit_id).values(total))
        return None if past.device_id is None else Late(past.now_at, past.device_id)
