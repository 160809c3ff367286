"""Signing in with the city's or nation's eID (OpenID Connect): what is kept while the citizen is at the provider.

There is no cookie, so a sign-in belongs to a device. The browser that comes back must show both a word that only it
was given and a fresh ticket of the very device that began: so neither can a citizen be talked into signing in for
somebody else's device, nor is anybody's device signed in by a link that somebody sent. docs/decisions/eid.md.
"""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from wifi_manager.domain.blocks import Blocked
from wifi_manager.domain.budgets import Budget, hour_of
from wifi_manager.domain.errors import Forbidden, OutsideFailure, TooManyTries
from wifi_manager.domain.visits import Consent, Method, Proof
from wifi_manager.services.admission import ENFORCED_WITHIN_SECONDS, Admission, Prove
from wifi_manager.storage.eid import EidSignIn
from wifi_manager.storage.store import Transaction
from wifi_manager.wire.tickets import Ticket

LASTS = timedelta(minutes=10)  # at the provider
RETURN_WITHIN = timedelta(minutes=2)  # from the provider to the gateway's own name and to us again
_AN_HOUR = 20  # sign-ins that one device may begin: each opens the provider's hosts for it
_SECRET_BYTES = 32  # of state, nonce and verifier: 43 characters, as RFC 7636 section 4.1 asks
_USED = "This sign-in is over or was used before. Start again from the first page."


class ProviderFailed(OutsideFailure):
    """The provider did not answer, or not as a provider does."""


class NotAccepted(Forbidden):
    """The provider's answer is not one by which this citizen may be let in."""


@dataclass(frozen=True, slots=True)
class Person:
    """Whom a provider has recognised. Nothing else that it says about them is looked at or kept."""

    issuer: str
    subject: str

    def __repr__(self) -> str:
        """Shows nobody: a repr lands in logs and tracebacks."""
        return "Person(***)"


@dataclass(frozen=True, slots=True)
class Returned:
    """A citizen who is back from the provider: what its code is exchanged with."""

    code: str
    verifier: str
    nonce: str
    consent: Consent

    def __repr__(self) -> str:
        """Shows no secret."""
        return "Returned(***)"


class Provider(Protocol):
    """An OpenID provider. Each call raises ProviderFailed when it does not answer as it should."""

    def check(self) -> None:
        """Raise where it is known not to answer now."""

    def leave_url(self, state: str, nonce: str, verifier: str, language: str) -> str:
        """Where the citizen signs in."""

    def person(self, code: str, verifier: str, nonce: str) -> Person:
        """Who has signed in. Raises NotAccepted too."""


