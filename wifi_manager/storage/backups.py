"""Backups of one city's access points, sealed; what ran before is kept once, however often it comes back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa

from wifi_manager.domain.backups import Backup, BackupKeeping
from wifi_manager.domain.errors import NotFound
from wifi_manager.storage.rows.drift import backup
from wifi_manager.storage.rows.inventory import access_point
from wifi_manager.storage.rows.provisioning import wanted
from wifi_manager.storage.vault import Vault

BACKUP_PURPOSE = "running configuration"  # of the vault


@dataclass(frozen=True)
class Backups:
    """Questions about and changes of a city's backups."""

    connection: sa.Connection
    city_id: int
    vault: Vault | None  # None in processes that only prune

    def keep(self, number: int, digest: str, files: bytes, at: datetime) -> None:
        """Keep what runs on the access point of this row number, or note that it runs again."""
        mine = sa.and_(backup.c.access_point_id == number, backup.c.digest == digest)
        if self.connection.execute(sa.update(backup).where(mine).values(last_at=at)).rowcount:
            return
        newest = sa.select(sa.func.coalesce(sa.func.max(backup.c.version), 0))
        version = self.connection.execute(newest.where(backup.c.access_point_id == number)).scalar_one() + 1
        values = {
            "city_id": self.city_id,
            "access_point_id": number,
            "version": version,
            "digest": digest,
            "files_sealed": self._keys().seal(BACKUP_PURPOSE, files),
            "found_at": at,
            "last_at": at,
        }
        self.connection.execute(sa.insert(backup).values(values))

    def of(self, external_id: str) -> Sequence[Backup]:
        """All of an access point, what was seen last first."""
        return self._read(access_point.c.external_id == external_id)

    def get(self, external_id: str, version: int) -> Backup:
        """One of them. Raises NotFound."""
        found = self._read(access_point.c.external_id == external_id, backup.c.version == version)
        if not found:
            raise NotFound(
                f"{external_id} has no backup {version}. "
                f"`wifi-manager provision backup list {external_id}` lists them."
            )
        return found[0]

    def prune(self, keeping: BackupKeeping, now: datetime, limit: int) -> int:
        """Delete at most so many that are too old or too many; never the newest, nor what is wanted. How many."""
        place = sa.func.row_number().over(
            partition_by=backup.c.access_point_id, order_by=(backup.c.last_at.desc(), backup.c.id.desc())
        )
        ranked = (
            sa.select(backup.c.id, backup.c.access_point_id, backup.c.digest, backup.c.last_at, place.label("place"))
            .where(backup.c.city_id == self.city_id)
            .subquery()
        )
        is_wanted = sa.exists().where(
            wanted.c.access_point_id == ranked.c.access_point_id, wanted.c.digest == ranked.c.digest
        )
        is_old = ranked.c.last_at < now - timedelta(days=keeping.days)
        over = sa.and_(ranked.c.place > 1, sa.or_(ranked.c.place > keeping.count, is_old), ~is_wanted)
        some = sa.select(ranked.c.id).where(over).limit(limit)
        return self.connection.execute(sa.delete(backup).where(backup.c.id.in_(some))).rowcount

    def _read(self, *conditions: sa.ColumnElement[bool]) -> list[Backup]:
        query = sa.select(backup, access_point.c.external_id).join_from(backup, access_point)
        query = query.where(backup.c.city_id == self.city_id, *conditions)
        rows = self.connection.execute(query.order_by(backup.c.last_at.desc(), backup.c.id.desc())).mappings()
        return [self._to_backup(row) for row in rows]

    def _to_backup(self, row: sa.RowMapping) -> Backup:
        return Backup(
            access_point=row["external_id"],
            version=row["version"],
            digest=row["digest"],
            found_at=row["found_at"],
            last_at=row["last_at"],
            files=self._keys().unseal(BACKUP_PURPOSE, row["files_sealed"]),
        )

    def _keys(self) -> Vault:
        if self.vault is None:
            raise RuntimeError("This process was built without the master key, so it must not touch backups.")
        return self.vault
