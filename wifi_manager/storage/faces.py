"""Faces of one city, district or site, version by version."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.faces import Scope
from wifi_manager.storage.prepared import Prepared
from wifi_manager.storage.rows.faces import face
from wifi_manager.storage.rows.inventory import district, site

_OF_CITY = face.c.city_id == sa.bindparam("city")
_VERSIONS = (
    sa.select(face, district.c.name.label("district"), site.c.name.label("site"))
    .join_from(face, district, face.c.district_id == district.c.id, isouter=True)
    .outerjoin(site, face.c.site_id == site.c.id)
    .where(_OF_CITY)
)
_NEWEST = sa.select(sa.func.max(face.c.id).label("number")).where(_OF_CITY)
_NEWEST_NUMBER = Prepared(_NEWEST)
_IN_FORCE = _VERSIONS.where(face.c.id.in_(_NEWEST.group_by(face.c.district_id, face.c.site_id))).order_by(face.c.id)


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a scope's face: its document as it was written, by whom and when."""

    number: int
    scope: Scope
    document: Mapping[str, Any]
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Faces:
    """Adds versions and reads them."""

    connection: sa.Connection
    city_id: int

    def newest_number(self) -> int:
        """The number of the city's newest version, 0 for none: it moves on with every change."""
        newest = _NEWEST_NUMBER.first(self.connection, {"city": self.city_id})
        return 0 if newest is None else newest["number"] or 0

    def in_force(self) -> list[Version]:
        """The newest version of each scope that has any."""
        return [_version(row) for row in self.connection.execute(_IN_FORCE, {"city": self.city_id})]

    def history(self, scope: Scope) -> list[Version]:
        """All versions of a scope, the newest first. Raises NotFound for an unknown scope."""
        mine = sa.and_(*(face.c[name].is_not_distinct_from(number) for name, number in self._numbers(scope).items()))
        rows = self.connection.execute(_VERSIONS.where(mine).order_by(face.c.id.desc()), {"city": self.city_id})
        return [_version(row) for row in rows]

    def get(self, number: int) -> Version:
        """One version. Raises NotFound."""
        row = self.connection.execute(_VERSIONS.where(face.c.id == number), {"city": self.city_id}).one_or_none()
        if row is None:
            raise NotFound(f"There is no version {number} of a face. `wifi-manager face history` lists them.")
        return _version(row)

    def add(self, scope: Scope, document: Mapping[str, Any], by: str, at: datetime) -> int:
        """Put a new version in force; its number. Raises NotFound for an unknown scope."""
        values = {"document": dict(document), "set_by": by, "set_at": at, "city_id": self.city_id}
        query = sa.insert(face).values({**values, **self._numbers(scope)}).returning(face.c.id)
        number: int = self.connection.execute(query).scalar_one()
        return number

    def _numbers(self, scope: Scope) -> dict[str, int | None]:
        if scope.site:
            query = sa.select(site.c.id, site.c.district_id).join_from(site, district)
            query = query.where(site.c.city_id == self.city_id, site.c.name == scope.site)
            row = self.connection.execute(query.where(district.c.name == scope.district)).one_or_none()
            if row is None:
                raise NotFound(f"There is no site {scope.site!r} in district {scope.district!r}. Import it first.")
            return {"district_id": row.district_id, "site_id": row.id}
        if scope.district:
            query = sa.select(district.c.id).where(district.c.city_id == self.city_id)
            number = self.connection.scalar(query.where(district.c.name == scope.district))
            if number is None:
                raise NotFound(f"There is no district {scope.district!r}. Import one of its sites first.")
            return {"district_id": number, "site_id": None}
        return {"district_id": None, "site_id": None}


def _version(row: Any) -> Version:
    scope = Scope(row.district or "", row.site or "")
    return Version(row.id, scope, row.document, row.set_by, row.set_at)
