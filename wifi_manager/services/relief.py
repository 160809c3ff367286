"""Relief: what the city's policy gives a citizen whose way in fails through no fault of theirs."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.budgets import Budget, day_of
from wifi_manager.domain.errors import Forbidden, TooManyTries
from wifi_manager.domain.plans import Plan
from wifi_manager.domain.visits import Method, Proof
from wifi_manager.services.admission import Admission, Prove
from wifi_manager.storage.store import Transaction
from wifi_manager.wire.tickets import Ticket

_PURPOSE = "relief"  # of the vault, and what the budgets count
_NO_LIMIT = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Relief:
    """Short passes, of a plan of their own and so many per device a day. No plan: none are given.

    Who erases their data keeps what they have spent: it is counted by a digest that no other day shares.
    """

    admission: Admission
    zone: ZoneInfo
    plan: str = ""
    a_day: int = 1

    def check(self) -> None:
        """Raise NotFound when there is no such plan."""
        if self.plan:
            with self.admission.store.read() as tx:
                tx.plans.get(self.plan)

    def offer(self, ticket: Ticket) -> Plan | None:
        """What a pass allows, where this device can still have one today."""
        if not self.plan:
            return None
        with self.admission.store.read() as tx:
            left = tx.budgets.left(self._budget(ticket, self.admission.clock.now()))
            return tx.plans.get(self.plan) if left else None

    def instead_of(self, failed: Method) -> Prove:
        """Lets in whoever could not use that way. Raises TooManyTries when the device has had its passes.

        The caller vouches that it failed. The first pass of a day for each way is written to the audit trail.
        """

        def prove(tx: Transaction, ticket: Ticket, now: datetime) -> Proof:
            if not self.plan:
                raise Forbidden("This city lets nobody in without a proof. Go back and choose another way in.")
            if not tx.budgets.spend(self._budget(ticket, now)):
                raise TooManyTries("This device has had its short passes of today. Choose another way in.")
            self._note(tx, failed, now)
            return Proof(Method.RELIEF, plan=self.plan)

        return prove

    def _note(self, tx: Transaction, failed: Method, now: datetime) -> None:
        day = day_of(now, self.zone)
        if tx.budgets.spend(Budget(f"relief for {failed}", b"", day, _NO_LIMIT)) == 1:
            tx.audit.add(
                AuditEntry(now, "portal", "gave short passes", "way in", failed.value, after={"plan": self.plan})
            )

    def _budget(self, ticket: Ticket, now: datetime) -> Budget:
        day = day_of(now, self.zone)
        whom = self.admission.vault.digest(f"{_PURPOSE} {day.date()}", ticket.device.octets)
        return Budget(_PURPOSE, whom, day, self.a_day)
