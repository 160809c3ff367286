"""Plans of one city."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from difflib import get_close_matches
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.plans import Plan
from wifi_manager.storage.prepared import Prepared
from wifi_manager.storage.rows.inventory import plan

# What `to_plan` reads, for joins.
PLAN_COLUMNS = (
    plan.c.name.label("plan_name"),
    plan.c.lifetime_seconds,
    plan.c.down_bps,
    plan.c.up_bps,
    plan.c.volume_bytes,
    plan.c.up_volume_bytes,
    plan.c.down_volume_bytes,
    plan.c.idle_seconds,
    plan.c.extensions.label("plan_extensions"),
    plan.c.extension_seconds,
)
_PLANS = sa.select(*PLAN_COLUMNS).where(plan.c.city_id == sa.bindparam("city")).order_by(plan.c.name)
_PLAN = Prepared(_PLANS.where(plan.c.name == sa.bindparam("name")))


@dataclass(frozen=True)
class Plans:
    """Questions about and changes of a city's plans."""

    connection: sa.Connection
    city_id: int

    def all(self) -> dict[str, Plan]:
        """Every plan by name."""
        rows = self.connection.execute(_PLANS, {"city": self.city_id}).mappings()
        return {row["plan_name"]: to_plan(row) for row in rows}

    def get(self, name: str) -> Plan:
        """One plan. Raises NotFound with the nearest known name."""
        row = _PLAN.first(self.connection, {"city": self.city_id, "name": name})
        if row is not None:
            return to_plan(row)
        known = self.all()
        near = get_close_matches(name, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known plans: {', '.join(known) or 'none'}."
        raise NotFound(f"No plan is called {name!r}. {hint}")

    def save(self, wanted: Plan) -> None:
        """Add the plan, or change the one of that name."""
        values: dict[str, Any] = {
            "lifetime_seconds": int(wanted.lifetime.total_seconds()),
            "down_bps": wanted.down_bps,
            "up_bps": wanted.up_bps,
            "volume_bytes": wanted.volume_bytes,
            "up_volume_bytes": wanted.up_volume_bytes,
            "down_volume_bytes": wanted.down_volume_bytes,
            "idle_seconds": _seconds(wanted.idle),
            "extensions": wanted.extensions,
            "extension_seconds": _seconds(wanted.extension),
        }
        mine = sa.and_(plan.c.city_id == self.city_id, plan.c.name == wanted.name)
        if self.connection.execute(sa.update(plan).where(mine).values(values)).rowcount == 0:
            self.connection.execute(sa.insert(plan).values(city_id=self.city_id, name=wanted.name, **values))


def to_plan(row: Mapping[Any, Any]) -> Plan:
    """Read PLAN_COLUMNS, wherever they were joined."""
    return Plan(
        name=row["plan_name"],
        lifetime=timedelta(seconds=row["lifetime_seconds"]),
        down_bps=row["down_bps"],
        up_bps=row["up_bps"],
        volume_bytes=row["volume_bytes"],
        up_volume_bytes=row["up_volume_bytes"],
        down_volume_bytes=row["down_volume_bytes"],
        idle=_span(row["idle_seconds"]),
        extensions=row["plan_extensions"],
        extension=_span(row["extension_seconds"]),
    )


def _seconds(length: timedelta | None) -> int | None:
    return None if length is None else int(length.total_seconds())


def _span(seconds: int | None) -> timedelta | None:
    return None if seconds is None else timedelta(seconds=seconds)
