"""What gateways are told and what they tell: grants by revision, acknowledgements, usage, who went and who came."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.grants import Cause
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.domain.visits import EndReason, read_grant_name
from wifi_manager.services.following import Following
from wifi_manager.services.returning import Returning
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.wire.grants import GrantChanges, GrantList
from wifi_manager.wire.reports import Report

Changed = defaultdict[str, set[int]]  # by gateway: devices whose grants are others now
_REASONS = {Cause.IDLE: EndReason.IDLE, Cause.VOLUME: EndReason.VOLUME_USED, Cause.COPIED: EndReason.COPIED}


class ReportOutcome(StrEnum):
    """What became of a gateway's report."""

    ACKNOWLEDGED = "acknowledged"
    AHEAD = "ahead"  # of what the city has wanted so far, as after a restored backup: the revision does not count


@dataclass(frozen=True, slots=True)
class Granting:
    """Answers one gateway at a time, never about another's grants.

    `policy` is for passes while control is away, `eid_hosts` are names that phones reach while they sign in there.
    """

    store: Store
    clock: Clock
    policy: PassPolicy | None = None
    returning: Returning | None = None  # None: no device is remembered
    eid_hosts: tuple[str, ...] = ()

    def check(self) -> None:
        """Raise OutsideFailure when the database does not answer."""
        with self.store.read() as tx:
            tx.gateways.revision_mark()

    def revision_mark(self) -> int:
        """A number that is another one after any gateway's revision changed, and perhaps after other changes too."""
        mark = self.store.written_mark()
        if mark is not None:
            return mark
        with self.store.read() as tx:
            return tx.gateways.revision_mark()

    def revisions(self) -> Mapping[str, int]:
        """The wanted revision of every gateway."""
        with self.store.read() as tx:
            return tx.gateways.revisions()

    def revision(self, gateway: str) -> int:
        """The wanted revision of one gateway. Raises NotFound."""
        with self.store.read() as tx:
            return _revision(tx, gateway)

    def answer(self, gateway: str, base: int) -> GrantList | GrantChanges:
        """What has changed since `base`, or all that this gateway must let through where it cannot go on from there.

        The revision is read first: on PostgreSQL a change may be committed between two questions, and news that is
        newer than its revision is only told once more, while older news would never be. Raises NotFound.
        """
        now = self.clock.now()
        with self.store.read() as tx:
            changed = tx.changes.since(gateway, base)
            if changed is None:
                return self._everything(tx, gateway, now)
            if not changed.numbers:
                return GrantChanges(base, changed.revision, (), (), now, policy=self.policy, eid_hosts=self.eid_hosts)
            grants = tx.visits.grants_of(gateway, changed.numbers, now)
            return GrantChanges(
                base=base,
                revision=changed.revision,
                grants=grants,
                gone=tuple(sorted(changed.numbers - {grant.number for grant in grants})),
                now=now,
                blocked=tx.blocks.of(changed.numbers),
                policy=self.policy,
                openings=tx.eid.openings_of(gateway, changed.numbers) if self.eid_hosts else (),
                eid_hosts=self.eid_hosts,
            )

    def report(self, gateway: str, report: Report) -> ReportOutcome:
        """Note what the gateway enforces, what passed, whom it let go and who has come. Raises NotFound."""
        now, changed = self.clock.now(), Changed(set)
        with self.store.begin() as tx:
            is_ahead = report.revision > _revision(tx, gateway)
            names = {each.visit for each in report.usage} | {each.visit for each in report.ended}
            tx.visits.lock({read_grant_name(name)[0] for name in names})
            _meter(tx, gateway, report, now, changed)
            _end(tx, gateway, report, now, changed)
            if report.passes:
                given = {"passes": report.passes}
                tx.audit.add(AuditEntry(now, f"gateway {gateway}", "gave", "passes", gateway, after=given))
            for name in sorted({gateway, *changed}):  # visits first, then gateways by name: as everybody takes them
                if name == gateway:
                    tx.gateways.acknowledge(gateway, 0 if is_ahead else report.revision, now)
                if name in changed:
                    tx.changes.note(name, changed[name], now)
        Following(self.store, self.returning).follow(gateway, report.arrivals, now)
        return ReportOutcome.AHEAD if is_ahead else ReportOutcome.ACKNOWLEDGED

    def _everything(self, tx: Transaction, gateway: str, now: datetime) -> GrantList:
        revision, grants = _revision(tx, gateway), tx.visits.grants(gateway, now)
        blocked = tuple(each.block for each in tx.blocks.in_force(now))
        openings = tx.eid.openings(gateway, now) if self.eid_hosts else ()
        return GrantList(revision, grants, now, blocked, self.policy, openings, self.eid_hosts)


def _meter(tx: Transaction, gateway: str, report: Report, now: datetime, changed: Changed) -> None:
    """End visits that have used up what their plan allows."""
    if not report.usage:
        return
    for late in tx.metering.record(gateway, report.usage):
        changed[late.gateway].add(late.number)
    for public_id, number in tx.metering.used_up(gateway, report.usage).items():
        if tx.visits.end(public_id, now, EndReason.VOLUME_USED):
            changed[gateway].add(number)


def _end(tx: Transaction, gateway: str, report: Report, now: datetime, changed: Changed) -> None:
    """End visits that the gateway has let go by itself, if they are with it still."""
    for each in report.ended:
        public_id, stay = read_grant_name(each.visit)
        visit = tx.visits.get(public_id)
        if visit is None or (visit.gateway, visit.stay) != (gateway, stay):
            continue
        if tx.visits.end(public_id, now, _REASONS[each.reason]):
            changed[gateway].add(visit.number)


def _revision(tx: Transaction, gateway: str) -> int:
    revision = tx.gateways.revision(gateway)
    if revision is None:
        raise NotFound(f"No gateway is called {gateway!r}. Add it with `wifi-manager gateway add`.")
    return revision
