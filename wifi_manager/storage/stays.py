"""Running visits as city IT's desk lists them: by their ids and places, with nothing about the devices."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.storage.rows.inventory import district, gateway, network, site
from wifi_manager.storage.rows.visits import visit


@dataclass(frozen=True, slots=True)
class StayFilter:
    """Which running visits a list shows. Empty means all."""

    district: str = ""
    site: str = ""
    gateway: str = ""


@dataclass(frozen=True, slots=True)
class StayLine:
    """One running visit. `number` orders the list; both names of the site are empty where the gateway has none."""

    number: int
    public_id: str
    district: str
    site: str
    gateway: str
    network: str
    method: str
    opened_at: datetime
    expires_at: datetime
    used_bytes: int


@dataclass(frozen=True)
class Stays:
    """Questions about a city's visits for the desk."""

    connection: sa.Connection
    city_id: int

    def running(self, wanted: StayFilter, now: datetime, limit: int, before: int | None = None) -> list[StayLine]:
        """The newest first, older than number `before` if given."""
        query: sa.Select[tuple[Any, ...]] = sa.select(
            visit.c.id,
            visit.c.public_id,
            sa.func.coalesce(district.c.name, ""),
            sa.func.coalesce(site.c.name, ""),
            gateway.c.name,
            visit.c.network,
            visit.c.method,
            visit.c.opened_at,
            visit.c.expires_at,
            visit.c.up_bytes + visit.c.down_bytes,
        ).select_from(_joined())
        running = sa.and_(visit.c.city_id == self.city_id, visit.c.ended_at.is_(None), visit.c.expires_at > now)
        query = query.where(running, *_conditions(wanted)).order_by(visit.c.id.desc()).limit(limit)
        rows = self.connection.execute(query if before is None else query.where(visit.c.id < before))
        return [StayLine(*row) for row in rows]

    def newest_of(self, device: int) -> str | None:
        """Public id of the newest visit of a device, by the device's number."""
        mine = sa.and_(visit.c.city_id == self.city_id, visit.c.device_id == device)
        return self.connection.scalar(sa.select(visit.c.public_id).where(mine).order_by(visit.c.id.desc()).limit(1))


def _conditions(wanted: StayFilter) -> list[sa.ColumnElement[bool]]:
    given: list[tuple[sa.ColumnElement[Any], str]] = [
        (district.c.name, wanted.district),
        (site.c.name, wanted.site),
        (gateway.c.name, wanted.gateway),
    ]
    return [column == value for column, value in given if value]


def _joined() -> sa.FromClause:
    own = sa.and_(network.c.gateway_id == gateway.c.id, network.c.name == visit.c.network)
    at_network = sa.join(visit, gateway, visit.c.gateway_id == gateway.c.id).outerjoin(network, own)
    at_site = at_network.outerjoin(site, sa.func.coalesce(network.c.site_id, gateway.c.site_id) == site.c.id)
    return at_site.outerjoin(district, site.c.district_id == district.c.id)
