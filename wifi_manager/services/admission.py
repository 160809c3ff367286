"""Admission: from a phone's sealed ticket to a visit that its gateway enforces, and out again.

A ticket speaks for the device that its gateway saw, and for no other. It lets that device in once, out once and be
forgotten once; a repeat (a second tap, the back button, somebody who found the link) changes nothing more.
"""

import secrets
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
from wifi_manager.services.own_data import erase
from wifi_manager.storage.blocks import KeptBlock
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault
from wifi_manager.storage.visits import KnownDevice
from wifi_manager.wire.tickets import Ticket, ticket_gateway, unseal

ENFORCED_WITHIN_SECONDS = 2.0
_PUBLIC_ID_BYTES = 16  # 128 random bits: nobody guesses another's visit


# What a citizen has to show, looked at (and used up, where it can be) in the transaction that opens the visit.
Prove = Callable[[Transaction, Ticket, datetime], Proof]


def one_tap(_tx: Transaction, _ticket: Ticket, _now: datetime) -> Proof:
    """Nothing is to be shown."""
    return Proof()


@dataclass(frozen=True, slots=True)
class Change:
    """A visit as it is now, and the revision at whose acknowledgement its gateway enforces that."""

    visit: Visit
    revision: int


@dataclass(frozen=True, slots=True)
class Reception:
    """How a device is met: with its running visit, or by where it asks and what keeps it out, if anything does."""

    present: Change | None
    block: KeptBlock | None
    place: Place
    comes_back: bool = False  # it was here before


@dataclass(frozen=True)
class Admission:
    """Lets devices in and out. `plan` names what a visit may use; `vault` opens the gateways' ticket keys.

    `ways` are the ways in where a place has none of its own. `held` is what the law keeps when a citizen erases.
    `patience_seconds` is how long a citizen is let wait for a gateway.
    """

    store: Store
    vault: Vault
    clock: Clock
    plan: str = "day"
    ways: tuple[Method, ...] = (Method.CLICK_THROUGH,)
    held: frozenset[Kind] = frozenset()
    patience_seconds: float = ENFORCED_WITHIN_SECONDS
    timer: Callable[[], float] = time.monotonic
    keys: KeyRing = field(default_factory=KeyRing)

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

    def accept(self, ticket: Ticket, consent: Consent, prove: Prove = one_tap) -> Change:
        """Open a visit, or keep the running one and take it to where the device is now: then nothing need be proved.

        Raises Forbidden when this ticket let the device in before and that visit is over, or when its place does not
        offer this way in; Blocked for such a device; and what `prove` raises. Then nothing was changed.
        """
        try:
            return self._accept(ticket, consent, prove)
        except Conflict:  # two taps at once with two tickets: the other one opened the visit, so this one finds it
            return self._accept(ticket, consent, prove)

    def offered(self, ticket: Ticket) -> tuple[Method, ...]:
        """The ways in where this ticket was made, the one to offer first being the first."""
        with self.store.read() as tx:
            return tx.networks.place(ticket.gateway, ticket.network).ways or self.ways

    def resume(self, ticket: Ticket) -> Change | None:
        """Take a running visit along to where its device is now, without a tap. None when the device has none."""
        now = self.clock.now()
        with self.store.begin() as tx:
            running = _running(tx.visits.device(ticket.device), now)
            if running is None:
                return None
            return self._keep(tx, running, ticket, fresh=tx.visits.use_ticket(ticket.nonce, now))

    def present(self, ticket: Ticket) -> Change | None:
        """The device's running visit, wherever it is let through, and what its gateway must have acknowledged."""
        with self.store.read() as tx:
            return _running(tx.visits.device(ticket.device), self.clock.now())

    def reception(self, ticket: Ticket) -> Reception:
        """What a device is shown when it comes."""
        now = self.clock.now()
        with self.store.read() as tx:
            known = tx.visits.device(ticket.device)
            present = _running(known, now)
            if present is not None:
                return Reception(present, None, Place())
            block = tx.blocks.in_force_on(ticket.device, now)
            place = tx.networks.place(ticket.gateway, ticket.network)
            return Reception(None, block, place, comes_back=known is not None)

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
            if known is not None:
                erase(tx, ticket.device, known.number, self.held, self.clock.now())
            return change

    def wait_enforced(self, change: Change, limit_seconds: float = ENFORCED_WITHIN_SECONDS) -> bool:
        """Wait until the gateway has acknowledged the change; False when it has not within the limit."""
        seconds = min(limit_seconds, self.patience_seconds)
        return self._acknowledgements.wait(change.visit.gateway, change.revision, seconds)

    def _accept(self, ticket: Ticket, consent: Consent, prove: Prove) -> Change:
        now = self.clock.now()
        with self.store.begin() as tx:
            if tx.blocks.in_force_on(ticket.device, now) is not None:
                raise Blocked("This device is blocked in this city's Wi-Fi.")
            fresh = tx.visits.use_ticket(ticket.nonce, now)
            known = tx.visits.device(ticket.device)
            running = _running(known, now)
            if running is not None:
                return self._keep(tx, running, ticket, fresh=fresh)
            if not fresh:
                raise Forbidden("This sign-in link was used before. Open any web page to get a new one.")
            if known is not None and known.visit is not None and known.visit.ended_at is None:
                # Its time is over, but nobody wrote that down yet.
                tx.visits.end(known.visit.public_id, known.visit.expires_at, EndReason.EXPIRED)
            number = _number(tx, ticket, known, now)
            proof = prove(tx, ticket, now)
            return self._open(tx, number, ticket, consent, proof)

    def _open(self, tx: Transaction, number: int, ticket: Ticket, consent: Consent, proof: Proof) -> Change:
        now, place = self.clock.now(), tx.networks.place(ticket.gateway, ticket.network)
        if proof.method not in (Method.REMEMBERED, *(place.ways or self.ways)):
            raise Forbidden("This way in is not offered at this place. Go back and choose another one.")
        plan = tx.plans.get(proof.plan or place.plan or self.plan).within(proof.volume_bytes)
        expires_at = now + plan.lifetime
        visit = Visit(
            public_id=secrets.token_urlsafe(_PUBLIC_ID_BYTES),
            number=number,
            gateway=ticket.gateway,
            site=place.site,
            plan=plan,
            method=proof.method,
            consent=consent,
            opened_at=now,
            expires_at=expires_at if proof.ends_by is None else min(expires_at, proof.ends_by),
            asker=_asker(ticket),
            holder=proof.holder,
            own_volume_bytes=proof.volume_bytes,
        )
        tx.visits.add(visit)
        return Change(visit, tx.changes.note(ticket.gateway, [number], now))

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
