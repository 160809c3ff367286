"""Keeps the city's promises about time: visits end when they are over, and what is old is forgotten."""

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.text_codes import VALID_FOR
from wifi_manager.domain.tries import FORGIVEN_AFTER
from wifi_manager.storage.store import Store, Transaction

TICKETS_KEPT = timedelta(hours=1)  # a ticket is refused after minutes, used or not
FAILURES_KEPT = timedelta(days=1)
CHANGES_KEPT = timedelta(minutes=10)  # a gateway that asks every 25 s has heard of them
LIFTED_BLOCKS_KEPT = timedelta(days=1)  # until then gateways are told that they are lifted
BUDGETS_KEPT = timedelta(days=2)  # none counts for longer than a day


@dataclass(frozen=True, slots=True)
class Tidied:
    """How much of each was ended or forgotten."""

    expired_visits: int
    used_tickets: int
    failed_sign_ins: int
    old_visits: int
    old_devices: int
    told_changes: int = 0
    lifted_blocks: int = 0
    remembered_devices: int = 0  # whose time is over
    old_tries: int = 0
    old_codes: int = 0
    old_budgets: int = 0
    old_reports: int = 0


@dataclass(frozen=True, slots=True)
class Stewardship:
    """Safe to run at any time, and by several processes at once."""

    store: Store
    clock: Clock
    retention: timedelta  # how long an ended visit is kept
    batch: int = 2000  # rows that one transaction deletes: a sign-in waits no longer than for that

    def tidy(self) -> Tidied:
        """End and forget what is due. Erasures of old visits are written to the audit trail.

        Gateways end expired visits by themselves, so no revision changes.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            expired = tx.visits.end_expired(now)
            tickets = tx.visits.forget_tickets(now - TICKETS_KEPT)
            failures = tx.operators.forget_failures(now - FAILURES_KEPT)
            changes = tx.changes.forget(now - CHANGES_KEPT)
            blocks = tx.blocks.forget(now - LIFTED_BLOCKS_KEPT)
            remembered = tx.remembered.forget_over(now)
            others = (
                remembered,
                tx.tallies.forget(now - FORGIVEN_AFTER),
                tx.text_codes.forget(now - VALID_FOR),
                tx.budgets.forget(now - BUDGETS_KEPT),
            )
        visits, devices = self._erase(self._erase_before(now))
        before = self._erase_before(now)
        reports = self._in_batches(lambda tx: tx.problem_reports.forget(before, self.batch))
        done = Tidied(expired, tickets, failures, visits, devices, changes, blocks, *others, reports)
        if visits or devices or reports:
            with self.store.begin() as tx:
                tx.audit.add(AuditEntry(now, "tidy", "erased", "visits", "older than retention", after=asdict(done)))
        return done

    def _erase_before(self, now: datetime) -> datetime:
        """Whole days (UTC), so that a run every minute erases, and writes its audit entry, once a day."""
        return now.replace(hour=0, minute=0, second=0, microsecond=0) - self.retention

    def _erase(self, before: datetime) -> tuple[int, int]:
        """Visits first: a device is forgotten with its last one, so devices are only looked at when visits went."""
        visits = self._in_batches(lambda tx: tx.visits.forget_visits(before, self.batch))
        return visits, self._in_batches(lambda tx: tx.visits.forget_devices(before, self.batch)) if visits else 0

    def _in_batches(self, forget: Callable[[Transaction], int]) -> int:
        total, count = 0, self.batch
        while count == self.batch:
            with self.store.begin() as tx:
                count = forget(tx)
            total += count
        return total
