"""Which access points of one city do not run what they should, how they differ, and what was decided about it."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.domain.drift import Drift, Ignored, Reading
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.pushes import PushState
from wifi_manager.storage.rows.drift import drift
from wifi_manager.storage.rows.inventory import access_point, district, site
from wifi_manager.storage.rows.provisioning import push, wanted
from wifi_manager.storage.vault import Vault

DRIFT_PURPOSE = "drift"  # of the vault
_NEVER_DECIDED = {"ignored_until": None, "ignored_by": "", "ignored_reason": "", "adopted_version": None}


@dataclass(frozen=True)
class Drifts:
    """Questions about and changes of a city's drift."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that only count: they see no differences

    def is_due(self, external_id: str, observed: str) -> bool:
        """Whether that digest was not looked at yet, or what is wanted has changed since. Not while it is changed."""
        changing = sa.exists().where(
            push.c.access_point_id == access_point.c.id, push.c.state == PushState.RUNNING.value
        )
        query = (
            sa.select(drift.c.observed_digest, drift.c.wanted_digest, wanted.c.digest)
            .select_from(access_point)
            .outerjoin(drift, drift.c.access_point_id == access_point.c.id)
            .outerjoin(wanted, wanted.c.access_point_id == access_point.c.id)
            .where(self._named(external_id), ~changing)
        )
        row = self.connection.execute(query).one_or_none()
        return row is not None and (row[0], row[1]) != (observed, row[2] or "")

    def record(self, number: int, found: Reading, at: datetime) -> bool:
        """Keep what was read on the access point of this row number; True if it differs as it did not before.

        Decisions hold while the same thing runs.
        """
        mine = drift.c.access_point_id == number
        before = self.connection.execute(sa.select(drift).where(mine)).mappings().one_or_none()
        is_same = before is not None and before["digest"] == found.digest and before["since"] is not None
        values: dict[str, Any] = {
            "observed_digest": found.observed,
            "wanted_digest": found.wanted,
            "digest": found.digest,
            "since": None,
            "said_sealed": None,
            **({} if is_same and found.diff else _NEVER_DECIDED),
        }
        if found.diff:
            values |= {"since": before["since"] if before and is_same else at, "said_sealed": self._sealed(found)}
        if before is None:
            self.connection.execute(sa.insert(drift).values(access_point_id=number, city_id=self.city_id, **values))
        else:
            self.connection.execute(sa.update(drift).where(mine).values(values))
        return bool(found.diff) and not is_same

    def all(self) -> Sequence[Drift]:
        """Every access point that differs, what was found first on top."""
        return self._read(sa.true())

    def get(self, external_id: str) -> Drift:
        """One of them. Raises NotFound where nothing differs."""
        found = self._read(access_point.c.external_id == external_id)
        if not found:
            raise NotFound(
                f"No drift is known of {external_id}. Ask it: wifi-manager provision drift check {external_id}"
            )
        return found[0]

    def ignore(self, external_id: str, ignored: Ignored) -> None:
        """Let it stay until then. Raises NotFound."""
        values = {
            "ignored_until": ignored.until,
            "ignored_by": ignored.by,
            "ignored_reason": ignored.reason,
        }
        self._decide(external_id, values)

    def adopt(self, external_id: str, version: int) -> None:
        """Note which version of its own layer takes it over. Raises NotFound."""
        self._decide(external_id, {"adopted_version": version})

    def _decide(self, external_id: str, values: dict[str, Any]) -> None:
        number = sa.select(access_point.c.id).where(self._named(external_id)).scalar_subquery()
        mine = sa.and_(drift.c.access_point_id == number, drift.c.since.is_not(None))
        if self.connection.execute(sa.update(drift).where(mine).values(values)).rowcount == 0:
            raise NotFound(f"No drift is known of {external_id} any more.")

    def _read(self, condition: sa.ColumnElement[bool]) -> list[Drift]:
        columns: sa.Select[tuple[object, ...]] = sa.select(
            drift, access_point.c.external_id, district.c.name.label("district"), site.c.name.label("site")
        )
        query = columns.select_from(drift).join(access_point).join(site, access_point.c.site_id == site.c.id)
        query = query.join(district, site.c.district_id == district.c.id).where(
            drift.c.city_id == self.city_id,
            drift.c.since.is_not(None),
            access_point.c.life_cycle == LifeCycle.MANAGED.value,
            condition,
        )
        rows = self.connection.execute(query.order_by(drift.c.since, drift.c.access_point_id)).mappings()
        return [self._to_drift(row) for row in rows]

    def _to_drift(self, row: sa.RowMapping) -> Drift:
        said = self._said(row["said_sealed"])
        ignored = Ignored(row["ignored_until"], row["ignored_by"], row["ignored_reason"])
        return Drift(
            access_point=row["external_id"],
            district=row["district"],
            site=row["site"],
            since=row["since"],
            digest=row["digest"],
            diff=said["diff"],
            override=said["override"],
            obstacles=tuple(said["obstacles"]),
            ignored=None if row["ignored_until"] is None else ignored,
            adopted_version=row["adopted_version"],
        )

    def _sealed(self, found: Reading) -> bytes:
        said = {"diff": found.diff, "override": found.override, "obstacles": found.obstacles}
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not record drift.")
        return self.vault.seal(DRIFT_PURPOSE, json.dumps(said).encode())

    def _said(self, sealed: bytes) -> dict[str, Any]:
        if self.vault is None:
            return {"diff": "", "override": "", "obstacles": ()}
        said: dict[str, Any] = json.loads(self.vault.unseal(DRIFT_PURPOSE, sealed))
        return said

    def _named(self, external_id: str) -> sa.ColumnElement[bool]:
        return sa.and_(access_point.c.city_id == self.city_id, access_point.c.external_id == external_id)
