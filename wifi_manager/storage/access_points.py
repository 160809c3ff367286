"""Access points and radios of one city."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.access_points import AccessPoint, Band, LifeCycle, Management, Radio
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.sites import Position, Site, SiteKind
from wifi_manager.storage.rows.inventory import access_point, district, radio, site

_MANY = 500  # new access points in one go: an import


@dataclass(frozen=True)
class AccessPoints:
    """Questions about and changes of a city's access points."""

    connection: sa.Connection
    city_id: int

    def hold(self) -> None:
        """Let no other transaction write sites or access points until this one ends; readers go on.

        SQLite has one writer at a time anyway. Call it first: what is read afterwards stays true.
        """
        if self.connection.dialect.name == "postgresql":
            names = ", ".join(each.name for each in (district, site, access_point))
            self.connection.exec_driver_sql(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")

    def all(self) -> dict[str, AccessPoint]:
        """Every access point by external id, retired ones included."""
        return self._read(sa.true())

    def whereabouts(self) -> list[tuple[object, ...]]:
        """What says where each stands and whether it counts there: to see whether anything has changed."""
        columns = (
            access_point.c.external_id, access_point.c.latitude, access_point.c.longitude, access_point.c.site_id,
            access_point.c.indoor, access_point.c.life_cycle,
        )  # fmt: skip
        mine = sa.select(*columns).where(access_point.c.city_id == self.city_id).order_by(access_point.c.id)
        return [tuple(row) for row in self.connection.execute(mine)]

    def get(self, external_id: str) -> AccessPoint | None:
        """One access point, or None."""
        return self._read(access_point.c.external_id == external_id).get(external_id)

    def number(self, external_id: str) -> int | None:
        """Row number of one access point, or None."""
        mine = sa.and_(access_point.c.city_id == self.city_id, access_point.c.external_id == external_id)
        found: int | None = self.connection.scalar(sa.select(access_point.c.id).where(mine))
        return found

    def numbers(self) -> dict[str, int]:
        """Row number of every access point by external id: for the tables that point to one."""
        query = sa.select(access_point.c.external_id, access_point.c.id)
        rows = self.connection.execute(query.where(access_point.c.city_id == self.city_id))
        return {row[0]: row[1] for row in rows}

    def save(self, access_points: Iterable[AccessPoint], sites: Mapping[tuple[str, str], int]) -> None:
        """Add the new ones and change the known ones, as a whole; `sites` gives each site's row number."""
        wanted = {each.external_id: each for each in access_points}
        known = self.numbers() if wanted else {}
        fresh = [self._to_row(each, sites) for key, each in wanted.items() if key not in known]
        if fresh:
            self.connection.execute(sa.insert(access_point), fresh)
        changed = [
            {"number": known[key], **self._to_row(each, sites)} for key, each in wanted.items() if key in known
        ]
        if changed:
            values: dict[str, Any] = {name: sa.bindparam(name) for name in changed[0] if name != "number"}
            query = sa.update(access_point).where(access_point.c.id == sa.bindparam("number")).values(values)
            self.connection.execute(query, changed)
        self._save_radios(wanted, known, has_new=bool(fresh))
        if len(fresh) >= _MANY and self.connection.dialect.name == "postgresql":
            # Until it counts them itself, PostgreSQL plans as if the new tables were empty: a list takes a second.
            self.connection.execute(sa.text("ANALYZE district, site, access_point, radio"))

    def manage(self, external_id: str, platform: str, reach: Management) -> None:
        """From now on this access point is ours to configure, over SSH at that place. Raises NotFound."""
        values = {
            "platform": platform,
            "life_cycle": LifeCycle.MANAGED.value,
            "management_host": reach.host,
            "management_port": reach.port,
            "management_user": reach.user,
            "management_host_key": reach.host_key,
        }
        mine = sa.and_(access_point.c.city_id == self.city_id, access_point.c.external_id == external_id)
        if self.connection.execute(sa.update(access_point).where(mine).values(values)).rowcount == 0:
            raise NotFound(f"No access point is numbered {external_id!r}. `wifi-manager fleet list` shows them.")

    def show(self, external_id: str) -> None:
        """From now on this access point is one of ours, however it is reached: what it tells is shown."""
        mine = sa.and_(access_point.c.city_id == self.city_id, access_point.c.external_id == external_id)
        self.connection.execute(sa.update(access_point).where(mine).values(life_cycle=LifeCycle.MANAGED.value))

    def _save_radios(self, wanted: Mapping[str, AccessPoint], known: Mapping[str, int], *, has_new: bool) -> None:
        gone = [{"number": known[key]} for key in wanted if key in known]
        if gone:
            query = sa.delete(radio).where(radio.c.access_point_id == sa.bindparam("number"))
            self.connection.execute(query, gone)
        if not any(each.radios for each in wanted.values()):
            return
        numbers = self.numbers() if has_new else known
        rows = [
            {"city_id": self.city_id, "access_point_id": numbers[key], **_radio_to_row(each)}
            for key, point in wanted.items()
            for each in point.radios
        ]
        self.connection.execute(sa.insert(radio), rows)

    def _read(self, condition: sa.ColumnElement[bool]) -> dict[str, AccessPoint]:
        columns = sa.select(
            access_point,
            district.c.name.label("site_district"),
            site.c.name.label("site_name"),
            site.c.kind.label("site_kind"),
            site.c.address.label("site_address"),
        )
        query = columns.join_from(access_point, site).join(district)
        query = query.where(access_point.c.city_id == self.city_id, condition).order_by(access_point.c.external_id)
        radios = self._radios(condition)
        return {
            row["external_id"]: _to_access_point(row, radios.get(row["id"], ()))
            for row in self.connection.execute(query).mappings()
        }

    def _radios(self, condition: sa.ColumnElement[bool]) -> dict[int, tuple[Radio, ...]]:
        query = sa.select(radio).join(access_point, radio.c.access_point_id == access_point.c.id)
        query = query.where(radio.c.city_id == self.city_id, condition).order_by(radio.c.name)
        found: dict[int, tuple[Radio, ...]] = {}
        for row in self.connection.execute(query):
            one = Radio(row.name, Band(row.band), row.channel, row.eirp_dbm)
            found[row.access_point_id] = (*found.get(row.access_point_id, ()), one)
        return found

    def _to_row(self, each: AccessPoint, sites: Mapping[tuple[str, str], int]) -> dict[str, Any]:
        reach = each.management
        return {
            "city_id": self.city_id,
            "site_id": sites[each.site.key],
            "external_id": each.external_id,
            "place": each.place,
            "floor": each.floor,
            "latitude": None if each.position is None else each.position.latitude,
            "longitude": None if each.position is None else each.position.longitude,
            "indoor": each.indoor,
            "installed_year": each.installed_year,
            "installer": each.installer,
            "service": each.service,
            "model": each.model,
            "platform": each.platform,
            "life_cycle": each.life_cycle.value,
            "management_host": None if reach is None else reach.host,
            "management_port": None if reach is None else reach.port,
            "management_user": None if reach is None else reach.user,
            "management_host_key": None if reach is None else reach.host_key,
        }


def _radio_to_row(each: Radio) -> dict[str, Any]:
    return {"name": each.name, "band": each.band.value, "channel": each.channel, "eirp_dbm": each.eirp_dbm}


def _to_access_point(row: sa.RowMapping, radios: tuple[Radio, ...]) -> AccessPoint:
    return AccessPoint(
        external_id=row["external_id"],
        site=Site(row["site_district"], row["site_name"], SiteKind(row["site_kind"]), row["site_address"]),
        place=row["place"],
        floor=row["floor"],
        position=None if row["latitude"] is None else Position(row["latitude"], row["longitude"]),
        indoor=row["indoor"],
        installed_year=row["installed_year"],
        installer=row["installer"],
        service=row["service"],
        model=row["model"],
        platform=row["platform"],
        life_cycle=LifeCycle(row["life_cycle"]),
        radios=radios,
        management=_to_management(row),
    )


def _to_management(row: sa.RowMapping) -> Management | None:
    if row["management_host"] is None:
        return None
    return Management(
        row["management_host"], row["management_port"], row["management_user"], row["management_host_key"]
    )
