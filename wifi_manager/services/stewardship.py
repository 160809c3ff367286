"""Keeps the city's promises about time: visits end when they are over, and what is old is forgotten.

What is old is the legal profile's to say, table by table.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.backups import BackupKeeping
from wifi_manager.domain.law import FIXED, Kind, LegalProfile
from wifi_manager.storage import records
from wifi_manager.storage.device_keys import LEAD
from wifi_manager.storage.records import Holding
from wifi_manager.storage.store import Store, Transaction


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much was ended or forgotten; `erased` by table, without those where nothing was."""

    expired_visits: int = 0
    told_changes: int = 0
    remembered_devices: int = 0  # whose time is over
    erased: dict[str, int] = field(default_factory=dict)
    keys_made: int = 0
    keys_destroyed: int = 0
    pruned_backups: int = 0

    def counts(self) -> dict[str, int]:
        """All of it in one level."""
        return {
            "expired_visits": self.expired_visits,
            "told_changes": self.told_changes,
            "remembered_devices": self.remembered_devices,
            "device_keys_made": self.keys_made,
            "device_keys_destroyed": self.keys_destroyed,
            "pruned_backups": self.pruned_backups,
            **{f"erased_{table}": count for table, count in self.erased.items()},
        }


@dataclass(frozen=True, slots=True)
class Stewardship:
    """Safe to run at any time, and by several processes at once."""

    store: Store
    clock: Clock
    profile: LegalProfile
    backups: BackupKeeping = field(default_factory=BackupKeeping)
    batch: int = 2000  # rows that one transaction deletes: a sign-in waits no longer than for that
    _swept: dict[str, datetime] = field(default_factory=dict)  # up to when this process has erased each table

    def tidy(self) -> Tidied:
        """End and forget what is due. Erasures of old records are written to the audit trail.

        Gateways end expired visits by themselves, so no revision changes.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            expired = tx.visits.end_expired(now)
            changes = tx.changes.forget(now - FIXED[Kind.GRANT_CHANGES])
            over = tx.remembered.forget_over(now)
        counts = {table: self._sweep(table, self.profile.erase_before(kind, now)) for table, kind in records.tables()}
        made, destroyed = self._change_keys(now)
        erased = {table: count for table, count in counts.items() if count}
        done = Tidied(expired, changes, over, erased, made, destroyed, self._prune(now))
        self._note(done, now)
        return done

    def holdings(self) -> Sequence[Holding]:
        """What every table holds, and how much of it is older than the profile allows."""
        now = self.clock.now()
        with self.store.read() as tx:
            return [
                tx.records.holding(table, self.profile.erase_before(kind, now)) for table, kind in records.tables()
            ]

    def _sweep(self, table: str, before: datetime) -> int:
        """A table whose time was the same a minute ago is not looked through again."""
        if self._swept.get(table) == before:
            return 0
        count = self._in_batches(lambda tx: tx.records.forget(table, before, self.batch))
        self._swept[table] = before
        return count

    def _prune(self, now: datetime) -> int:
        """Backups of access points, once an hour: all of them have to be counted."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        if self._swept.get("backup") == hour:
            return 0
        self._swept["backup"] = hour
        return self._in_batches(lambda tx: tx.backups.prune(self.backups, now, self.batch))

    def _change_keys(self, now: datetime) -> tuple[int, int]:
        """Make a key when the newest is as old as the profile allows, and destroy those that no device has left."""
        with self.store.begin() as tx:
            newest = tx.pseudonyms.newest_start()
            is_due = newest is None or now - newest >= timedelta(days=self.profile.key_days) - LEAD
            if is_due:
                tx.pseudonyms.add_key(now)
        with self.store.begin() as tx:
            tx.blocks.rekey(now)
            return int(is_due), tx.pseudonyms.destroy_unused(now)

    def _note(self, done: Tidied, now: datetime) -> None:
        """What is forgotten within minutes, all day long, is nothing to write down."""
        daily = {table: count for table, count in done.erased.items() if table not in _ALL_DAY}
        if daily or done.keys_made or done.keys_destroyed:
            told = {"law": self.profile.name, **done.counts()}
            with self.store.begin() as tx:
                tx.audit.add(AuditEntry(now, "tidy", "erased", "records", "older than the law allows", after=told))

    def _in_batches(self, forget: Callable[[Transaction], int]) -> int:
        total, count = 0, self.batch
        while count == self.batch:
            with self.store.begin() as tx:
                count = forget(tx)
            total += count
        return total


_ALL_DAY = {table for table, kind in records.tables() if kind in FIXED}
