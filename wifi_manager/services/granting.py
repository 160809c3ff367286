"""What gateways are told and what they tell: grants by revision, acknowledgements, usage."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.grants import Usage
from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.wire.grants import GrantList
from wifi_manager.wire.reports import Report


class ReportOutcome(StrEnum):
    """What became of a gateway's report."""

    ACKNOWLEDGED = "acknowledged"
    AHEAD = "ahead"  # of what the city has wanted so far, as after a restored backup: the revision does not count


@dataclass(frozen=True, slots=True)
class Granting:
    """Answers one gateway at a time, never about another's grants."""

    store: Store
    clock: Clock

    def revision_mark(self) -> int:
        """A number that is another one after any gateway's revision changed."""
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

    def grants_for(self, gateway: str) -> GrantList:
        """All that this gateway must let through now.

        The revision is read first: on PostgreSQL a change may be committed between both questions, and a list that
        is newer than its revision is only asked for once more, while an older one would never be. Raises NotFound.
        """
        now = self.clock.now()
        with self.store.read() as tx:
            revision = _revision(tx, gateway)
            return GrantList(revision, tx.visits.grants(gateway, now), now)

    def report(self, gateway: str, report: Report) -> ReportOutcome:
        """Note what the gateway enforces and what passed; ends visits whose volume is used up. Raises NotFound."""
        now = self.clock.now()
        with self.store.begin() as tx:
            is_ahead = report.revision > _revision(tx, gateway)
            tx.gateways.acknowledge(gateway, 0 if is_ahead else report.revision, now)
            if report.usage:
                _meter(tx, gateway, report.usage, now)
        return ReportOutcome.AHEAD if is_ahead else ReportOutcome.ACKNOWLEDGED


def _meter(tx: Transaction, gateway: str, usage: tuple[Usage, ...], now: datetime) -> None:
    tx.visits.record_usage(gateway, usage)
    ended = [tx.visits.end(each, now, EndReason.VOLUME_USED) for each in tx.visits.over_volume(gateway)]
    if any(ended):
        tx.gateways.bump(gateway)


def _revision(tx: Transaction, gateway: str) -> int:
    revision = tx.gateways.revision(gateway)
    if revision is None:
        raise NotFound(f"No gateway is called {gateway!r}. Add it with `wifi-manager gateway add`.")
    return revision
