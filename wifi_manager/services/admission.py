"""Admission: from a phone's sealed ticket to a visit that its gateway enforces, and out again.

A ticket speaks for the device that its gateway saw, and for no other. It lets that device in once, out once and be
forgotten once; a repeat (a second tap, the back button, somebody who found the link) changes nothing more.
"""

import contextlib
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from wifi_manager.clock import Clock
from wifi_manager.domain.blocks import Blocked
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden
from wifi_manager.domain.law import Kind
from wifi_manager.domain.networks import Place
from wifi_manager.domain.visits import Asker, Consent, EndReason, Method, Proof, Visit
from wifi_manager.services.acknowledgements import Acknowledgements
from wifi_manager.services.key_ring import KeyRing
from wifi_manager.services.moves import move
from wifi_manager.services.opening import Change, Opening, Usual, close_over
from wifi_manager.services.own_data import erase
from wifi_manager.services.returning import Returning
from wifi_manager.storage.blocks import KeptBlock
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault
from wifi_manager.storage.visits import KnownDevice
from wifi_manager.wire.tickets import Ticket, ticket_gateway, unseal

ENFORCED_WITHIN_SECONDS = 2.0

# What a citizen has to show, looked at (and used up, where it can be) in the transaction that opens the visit.
Prove = Callable[[Transaction, Ticket, datetime], Proof]


# Which way in a device has begun, looked at in the transaction that receives it.
Begun = Callable[[Transaction, Place], Method | None]


def nothing_begun(_tx: Transaction, _place: Place) -> Method | None:
    """Where no way in can be begun and come back to."""
    return None


def one_tap(_tx: Transaction, _ticket: Ticket, _now: datetime) -> Proof:
    """Nothing is to be shown."""
    return Proof()


@dataclass(frozen=True, slots=True)
class Reception:
    """How a device is met: with its running visit, or by where it asks and what keeps it out, if anything does.

    `last` is its newest visit, which has ended; `is_remembered`: it goes online by itself; `under_way` is the way in
    that it has begun.
    """

    present: Change | None
    block: KeptBlock | None
    place: Place
    last: Visit | None = None
    is_remembered: bool = False
    under_way: Method | None = None


