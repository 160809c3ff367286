"""The newest observation of each access point of one city, and whether it runs what it should."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from wifi_manager.domain.access_points import LifeCycle, Managed, Management
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.storage.prepared import Prepared, is_one_of
from wifi_manager.storage.readings import packed, unpacked
from wifi_manager.storage.rows.inventory import access_point, district, site
from wifi_manager.storage.rows.provisioning import observation, wanted


@dataclass(frozen=True, slots=True)
class Seen:
    """One managed access point as pages and metrics show it.

    `observation` is None before the first poll; `last_seen_at` is when it last answered; `in_sync` is None where
    nothing was ever committed or the device did not tell what it runs.
    """

    external_id: str
    district: str
    site: str
    kind: str
    observation: Observation | None
    last_seen_at: datetime | None
    reason: str
    in_sync: bool | None


@dataclass(frozen=True)
class Observations:
    """Questions about and changes of the newest observations."""

    connection: sa.Connection
    city_id: int

    def managed(self) -> dict[str, Managed]:
        """Every managed access point, and how to reach it: what is to be polled."""
        query = sa.select(access_point).where(
            access_point.c.city_id == self.city_id,
            access_point.c.life_cycle == LifeCycle.MANAGED.value,
            access_point.c.management_host.is_not(None),
        )
        return {
            row.external_id: Managed(
                Management(row.management_host, row.management_port, row.management_user, row.management_host_key),
                row.platform or "",
            )
            for row in self.connection.execute(query)
        }

    def record(self, looks: Sequence[Looked]) -> None:
        """Keep what looks found. One that is older than what is known, because it hung, changes nothing.

        What has left the inventory meanwhile is passed over. Rows are written in the order of their numbers, so that
        two collectors never wait for each other.
        """
        names = [each.external_id for each in looks]
        given = {"city": self.city_id, "names": sorted(set(names))}
        numbers = {row["external_id"]: row["id"] for row in _NUMBERS.all(self.connection, given)}
        known = sorted(
            (numbers[each.external_id], at) for at, each in enumerate(looks) if each.external_id in numbers
        )
        for up, statement in _KEEP[self.connection.dialect.name].items():
            rows = [
                {"access_point_id": number, "city_id": self.city_id, **_to_row(looks[at].found, looks[at].reason)}
                for number, at in known
                if looks[at].found.up is up
            ]
            if rows:
                self.connection.execute(statement, rows)

    def last_up(self, external_id: str) -> Observation | None:
        """What an access point told when it last answered, whether or not it answers now; None where it never did."""
        columns = [observation.c[name] for name in _COLUMNS]
        query = sa.select(*columns).join_from(access_point, observation)
        row = self.connection.execute(query.where(self._named(external_id))).mappings().first()
        if row is None or row["last_seen_at"] is None:
            return None
        return _to_observation({**row, "is_up": True, "at": row["last_seen_at"]})

    def seen(self, external_id: str) -> Seen | None:
        """One managed access point, or None."""
        found = self._seen(access_point.c.external_id == external_id)
        return found[0] if found else None

    def all_seen(self) -> Sequence[Seen]:
        """Every managed access point, by external id."""
        return self._seen(sa.true())

    def _seen(self, condition: sa.ColumnElement[bool]) -> list[Seen]:
        columns: sa.Select[tuple[object, ...]] = sa.select(
            access_point.c.external_id,
            district.c.name.label("district"),
            site.c.name.label("site"),
            site.c.kind,
            wanted.c.digest.label("wanted_digest"),
            *(observation.c[name] for name in _COLUMNS),
        )
        joined = columns.select_from(access_point).join(site, access_point.c.site_id == site.c.id)
        joined = joined.join(district, site.c.district_id == district.c.id)
        joined = joined.outerjoin(observation, observation.c.access_point_id == access_point.c.id)
        joined = joined.outerjoin(wanted, wanted.c.access_point_id == access_point.c.id)
        query = joined.where(
            access_point.c.city_id == self.city_id, access_point.c.life_cycle == LifeCycle.MANAGED.value, condition
        )
        rows = self.connection.execute(query.order_by(access_point.c.external_id)).mappings()
        return [_to_seen(row) for row in rows]

    def _named(self, external_id: str) -> sa.ColumnElement[bool]:
        return sa.and_(access_point.c.city_id == self.city_id, access_point.c.external_id == external_id)


_NUMBERS = Prepared(
    {
        dialect: sa.select(access_point.c.id, access_point.c.external_id).where(
            access_point.c.city_id == sa.bindparam("city"), named
        )
        for dialect, named in is_one_of(access_point.c.external_id, "names").items()
    }
)
_COLUMNS = tuple(each.name for each in observation.columns if each.name not in {"access_point_id", "city_id"})


def _keep(insert: sqlite.Insert | postgresql.Insert, names: Iterable[str]) -> sa.Insert:
    """One row for each access point; an older look leaves it as it is."""
    fresh = {name: insert.excluded[name] for name in names}
    key, newer = [observation.c.access_point_id], observation.c.at <= insert.excluded.at
    return insert.on_conflict_do_update(index_elements=key, set_=fresh, where=newer)


_OF_DOWN = ("at", "is_up", "reason")  # what was known of it while it answered stays
_KEEP: Mapping[str, Mapping[bool, sa.Insert]] = {
    name: {True: _keep(insert(observation), _COLUMNS), False: _keep(insert(observation), _OF_DOWN)}
    for name, insert in (("sqlite", sqlite.insert), ("postgresql", postgresql.insert))
}


def _to_row(found: Observation, reason: str) -> dict[str, Any]:
    row: dict[str, Any] = {"at": found.at, "is_up": found.up, "reason": reason}
    if not found.up:
        return row
    return row | {
        "last_seen_at": found.at,
        "uptime_seconds": found.uptime_seconds,
        "load_ratio": found.load,
        "digest": found.config_digest,
        "model": found.model or "",
        "firmware": found.firmware or "",
        "is_pending": found.pending,
        "readings": packed(found.readings) or None,
    }


def _to_seen(row: sa.RowMapping) -> Seen:
    return Seen(
        external_id=row["external_id"],
        district=row["district"],
        site=row["site"],
        kind=row["kind"],
        observation=None if row["at"] is None else _to_observation(row),
        last_seen_at=row["last_seen_at"],
        reason=row["reason"] or "",
        in_sync=_in_sync(row["wanted_digest"], row["digest"]),
    )


def _to_observation(row: sa.RowMapping | Mapping[str, Any]) -> Observation:
    if not row["is_up"]:
        return Observation(at=row["at"], up=False)
    return Observation(
        at=row["at"],
        up=True,
        uptime_seconds=row["uptime_seconds"],
        load=row["load_ratio"],
        config_digest=row["digest"],
        model=row["model"] or None,
        firmware=row["firmware"] or None,
        pending=row["is_pending"],
        readings=unpacked(row["readings"]),
    )


def _in_sync(wanted_digest: str | None, digest: str | None) -> bool | None:
    return None if wanted_digest is None or digest is None else wanted_digest == digest
