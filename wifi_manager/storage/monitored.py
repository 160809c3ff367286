"""Managed access points as metrics need them: who there is, cheaply, and what those that are new have measured."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.domain.observations import Readings
from wifi_manager.storage.readings import unpacked
from wifi_manager.storage.rows.inventory import access_point, district, site
from wifi_manager.storage.rows.provisioning import observation, wanted


@dataclass(frozen=True, slots=True)
class Shard:
    """One of `of` parts of a fleet, numbered from 0. An access point's row's number says which one it is in."""

    number: int = 0
    of: int = 1


@dataclass(frozen=True, slots=True)
class Monitored:
    """One managed access point without what its looks measured. Whatever is new about it makes it another value.

    `number` is its row's, which never changes. `model` and `firmware` are as last read on the device; `listed_model`
    as the city's list has it. `at` is when it was last looked at, None: never; `last_seen_at` when it last answered.
    """

    number: int
    external_id: str
    district: str
    site: str
    kind: str
    listed_model: str
    latitude: float | None
    longitude: float | None
    wanted_digest: str | None
    at: datetime | None
    is_up: bool | None
    last_seen_at: datetime | None
    digest: str | None
    model: str | None
    firmware: str | None

    def description(self) -> tuple[object, ...]:
        """What it is and where it stands: whatever a look alone does not change."""
        place = (self.district, self.site, self.kind, self.latitude, self.longitude)
        return (self.external_id, *place, self.listed_model, self.model, self.firmware)


@dataclass(frozen=True, slots=True)
class Measured:
    """What an access point had measured when it last answered."""

    uptime_seconds: int | None
    readings: Readings


@dataclass(frozen=True)
class MonitoredPoints:
    """Questions about a city's managed access points, a shard at a time."""

    connection: sa.Connection
    city_id: int

    def count(self) -> int:
        """How many there are in all."""
        query = sa.select(sa.func.count()).select_from(access_point).where(*self._managed(Shard()))
        return int(self.connection.scalar(query) or 0)

    def members(self, shard: Shard) -> Sequence[Monitored]:
        """Those of a shard, by number."""
        return self._members(*self._managed(shard))

    def one(self, external_id: str) -> tuple[Monitored, Measured | None] | None:
        """One of them, and what it had measured; None: no managed access point is called so."""
        found = self._members(*self._managed(Shard()), access_point.c.external_id == external_id)
        if not found:
            return None
        number = found[0].number
        return found[0], self._measured(observation.c.access_point_id == number).get(number)

    def measured(self, shard: Shard, since: datetime) -> dict[int, Measured]:
        """By number: what those measured that were looked at from `since` on."""
        in_shard = observation.c.access_point_id % shard.of == shard.number
        return self._measured(observation.c.at >= since, in_shard)

    def _members(self, *conditions: sa.ColumnElement[bool]) -> Sequence[Monitored]:
        query = (
            sa.select(*_MEMBER)
            .select_from(access_point)
            .join(site, access_point.c.site_id == site.c.id)
            .join(district, site.c.district_id == district.c.id)
            .outerjoin(observation, observation.c.access_point_id == access_point.c.id)
            .outerjoin(wanted, wanted.c.access_point_id == access_point.c.id)
            .where(*conditions)
            .order_by(access_point.c.id)
        )
        rows: Iterable[Any] = self.connection.execute(query)
        return [Monitored(*row) for row in rows]

    def _measured(self, *conditions: sa.ColumnElement[bool]) -> dict[int, Measured]:
        query = sa.select(observation.c.access_point_id, observation.c.uptime_seconds, observation.c.readings)
        rows = self.connection.execute(query.where(observation.c.city_id == self.city_id, *conditions))
        return {row[0]: Measured(row[1], unpacked(row[2])) for row in rows}

    def _managed(self, shard: Shard) -> tuple[sa.ColumnElement[bool], ...]:
        mine = (access_point.c.city_id == self.city_id, access_point.c.life_cycle == LifeCycle.MANAGED.value)
        return mine if shard.of == 1 else (*mine, access_point.c.id % shard.of == shard.number)


_MEMBER = (  # in the order of Monitored
    access_point.c.id,
    access_point.c.external_id,
    district.c.name,
    site.c.name,
    site.c.kind,
    access_point.c.model,
    access_point.c.latitude,
    access_point.c.longitude,
    wanted.c.digest,
    observation.c.at,
    observation.c.is_up,
    observation.c.last_seen_at,
    observation.c.digest,
    observation.c.model,
    observation.c.firmware,
)