@dataclass(frozen=True)
class Admission:
    """Lets devices in and out. `plan` names what a visit may use; `vault` opens the gateways' ticket keys.

    `ways` are the ways in where a place has none of its own; in an emergency `emergency_plan` holds for one tap, or
    where it is empty the place's usual plan. `patience_seconds` is how long a citizen is let wait for a gateway.
    `held` is what the law keeps when a citizen erases.
    """

    store: Store
    vault: Vault
    clock: Clock
    plan: str = "day"
    ways: tuple[Method, ...] = (Method.CLICK_THROUGH,)
    patience_seconds: float = ENFORCED_WITHIN_SECONDS
    timer: Callable[[], float] = time.monotonic
    keys: KeyRing = field(default_factory=KeyRing)
    returning: Returning | None = None  # None: no device is remembered
    emergency_plan: str = ""
    held: frozenset[Kind] = frozenset()

    def check(self) -> None:
        """Raise OutsideFailure or NotFound when nobody could be let in now: no database, no city, no such plan."""
        with self.store.read() as tx:
            tx.plans.get(self.plan)

    def asking(self, text: str) -> Ticket:
        """Who shows this ticket. Raises BadInput when it is damaged, Forbidden when forged or too old."""
        gateway, now = ticket_gateway(text), self.clock.now()
        if not gateway.isprintable():
            raise BadInput("This sign-in link is damaged. Open any web page to get a new one.")
        key = self.keys.of(gateway, self.timer(), self._ticket_key)
        try:
            return unseal(key, text, now)
        except Forbidden:
            newest = self._ticket_key(gateway)
            if newest == key:
                raise
            return unseal(newest, text, now)  # the gateway has enrolled anew a moment ago

    def accept(self, ticket: Ticket, consent: Consent, prove: Prove = one_tap, *, remember: bool = False) -> Change:
        """Open a visit, or keep the running one and take it to where the device is now: then nothing need be proved.

        `remember`: the citizen agrees that from now on the device comes back without a page.
        Raises Forbidden when this ticket let the device in before and that visit is over, or when its place does not
        offer this way in; Blocked for such a device; and what `prove` raises. Then nothing was changed.
        """
        try:
            return self._accept(ticket, consent, prove, remember=remember)
        except Conflict:  # two taps at once with two tickets: the other one opened the visit, so this one finds it
            return self._accept(ticket, consent, prove, remember=remember)

    def offered(self, ticket: Ticket) -> tuple[Method, ...]:
        """The ways in where this ticket was made, the one to offer first being the first."""
        with self.store.read() as tx:
            return self.ways_at(tx.networks.place(ticket.gateway, ticket.network))

    def ways_at(self, place: Place) -> tuple[Method, ...]:
        """The ways in at a place: where everybody is let in now, one tap before all others."""
        return self._opening.usual.ways_at(place, self.clock.now())

    def place(self, ticket: Ticket) -> Place:
        """Where this ticket was made."""
        with self.store.read() as tx:
            return tx.networks.place(ticket.gateway, ticket.network)

    def resume(self, ticket: Ticket) -> Change | None:
        """Take a running visit along to where its device is now, without a tap. None when the device has none."""
        now = self.clock.now()
        with self.store.begin() as tx:
            running = _running(tx.visits.device(ticket.device), now)
            if running is None:
                return None
            return self._keep(tx, running, ticket, fresh=tx.visits.use_ticket(ticket.nonce, now))

    def come_back(self, ticket: Ticket) -> Change | None:
        """Let a remembered device in without a tap. None where it is not remembered, may not come, or is online."""
        now = self.clock.now()
        with contextlib.suppress(Conflict), self.store.begin() as tx:
            known = tx.visits.device(ticket.device)
            if self.returning is None or _running(known, now) or not tx.visits.use_ticket(ticket.nonce, now):
                return None
            return self.returning.come(tx, known, _asker(ticket), now)
        return None

    def present(self, ticket: Ticket) -> Change | None:
        """The device's running visit, wherever it is let through, and what its gateway must have acknowledged."""
        with self.store.read() as tx:
            return _running(tx.visits.device(ticket.device), self.clock.now())

    def reception(self, ticket: Ticket, begun: Begun = nothing_begun) -> Reception:
        """What a device is shown when it comes: all of it in one transaction, for everybody comes by here."""
        now = self.clock.now()
        with self.store.read() as tx:
            known, block = tx.visits.meet(ticket.device, now)
            present = _running(known, now)
            if present is not None:
                return Reception(present, None, Place())
            place, last = tx.networks.place(ticket.gateway, ticket.network), None if known is None else known.visit
            is_remembered = block is None and self._may_come(tx, known, ticket, now)
            return Reception(None, block, place, last, is_remembered, None if block else begun(tx, place))

    def known(self, ticket: Ticket) -> Visit | None:
        """All that is kept about the device: its newest visit, running or ended."""
        with self.store.read() as tx:
            known = tx.visits.device(ticket.device)
            return None if known is None else known.visit

    def sign_out(self, ticket: Ticket) -> Change | None:
        """End the device's running visit. None when there is none, or when this ticket ended one before."""
        with self.store.begin() as tx:
            if not tx.visits.use_ticket(f"{ticket.nonce} sign-out", self.clock.now()):
                return None
            return self._end(tx, tx.visits.device(ticket.device), EndReason.SIGNED_OUT)

    def erase(self, ticket: Ticket) -> Change | None:
        """End the device's running visit and forget the device, but for what the law holds.

        None when nothing was running or it is a repeat.
        """
        with self.store.begin() as tx:
            if not tx.visits.use_ticket(f"{ticket.nonce} erase", self.clock.now()):
                return None
            known = tx.visits.device(ticket.device)
            change = self._end(tx, known, EndReason.ERASED)
            tx.text_codes.drop(ticket.device)
            if known is not None:
                erase(tx, ticket.device, known.number, self.held, self.clock.now())
            return change

    def wait_enforced(self, change: Change, limit_seconds: float = ENFORCED_WITHIN_SECONDS) -> bool:
        """Wait until the gateway has acknowledged the change; False when it has not within the limit."""
        return self.wait_acknowledged(change.visit.gateway, change.revision, limit_seconds)

    def wait_acknowledged(self, gateway: str, revision: int, limit_seconds: float = ENFORCED_WITHIN_SECONDS) -> bool:
        """Wait until the gateway enforces this revision; False when it does not within the limit."""
        return self._acknowledgements.wait(gateway, revision, min(limit_seconds, self.patience_seconds))

    def _may_come(self, tx: Transaction, known: KnownDevice | None, ticket: Ticket, now: datetime) -> bool:
        returning = self.returning
        return returning is not None and returning.may_come(tx, known, _asker(ticket), now) is not None

    def _accept(self, ticket: Ticket, consent: Consent, prove: Prove, *, remember: bool) -> Change:
        now = self.clock.now()
        with self.store.begin() as tx:
            # First, for on PostgreSQL a second tap with this ticket waits here, and then sees the visit of the first.
            fresh = tx.visits.use_ticket(ticket.nonce, now)
            known, block = tx.visits.meet(ticket.device, now)
            if block is not None:
                raise Blocked("This device is blocked in this city's Wi-Fi.")  # which takes all of this back
            running = _running(known, now)
            if running is not None:
                return self._keep(tx, running, ticket, fresh=fresh)
            if not fresh:
                raise Forbidden("This sign-in link was used before. Open any web page to get a new one.")
            close_over(tx, known)
            number = _number(tx, ticket, known, now)
            proof = prove(tx, ticket, now)
            if remember and self.returning is not None:
                self.returning.remember(tx, number, proof, consent, now)
            return self._opening.open(tx, number, _asker(ticket), consent, proof, now)

    def _keep(self, tx: Transaction, running: Change, ticket: Ticket, *, fresh: bool) -> Change:
        """Only a fresh ticket takes the visit along: an old one would take it back to where the device was before."""
        visit = running.visit
        if is_here(visit, ticket) or not fresh:
            return running
        revision = move(tx, visit, _asker(ticket), self.clock.now())
        moved = tx.visits.get(visit.public_id)
        return Change(visit if moved is None else moved, revision)

    def _end(self, tx: Transaction, known: KnownDevice | None, reason: EndReason) -> Change | None:
        now = self.clock.now()
        running = _running(known, now)
        if running is None or not tx.visits.end(running.visit.public_id, now, reason):
            return None
        visit = running.visit
        return Change(visit, tx.changes.note(visit.gateway, [visit.number], now))

    def _ticket_key(self, gateway: str) -> bytes:
        with self.store.read() as tx:
            keys = tx.gateways.keys(gateway)
        if keys is None:
            raise Forbidden("This sign-in link was not made by one of our gateways. Open any web page to get one.")
        return self.vault.unseal(TICKET_KEY_PURPOSE, keys.ticket_key_sealed)

    @property
    def _opening(self) -> Opening:
        return Opening(Usual(self.plan, self.ways, self.emergency_plan))

    @cached_property
    def _acknowledgements(self) -> Acknowledgements:
        return Acknowledgements(_Watched(self.store))


@dataclass(frozen=True, slots=True)
class _Watched:
    store: Store

    def written_mark(self) -> int | None:
        return self.store.written_mark()

    def acknowledged(self, gateways: Collection[str]) -> Mapping[str, int]:
        with self.store.read() as tx:
            return tx.gateways.acknowledged(gateways)


def is_here(visit: Visit, ticket: Ticket) -> bool:
    """Whether the visit is let through where the ticket was made, so that nothing needs to change.

    At whatever address: a device has several, and a gateway knows it by none of them.
    """
    return visit.asker is not None and visit.asker.is_at(_asker(ticket))


def _asker(ticket: Ticket) -> Asker:
    return Asker(ticket.gateway, ticket.device, ticket.address, ticket.network)


def _number(tx: Transaction, ticket: Ticket, known: KnownDevice | None, now: datetime) -> int:
    """The device's number: a new one, or its old one with a pseudonym of today's key."""
    if known is None:
        return tx.visits.add_device(ticket.device, now)
    return tx.visits.keep_device(known.number, known.key, ticket.device, now)


def _running(known: KnownDevice | None, now: datetime) -> Change | None:
    visit = None if known is None else known.running(now)
    return None if known is None or visit is None else Change(visit, known.revision)
