"""The visit in its citizen's hand: extend it, see and end it on one's other devices, be remembered or not.

A ticket does each of these once; a repeat changes nothing more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from wifi_manager.clock import Clock
from wifi_manager.domain.remembering import Remembered, is_rememberable
from wifi_manager.domain.visits import Consent, EndReason, Method, Proof, Visit
from wifi_manager.services.opening import Change
from wifi_manager.services.returning import Returning
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.wire.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Known:
    """All that is kept about a device: its newest visit, how many there are since when, and what was agreed.

    `others` are running visits of the same number or account on other devices. `may_be_remembered` says that the
    citizen can be asked.
    """

    visit: Visit | None = None
    visits: int = 0
    since: datetime | None = None
    remembered: Remembered | None = None
    others: tuple[Visit, ...] = ()
    may_be_remembered: bool = False
    is_blocked: bool = False


@dataclass(frozen=True, slots=True)
class Visiting:
    """What the status page shows and does. Without `returning` no device is remembered."""

    store: Store
    clock: Clock
    returning: Returning | None = None

    def known(self, ticket: Ticket) -> Known:
        """What is kept about the ticket's device."""
        now = self.clock.now()
        with self.store.read() as tx:
            device = tx.visits.device(ticket.device)
            if device is None:
                return Known()
            visits, since = tx.visits.kept_of(device.number)
            agreed, running = tx.remembered.of(device.number, now), device.running(now)
            return Known(
                visit=device.visit,
                visits=visits,
                since=since,
                remembered=agreed,
                others=_others(tx, running, now),
                may_be_remembered=agreed is None and running is not None and self._may_remember(running),
                is_blocked=tx.blocks.in_force_on(ticket.device, now) is not None,
            )

    def extend(self, ticket: Ticket) -> Change | None:
        """Let the device's visit last longer. None when it may not, or when this ticket extended it before."""
        now = self.clock.now()
        with self.store.begin() as tx:
            if not tx.visits.use_ticket(f"{ticket.nonce} extend", now):
                return None
            visit = tx.visits.running_of(ticket.device, now)
            until = None if visit is None else visit.extended_until()
            if visit is None or until is None:
                return None
            tx.visits.extend(visit.public_id, until)
            revision = tx.changes.note(visit.gateway, [visit.number], now)
            return Change(tx.visits.get(visit.public_id) or visit, revision)

    def sign_out_others(self, ticket: Ticket) -> Sequence[Change]:
        """End the visits on the citizen's other devices; a change for each gateway that has to hear of it."""
        now = self.clock.now()
        with self.store.begin() as tx:
            if not tx.visits.use_ticket(f"{ticket.nonce} sign-out-others", now):
                return ()
            others = _others(tx, tx.visits.running_of(ticket.device, now), now)
            tx.visits.lock([each.public_id for each in others])
            ended = [each for each in others if _end(tx, each, now)]
            return [_tell(tx, name, ended, now) for name in sorted({each.gateway for each in ended})]

    def remember(self, ticket: Ticket, language: str) -> bool:
        """Remember the device with what its running visit was opened with; `language` is what the citizen read it in.

        False where that cannot be remembered, or when this ticket did so before.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            if not tx.visits.use_ticket(f"{ticket.nonce} remember", now):
                return False
            visit = tx.visits.running_of(ticket.device, now)
            if self.returning is None or visit is None or not self._may_remember(visit):
                return False
            consent = Consent(visit.consent.terms_version, language)
            self.returning.remember(tx, visit.number, _proof(visit), consent, now)
            return True

    def forget(self, ticket: Ticket) -> bool:
        """Remember the device no more. False where it was not, or when this ticket did so before."""
        now = self.clock.now()
        with self.store.begin() as tx:
            if not tx.visits.use_ticket(f"{ticket.nonce} forget", now):
                return False
            device = tx.visits.device(ticket.device)
            return device is not None and tx.remembered.forget(device.number)

    def _may_remember(self, visit: Visit) -> bool:
        return self.returning is not None and bool(self.returning.remembered_for) and is_rememberable(_proof(visit))


def _end(tx: Transaction, visit: Visit, now: datetime) -> bool:
    return tx.visits.end(visit.public_id, now, EndReason.SIGNED_OUT_ELSEWHERE)


def _tell(tx: Transaction, gateway: str, ended: Sequence[Visit], now: datetime) -> Change:
    """Let one gateway know of those that have ended there; one of them stands for all."""
    here = [each for each in ended if each.gateway == gateway]
    return Change(here[0], tx.changes.note(gateway, [each.number for each in here], now))


def _proof(visit: Visit) -> Proof:
    return Proof(visit.method, visit.holder, ends_by=visit.ends_by, volume_bytes=visit.own_volume_bytes)


def _others(tx: Transaction, visit: Visit | None, now: datetime) -> tuple[Visit, ...]:
    """A voucher may be in many hands, so its holders are nobody's other devices."""
    if visit is None or visit.holder is None or visit.method is Method.VOUCHER:
        return ()
    return tx.visits.others_of(visit.holder, visit.number, now)
