"""What a city tells everybody about its access points: where they are, and nothing about the devices."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.storage.rows.inventory import access_point, district, site
from wifi_manager.storage.rows.provisioning import observation

_AT_ONCE = 5000  # rows


@dataclass(frozen=True)
class Hotspots:
    """Questions about a city's access points in service, as the public may ask them."""

    connection: sa.Connection
    city_id: int

    def rows(self, hidden_kinds: Collection[str], since: datetime) -> Iterator[dict[str, Any]]:
        """Public facts of each, by external id, read as they are needed.

        The fields are those of an inventory file without the model, and `available`: whether any access point of its
        site answered the last look; None where no look is newer than `since`. Read them within the transaction.
        """
        available = _available(self.city_id, since)
        query = (
            sa.select(
                access_point.c.external_id,
                district.c.name.label("district"),
                site.c.name.label("site"),
                site.c.kind,
                site.c.address,
                *(access_point.c[name] for name in _OWN),
                available.c.available,
            )
            .select_from(access_point)
            .join(site, access_point.c.site_id == site.c.id)
            .join(district, site.c.district_id == district.c.id)
            .outerjoin(available, available.c.site_id == site.c.id)
            .where(
                access_point.c.city_id == self.city_id,
                access_point.c.life_cycle != LifeCycle.RETIRED.value,
                site.c.kind.not_in(sorted(hidden_kinds)),
            )
            .order_by(access_point.c.external_id)
            .execution_options(yield_per=_AT_ONCE)
        )
        for row in self.connection.execute(query).mappings():
            yield dict(row)


_OWN = ("place", "floor", "latitude", "longitude", "indoor", "installed_year", "installer", "service")


def _available(city_id: int, since: datetime) -> sa.Subquery:
    """By site: 1 where any managed access point is up, 0 where all are down; none where nobody has looked."""
    query: sa.Select[Any] = (
        sa.select(access_point.c.site_id, sa.func.max(sa.case((observation.c.is_up, 1), else_=0)).label("available"))
        .join(observation, observation.c.access_point_id == access_point.c.id)
        .where(
            access_point.c.city_id == city_id,
            access_point.c.life_cycle == LifeCycle.MANAGED.value,
            observation.c.at >= since,
        )
    )
    return query.group_by(access_point.c.site_id).subquery()
