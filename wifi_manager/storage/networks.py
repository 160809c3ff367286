"""Networks of gateways that have a site, a plan or a greeting of their own, and where a device in one of them is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.networks import Network, Place
from wifi_manager.domain.plans import Plan
from wifi_manager.domain.visits import Method
from wifi_manager.storage.gateways import gateway_number
from wifi_manager.storage.plans import PLAN_COLUMNS, to_plan
from wifi_manager.storage.prepared import Prepared
from wifi_manager.storage.rows.desk import emergency
from wifi_manager.storage.rows.inventory import district, gateway, network, plan, site

_AT = sa.and_(network.c.gateway_id == gateway.c.id, network.c.name == sa.bindparam("network"))
_OPEN_UNTIL = (
    sa.select(sa.func.max(emergency.c.until))
    .where(
        emergency.c.closed_at.is_(None),
        emergency.c.district_id == site.c.district_id,
        sa.or_(emergency.c.site_id.is_(None), emergency.c.site_id == site.c.id),
    )
    .correlate(site)
    .scalar_subquery()
)
_AT_PLACE = (
    network.c.greetings,
    network.c.ways,
    district.c.name.label("district"),
    site.c.name,
    site.c.ways.label("ways_of_site"),
    _OPEN_UNTIL.label("emergency_until"),
)
_USUAL = sa.and_(plan.c.city_id == gateway.c.city_id, plan.c.name == sa.bindparam("usual"))


def _place_with(is_its_plan: sa.ColumnElement[bool], *columns: sa.ColumnElement[Any]) -> Prepared:
    return Prepared(
        sa.select(*_AT_PLACE, *columns)
        .join_from(gateway, network, _AT, isouter=True)
        .outerjoin(plan, is_its_plan)
        .outerjoin(site, sa.func.coalesce(network.c.site_id, gateway.c.site_id) == site.c.id)
        .outerjoin(district, site.c.district_id == district.c.id)
        .where(gateway.c.city_id == sa.bindparam("city"), gateway.c.name == sa.bindparam("gateway"))
    )


_PLACE = _place_with(network.c.plan_id == plan.c.id, plan.c.name.label("plan"))
_PLACE_AND_PLAN = _place_with(
    sa.or_(network.c.plan_id == plan.c.id, sa.and_(network.c.plan_id.is_(None), _USUAL)),
    network.c.plan_id,
    *PLAN_COLUMNS,
)
_ALL = (
    sa.select(
        gateway.c.name.label("gateway"),
        network.c.name.label("network"),
        network.c.greetings,
        network.c.ways,
        plan.c.name.label("plan"),
        district.c.name.label("district"),
        site.c.name,
    )
    .join_from(network, gateway, network.c.gateway_id == gateway.c.id)
    .outerjoin(plan, network.c.plan_id == plan.c.id)
    .outerjoin(site, network.c.site_id == site.c.id)
    .outerjoin(district, site.c.district_id == district.c.id)
    .where(network.c.city_id == sa.bindparam("city"))
    .order_by(gateway.c.name, network.c.name)
)


@dataclass(frozen=True)
class Networks:
    """Questions about and changes of a city's networks."""

    connection: sa.Connection
    city_id: int

    def place(self, gateway_name: str, network_name: str) -> Place:
        """Where a device in this network of this gateway is; without a network of that name, what the gateway has."""
        row = _PLACE.first(self.connection, self._named(gateway_name, network_name))
        return Place() if row is None else _whole(row)

    def place_and_plan(self, gateway_name: str, network_name: str, usual: str) -> tuple[Place, Plan | None]:
        """As `place`, and its plan: its own, or the one with the usual name, if there is one."""
        row = _PLACE_AND_PLAN.first(self.connection, {"usual": usual, **self._named(gateway_name, network_name)})
        if row is None:
            return Place(), None
        row["plan"] = None if row["plan_id"] is None else row["plan_name"]
        return _whole(row), None if row["plan_name"] is None else to_plan(row)

    def all(self) -> list[Network]:
        """Every network that has something of its own, by gateway and name."""
        rows = self.connection.execute(_ALL, {"city": self.city_id}).mappings()
        return [Network(row["gateway"], row["network"], _place(row, row["ways"])) for row in rows]

    def get(self, gateway_name: str, network_name: str) -> Network | None:
        """One of them, or None."""
        return next((each for each in self.all() if (each.gateway, each.name) == (gateway_name, network_name)), None)

    def save(self, wanted: Network, site_number: int | None) -> None:
        """Add it, or change the one of that name. Raises NotFound for an unknown gateway."""
        at = gateway_number(self.connection, self.city_id, wanted.gateway)
        mine = sa.and_(network.c.gateway_id == at, network.c.name == wanted.name)
        known = sa.select(plan.c.id).where(plan.c.city_id == self.city_id, plan.c.name == wanted.place.plan)
        values: dict[str, Any] = {
            "site_id": site_number,
            "plan_id": self.connection.scalar(known),
            "greetings": dict(wanted.place.greetings),
            "ways": list(wanted.place.ways) or None,
        }
        if self.connection.execute(sa.update(network).where(mine).values(values)).rowcount == 0:
            named = {"city_id": self.city_id, "gateway_id": at, "name": wanted.name}
            self.connection.execute(sa.insert(network).values({**named, **values}))

    def remove(self, gateway_name: str, network_name: str) -> None:
        """From now on this network is as its gateway is. Raises NotFound for an unknown gateway."""
        at = gateway_number(self.connection, self.city_id, gateway_name)
        self.connection.execute(sa.delete(network).where(network.c.gateway_id == at, network.c.name == network_name))

    def _named(self, gateway_name: str, network_name: str) -> dict[str, object]:
        return {"city": self.city_id, "gateway": gateway_name, "network": network_name}


def _whole(row: Mapping[Any, Any]) -> Place:
    """With what the site around it has."""
    return replace(_place(row, row["ways"] or row["ways_of_site"]), emergency_until=row["emergency_until"])


def _place(row: Mapping[Any, Any], ways: Sequence[str] | None) -> Place:
    site_key = None if row["name"] is None else (row["district"], row["name"])
    return Place(site_key, row["plan"], row["greetings"] or {}, tuple(map(Method, ways or ())))
