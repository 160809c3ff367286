"""What a citizen does with problem reports: send one, and read what came of it.

It works for a device that is not online, that is blocked, and, without a place and an answer, for whoever comes
without a ticket. Nobody is asked for a name, and limits count devices and places, never addresses.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import TooManyTries
from wifi_manager.domain.problem_reports import Access, ProblemReport, ReportLimits, Told
from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.problem_reports import NOWHERE, Circumstances, Whereabouts
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.visits import KnownDevice
from wifi_manager.wire.tickets import Ticket

_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Reporting:
    """Takes reports of one city. Its store needs the vault."""

    store: Store
    clock: Clock
    limits: ReportLimits = field(default_factory=ReportLimits)

    def send(self, ticket: Ticket, told: Told) -> int:
        """Keep what this device says, and where it stands; returns the report's number.

        A ticket brings one report: sent again, it is the same one. Raises TooManyTries.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            known = tx.problem_reports.number_of(ticket.nonce)
            if known is not None:
                return known
            where = tx.problem_reports.whereabouts(ticket.gateway, ticket.network)
            device = tx.visits.device_number(ticket.device, now)
            if tx.problem_reports.from_device(device, now - _DAY) >= self.limits.device_a_day:
                raise TooManyTries("This device has sent enough reports for today. City staff read all of them.")
            self._check_place(tx, where, now)
            access = _access(tx, ticket, now)
            return tx.problem_reports.add(
                told, Circumstances(ticket.nonce, now, where, ticket.network, access, device)
            )

    def send_from_nowhere(self, nonce: str, told: Told) -> int:
        """Keep what somebody says who has no ticket; the nonce is their form's. Raises TooManyTries."""
        now = self.clock.now()
        with self.store.begin() as tx:
            known = tx.problem_reports.number_of(nonce)
            if known is not None:
                return known
            self._check_place(tx, NOWHERE, now)
            return tx.problem_reports.add(told, Circumstances(nonce, now))

    def of(self, ticket: Ticket) -> Sequence[ProblemReport]:
        """The newest reports of the device that asks."""
        with self.store.read() as tx:
            known = tx.visits.device(ticket.device)
            return () if known is None else tx.problem_reports.of_device(known.number, _SHOWN)

    def sent_with(self, ticket: Ticket) -> int | None:
        """The report that this ticket has brought, or None."""
        with self.store.read() as tx:
            return tx.problem_reports.number_of(ticket.nonce)

    def _check_place(self, tx: Transaction, where: Whereabouts, now: datetime) -> None:
        if tx.problem_reports.from_place(where, now - _HOUR) >= self.limits.place_an_hour:
            raise TooManyTries("Many people have reported this within the hour. City staff know of it.")


def _access(tx: Transaction, ticket: Ticket, now: datetime) -> str:
    if tx.blocks.in_force_on(ticket.device, now) is not None:
        return Access.BLOCKED.value
    return _of_visit(tx.visits.device(ticket.device), now)


def _of_visit(known: KnownDevice | None, now: datetime) -> str:
    if known is None or known.visit is None:
        return Access.NEVER.value
    if known.running(now) is not None:
        return Access.RUNNING.value
    return (known.visit.end_reason or EndReason.EXPIRED).value