@dataclass(frozen=True, slots=True)
class EidSignIns:
    """Begins sign-ins, keeps them while the citizen is away, and takes them up again."""

    admission: Admission

    def begin(self, ticket: Ticket, consent: Consent) -> EidSignIn:
        """Let the device reach the provider, and keep what only its own browser can go on with.

        A second tap with the same ticket finds the same one. Raises Blocked, Forbidden where the place does not offer
        this way or the ticket was used for another one, TooManyTries.
        """
        now = self.admission.clock.now()
        with self.admission.store.begin() as tx:
            self._check(tx, ticket, now)
            number = tx.visits.device_number(ticket.device, now)
            before = tx.eid.of(number)
            if not tx.visits.use_ticket(f"{ticket.nonce} eid", now):
                if before is None or not before.is_under_way(now):
                    raise Forbidden(_USED)
                return before
            self._spend(tx, ticket, now)
            left = {before.gateway} if before is not None and before.opened_until > now else set()
            revisions = {name: tx.changes.note(name, [number], now) for name in sorted({*left, ticket.gateway})}
            made = _made(number, ticket, consent, revisions[ticket.gateway], now)
            tx.eid.save(made, made.secrets["state"])
            return made

    def under_way(self, ticket: Ticket) -> EidSignIn | None:
        """The device's sign-in, while its citizen is on the way to the provider or there."""
        now = self.admission.clock.now()
        with self.admission.store.read() as tx:
            known = tx.visits.device(ticket.device)
            found = None if known is None else tx.eid.of(known.number)
        return found if found is not None and found.is_under_way(now) and "state" in found.secrets else None

    def is_open(self, sign_in: EidSignIn, seconds: float = ENFORCED_WITHIN_SECONDS) -> bool:
        """Wait until the gateway says that it lets the device reach the provider; False when it has not by then."""
        return self.admission.wait_acknowledged(sign_in.gateway, sign_in.revision, seconds)

    def come_back(self, state: str, code: str) -> tuple[str, str]:
        """The browser is back with a code: the word that it must show with its device's ticket, and its language.

        The provider is closed for the device again. Raises Forbidden for a state that nobody has, or that was used.
        """
        now, word = self.admission.clock.now(), secrets.token_urlsafe(_SECRET_BYTES)
        with self.admission.store.begin() as tx:
            found = self._of_state(tx, state, now)
            tx.eid.go_on(found.number, word, {**_without_state(found), "code": code}, now + RETURN_WITHIN, now)
            tx.changes.note(found.gateway, [found.number], now)
        return word, found.consent.language

    def give_up(self, state: str) -> None:
        """The provider says that nobody has signed in. Raises Forbidden as `come_back`."""
        now = self.admission.clock.now()
        with self.admission.store.begin() as tx:
            found = self._of_state(tx, state, now)
            tx.eid.end(found.number, now)
            tx.changes.note(found.gateway, [found.number], now)

    def take(self, ticket: Ticket, word: str) -> Returned:
        """What this device's sign-in goes on with, once. Raises Forbidden for any other device's, which ends it."""
        now = self.admission.clock.now()
        with self.admission.store.begin() as tx:
            found = tx.eid.found_by(word)
            if found is not None:
                tx.eid.end(found.number, now)
        if found is None or not found.is_under_way(now) or "code" not in found.secrets:
            raise Forbidden(_USED)
        if found.device != ticket.device:
            raise Forbidden("This sign-in was begun on another device, so it is over. Start again on this one.")
        return Returned(found.secrets["code"], found.secrets["verifier"], found.secrets["nonce"], found.consent)

    def proof_of(self, person: Person) -> Prove:
        """Lets in whom the provider has recognised. Visits of one person share a digest that names nobody."""
        who = json.dumps([person.issuer, person.subject]).encode()
        holder = self.admission.vault.digest("eid holder", who)
        return lambda _tx, _ticket, _now: Proof(Method.EID, holder)

    def _check(self, tx: Transaction, ticket: Ticket, now: datetime) -> None:
        if tx.blocks.in_force_on(ticket.device, now) is not None:
            raise Blocked("This device is blocked in this city's Wi-Fi.")
        place = tx.networks.place(ticket.gateway, ticket.network)
        if Method.EID not in (place.ways or self.admission.ways):
            raise Forbidden("This way in is not offered at this place. Go back and choose another one.")

    def _spend(self, tx: Transaction, ticket: Ticket, now: datetime) -> None:
        whom = self.admission.vault.digest("eid sign-ins", ticket.device.octets)
        if not tx.budgets.spend(Budget("eid", whom, hour_of(now), _AN_HOUR)):
            raise TooManyTries("This device has begun too many sign-ins. Wait an hour, or choose another way in.")

    def _of_state(self, tx: Transaction, state: str, now: datetime) -> EidSignIn:
        found = tx.eid.found_by(state)
        if found is None or not found.is_under_way(now) or "state" not in found.secrets:
            raise Forbidden(_USED)
        return found


def _made(number: int, ticket: Ticket, consent: Consent, revision: int, now: datetime) -> EidSignIn:
    kept = {name: secrets.token_urlsafe(_SECRET_BYTES) for name in ("state", "nonce", "verifier")}
    until = now + LASTS
    return EidSignIn(number, ticket.device, ticket.gateway, consent, revision, now, until, until, kept)


def _without_state(found: EidSignIn) -> dict[str, str]:
    return {name: value for name, value in found.secrets.items() if name != "state"}
