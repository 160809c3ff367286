"""Read-only questions across nouns, for pages and the exporter: small frozen views, straight from SQL."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.domain.observations import Health
from wifi_manager.storage.rows.inventory import access_point, district, gateway, network, site
from wifi_manager.storage.rows.provisioning import observation
from wifi_manager.storage.rows.visits import visit


@dataclass(frozen=True, slots=True)
class FleetFilter:
    """What the fleet list shows. Empty means all; `text` is sought in number, site, place and address.

    Polls before `polled_since` tell nothing any more; None: every poll counts.
    """

    text: str = ""
    district: str = ""
    kind: str = ""
    life_cycle: str = ""
    health: str = ""
    polled_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class FleetLine:
    """One line of the fleet list; `health` is empty for what is not managed."""

    external_id: str
    district: str
    site: str
    kind: str
    place: str
    life_cycle: str
    health: str


@dataclass(frozen=True, slots=True)
class FleetPage:
    """One page of the fleet list, and how many there are in all."""

    lines: Sequence[FleetLine]
    total: int


@dataclass(frozen=True, slots=True)
class InventoryCount:
    """How many access points there are of one sort."""

    district: str
    kind: str
    life_cycle: str
    count: int


@dataclass(frozen=True, slots=True)
class Target:
    """An access point in service that can be reached, for service discovery."""

    external_id: str
    district: str
    site: str
    kind: str
    platform: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class ActiveNetwork:
    """How many visits run in one network of one gateway."""

    gateway: str
    network: str
    count: int


@dataclass(frozen=True, slots=True)
class ActiveVisits:
    """How many visits run at one site. Both names are empty for gateways that serve no site."""

    district: str
    site: str
    count: int


@dataclass(frozen=True, slots=True)
class VisitCount:
    """How many visits are kept of one sort; `end_reason` is empty for those that have not ended."""

    method: str
    end_reason: str
    count: int


@dataclass(frozen=True)
class Reports:
    """Joins that no single noun owns."""

    connection: sa.Connection
    city_id: int

    def fleet(self, wanted: FleetFilter, *, limit: int, offset: int = 0) -> FleetPage:
        """A page of the fleet list, by external id."""
        joined = sa.join(access_point, site).join(district)
        # Joining all rows only to skip most of them makes a far page slow: the page's rows are picked first.
        source: sa.FromClause = joined if wanted.district or wanted.kind else access_point
        if wanted.health:
            source = source.outerjoin(observation, observation.c.access_point_id == access_point.c.id)
        condition = self._fleet_condition(wanted)
        total = self.connection.scalar(sa.select(sa.func.count()).select_from(source).where(condition)) or 0
        picked = sa.select(access_point.c.id).select_from(source).where(condition)
        picked = picked.order_by(access_point.c.external_id).limit(limit).offset(offset)
        query = sa.select(
            access_point.c.external_id,
            district.c.name.label("district"),
            site.c.name.label("site"),
            site.c.kind,
            access_point.c.place,
            access_point.c.life_cycle,
            _health(wanted.polled_since),
        )
        query = (
            query.select_from(joined.outerjoin(observation))
            .where(access_point.c.id.in_(picked))
            .order_by(access_point.c.external_id)
        )
        rows = self.connection.execute(query)
        return FleetPage([FleetLine(*row) for row in rows], total)

    def districts(self) -> list[str]:
        """Names of all districts, sorted."""
        query = sa.select(district.c.name).where(district.c.city_id == self.city_id).order_by(district.c.name)
        return list(self.connection.scalars(query))

    def inventory_counts(self) -> list[InventoryCount]:
        """Access points by district, kind of site and life cycle."""
        sort = (district.c.name, site.c.kind, access_point.c.life_cycle)
        query = sa.select(*sort, sa.func.count()).select_from(sa.join(access_point, site).join(district))
        query = query.where(access_point.c.city_id == self.city_id).group_by(*sort).order_by(*sort)
        return [InventoryCount(*row) for row in self.connection.execute(query)]

    def health_counts(self, polled_since: datetime) -> dict[Health, int]:
        """Managed access points by how they do; polls before then tell nothing any more."""
        managed = access_point.c.life_cycle == LifeCycle.MANAGED.value
        state = _health(polled_since).label("health")
        query = sa.select(state, sa.func.count()).select_from(access_point.outerjoin(observation))
        rows = self.connection.execute(query.where(access_point.c.city_id == self.city_id, managed).group_by(state))
        return {Health(row[0]): row[1] for row in rows}

    def site_health(self, site_key: tuple[str, str], polled_since: datetime) -> dict[Health, int]:
        """As `health_counts`, at one site (district, name)."""
        state = _health(polled_since).label("health")
        joined = access_point.join(site).join(district).outerjoin(observation)
        there = sa.and_(district.c.name == site_key[0], site.c.name == site_key[1])
        managed = access_point.c.life_cycle == LifeCycle.MANAGED.value
        query = sa.select(state, sa.func.count()).select_from(joined).group_by(state)
        rows = self.connection.execute(query.where(access_point.c.city_id == self.city_id, managed, there))
        return {Health(row[0]): row[1] for row in rows}

    def targets(self) -> list[Target]:
        """Access points in service with an address for management, by external id."""
        query = sa.select(
            access_point.c.external_id,
            district.c.name,
            site.c.name,
            site.c.kind,
            access_point.c.platform,
            access_point.c.management_host,
            access_point.c.management_port,
        )
        reachable = access_point.c.management_host.is_not(None)
        query = query.select_from(sa.join(access_point, site).join(district))
        query = query.where(self._fleet_condition(FleetFilter()), reachable).order_by(access_point.c.external_id)
        return [Target(*row) for row in self.connection.execute(query)]

    def site_count(self) -> int:
        """How many sites there are."""
        query = sa.select(sa.func.count()).select_from(site).where(site.c.city_id == self.city_id)
        return self.connection.scalar(query) or 0

    def active_visits(self, now: datetime) -> list[ActiveVisits]:
        """Running visits by district and site; sites without any are left out."""
        sort = (district.c.name, site.c.name)
        joined = sa.join(visit, gateway, visit.c.gateway_id == gateway.c.id)
        own = sa.and_(network.c.gateway_id == gateway.c.id, network.c.name == visit.c.network)
        where = sa.func.coalesce(network.c.site_id, gateway.c.site_id) == site.c.id
        joined = joined.outerjoin(network, own).outerjoin(site, where)
        joined = joined.outerjoin(district, site.c.district_id == district.c.id)
        running = sa.and_(visit.c.city_id == self.city_id, visit.c.ended_at.is_(None), visit.c.expires_at > now)
        query = sa.select(*sort, sa.func.count()).select_from(joined).where(running).group_by(*sort).order_by(*sort)
        return [ActiveVisits(where or "", name or "", count) for where, name, count in self.connection.execute(query)]

    def active_networks(self, now: datetime) -> list[ActiveNetwork]:
        """Running visits by gateway and network."""
        sort = (gateway.c.name, visit.c.network)
        running = sa.and_(visit.c.city_id == self.city_id, visit.c.ended_at.is_(None), visit.c.expires_at > now)
        query = sa.select(*sort, sa.func.count()).join_from(visit, gateway, visit.c.gateway_id == gateway.c.id)
        rows = self.connection.execute(query.where(running).group_by(*sort).order_by(*sort))
        return [ActiveNetwork(*row) for row in rows]

    def visit_counts(self) -> list[VisitCount]:
        """Visits that are kept, by how they were opened and why they ended."""
        sort = (visit.c.method, visit.c.end_reason)
        query = sa.select(*sort, sa.func.count()).where(visit.c.city_id == self.city_id)
        rows = self.connection.execute(query.group_by(*sort).order_by(*sort))
        return [VisitCount(method, reason or "", count) for method, reason, count in rows]

    def _fleet_condition(self, wanted: FleetFilter) -> sa.ColumnElement[bool]:
        """For access points; with a district, a kind of site or a health, joined with the tables that know it."""
        retired = access_point.c.life_cycle == LifeCycle.RETIRED.value
        conditions = [
            access_point.c.city_id == self.city_id,
            access_point.c.life_cycle == wanted.life_cycle if wanted.life_cycle else sa.not_(retired),
        ]
        if wanted.district:
            conditions.append(district.c.name == wanted.district)
        if wanted.kind:
            conditions.append(site.c.kind == wanted.kind)
        if wanted.health:
            conditions.append(_health(wanted.polled_since) == wanted.health)
        conditions.extend(map(self._has_word, wanted.text.split()))
        return sa.and_(*conditions)

    def _has_word(self, word: str) -> sa.ColumnElement[bool]:
        """Sites are fewer: they are searched once and their numbers compared, in a third of the time."""
        place, home = site.alias(), district.alias()
        found = sa.or_(*(_contains(column, word) for column in (place.c.name, place.c.address, home.c.name)))
        numbers = sa.select(place.c.id).join(home, place.c.district_id == home.c.id)
        numbers = numbers.where(place.c.city_id == self.city_id, found)
        own = (access_point.c.external_id, access_point.c.place)
        return sa.or_(access_point.c.site_id.in_(numbers), *(_contains(column, word) for column in own))


def _health(polled_since: datetime | None) -> sa.ColumnElement[str]:
    """How access points joined with their observations do: the SQL of domain.observations.health."""
    stale: sa.ColumnElement[bool] = observation.c.at.is_(None)
    if polled_since is not None:
        stale = sa.or_(stale, observation.c.at < polled_since)
    return sa.case(
        (access_point.c.life_cycle != LifeCycle.MANAGED.value, ""),
        (stale, Health.UNKNOWN.value),
        (observation.c.is_up, Health.UP.value),
        else_=Health.DOWN.value,
    )


def _contains(column: sa.ColumnElement[str], word: str) -> sa.ColumnElement[bool]:
    return column.icontains(word, autoescape=True)
