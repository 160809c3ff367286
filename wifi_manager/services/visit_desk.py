"""What operators do with a running visit: find it, and end it."""

from dataclasses import dataclass

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.visits import EndReason, Visit
from wifi_manager.storage.store import Store


@dataclass(frozen=True, slots=True)
class VisitDesk:
    """Needs no key: nothing here is about the device."""

    store: Store
    clock: Clock

    def get(self, public_id: str) -> Visit:
        """One visit, running or ended. Raises NotFound."""
        with self.store.read() as tx:
            found = tx.visits.get(public_id)
        if found is None:
            raise _unknown(public_id)
        return found

    def end(self, public_id: str, actor: str, why: str) -> None:
        """End a visit and tell its gateway at once.

        Raises NotFound, BadInput without a reason, Conflict when it has ended already.
        """
        if not why:
            raise BadInput("Say why the visit is ended: it stands in the audit trail.")
        now = self.clock.now()
        with self.store.begin() as tx:
            visit = tx.visits.get(public_id)
            if visit is None:
                raise _unknown(public_id)
            if not visit.is_active(now) or not tx.visits.end(public_id, now, EndReason.ENDED_BY_OPERATOR):
                raise Conflict("This visit has ended already.")
            tx.changes.note(visit.gateway, [visit.number], now)
            tx.audit.add(AuditEntry(now, actor, "ended", "visit", public_id, after={"why": why}))


def _unknown(public_id: str) -> NotFound:
    return NotFound(f"There is no visit {public_id!r}. `wifi-manager visit list` shows those that run.")
