"""Districts and sites of one city."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from wifi_manager.domain.sites import Site, SiteKind
from wifi_manager.storage.rows.inventory import district, site


@dataclass(frozen=True)
class Sites:
    """Questions about and changes of a city's sites."""

    connection: sa.Connection
    city_id: int

    def all(self) -> dict[tuple[str, str], Site]:
        """Every site by (district, name)."""
        return {found.key: found for found in map(_to_site, self.connection.execute(self._select()))}

    def get(self, key: tuple[str, str]) -> Site | None:
        """One site by (district, name)."""
        query = self._select().where(district.c.name == key[0], site.c.name == key[1])
        row = self.connection.execute(query).one_or_none()
        return None if row is None else _to_site(row)

    def numbers(self) -> dict[tuple[str, str], int]:
        """Row number of every site: for the tables that point to one."""
        query = sa.select(district.c.name, site.c.name, site.c.id).join_from(site, district)
        rows = self.connection.execute(query.where(site.c.city_id == self.city_id))
        return {(row[0], row[1]): row[2] for row in rows}

    def ways(self, number: int) -> list[str]:
        """The ways in that a site offers of its own."""
        return list(self.connection.scalar(sa.select(site.c.ways).where(site.c.id == number)) or ())

    def offer(self, number: int, ways: Sequence[str]) -> None:
        """From now on a site offers these ways in, or without any the city's."""
        self.connection.execute(sa.update(site).where(site.c.id == number).values(ways=list(ways) or None))

    def save(self, sites: Iterable[Site]) -> None:
        """Add the sites that are new, change those that are known by their key; districts come along."""
        wanted = {each.key: each for each in sites}
        if not wanted:
            return
        known = self.numbers()
        districts = self._district_numbers({each.district for each in wanted.values()})
        fresh = [self._to_row(each, districts) for key, each in wanted.items() if key not in known]
        if fresh:
            self.connection.execute(sa.insert(site), fresh)
        changed = [
            {"number": known[key], "new_kind": each.kind.value, "new_address": each.address}
            for key, each in wanted.items()
            if key in known
        ]
        if changed:
            self.connection.execute(
                sa.update(site)
                .where(site.c.id == sa.bindparam("number"))
                .values(kind=sa.bindparam("new_kind"), address=sa.bindparam("new_address")),
                changed,
            )

    def _district_numbers(self, names: set[str]) -> dict[str, int]:
        query = sa.select(district.c.name, district.c.id).where(district.c.city_id == self.city_id)
        known = {row[0]: row[1] for row in self.connection.execute(query)}
        missing = sorted(names - known.keys())
        if not missing:
            return known
        rows = [{"city_id": self.city_id, "name": name} for name in missing]
        self.connection.execute(sa.insert(district), rows)
        return {row[0]: row[1] for row in self.connection.execute(query)}

    def _to_row(self, each: Site, districts: dict[str, int]) -> dict[str, object]:
        return {
            "city_id": self.city_id,
            "district_id": districts[each.district],
            "name": each.name,
            "kind": each.kind.value,
            "address": each.address,
        }

    def _select(self) -> sa.Select[tuple[str, str, str, str]]:
        columns = sa.select(district.c.name.label("district"), site.c.name, site.c.kind, site.c.address)
        return columns.join_from(site, district).where(site.c.city_id == self.city_id)


def _to_site(row: sa.Row[tuple[str, str, str, str]]) -> Site:
    return Site(row.district, row.name, SiteKind(row.kind), row.address)
