"""Places of one city that are or were open in an emergency."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.emergencies import Emergency
from wifi_manager.storage.rows.desk import emergency
from wifi_manager.storage.rows.inventory import district, site

_ALL: sa.Select[tuple[Any, ...]] = (
    sa.select(emergency, district.c.name.label("district_name"), site.c.name.label("site_name"))
    .join_from(emergency, district, emergency.c.district_id == district.c.id)
    .outerjoin(site, emergency.c.site_id == site.c.id)
    .where(emergency.c.city_id == sa.bindparam("city"))
    .order_by(emergency.c.id.desc())
)


@dataclass(frozen=True)
class Emergencies:
    """Questions about and changes of a city's emergencies."""

    connection: sa.Connection
    city_id: int

    def place(self, district_name: str, site_name: str | None) -> tuple[int, int | None] | None:
        """Row numbers of a district, and of a site in it if one is named; None where there is no such place."""
        query = sa.select(district.c.id).where(district.c.city_id == self.city_id, district.c.name == district_name)
        if site_name is None:
            number = self.connection.scalar(query)
            return None if number is None else (number, None)
        there = query.add_columns(site.c.id).join(site, site.c.district_id == district.c.id)
        row = self.connection.execute(there.where(site.c.name == site_name)).one_or_none()
        return None if row is None else (row[0], row[1])

    def add(self, place: tuple[int, int | None], since: datetime, until: datetime, reason: str, by: str) -> int:
        """Open a place; returns the emergency's number."""
        values = {
            "city_id": self.city_id,
            "district_id": place[0],
            "site_id": place[1],
            "since": since,
            "until": until,
            "reason": reason,
            "opened_by": by,
        }
        number: int = self.connection.scalars(sa.insert(emergency).values(values).returning(emergency.c.id)).one()
        return number

    def close(self, number: int, at: datetime) -> None:
        """End it now."""
        mine = sa.and_(emergency.c.city_id == self.city_id, emergency.c.id == number, emergency.c.closed_at.is_(None))
        self.connection.execute(sa.update(emergency).where(mine).values(closed_at=at))

    def get(self, number: int) -> Emergency | None:
        """One of them, or None."""
        row = self.connection.execute(_ALL.where(emergency.c.id == number), self._city).one_or_none()
        return None if row is None else _to_emergency(row)

    def open(self, now: datetime) -> list[Emergency]:
        """Those that are open now, the newest first."""
        running = _ALL.where(emergency.c.closed_at.is_(None), emergency.c.until > now)
        return [_to_emergency(row) for row in self.connection.execute(running, self._city)]

    def newest(self, limit: int) -> list[Emergency]:
        """Open or over, the newest first."""
        return [_to_emergency(row) for row in self.connection.execute(_ALL.limit(limit), self._city)]

    @property
    def _city(self) -> dict[str, object]:
        return {"city": self.city_id}


def _to_emergency(row: sa.Row[tuple[Any, ...]]) -> Emergency:
    return Emergency(
        number=row.id,
        district=row.district_name,
        site=row.site_name,
        since=row.since,
        until=row.until,
        reason=row.reason,
        opened_by=row.opened_by,
        closed_at=row.closed_at,
    )
