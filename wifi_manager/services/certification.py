"""Certificates of gateways: what a gateway asks control for, and the orders that a worker carries out."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.certificates import CertificateStanding, FailureKind, NameRules, NotCertified, pause, renewal
from wifi_manager.domain.errors import BadInput, NotFound, TooManyTries
from wifi_manager.services.certificate_requests import CertificateRequest, Chain, read_chain, read_request
from wifi_manager.storage.certificates import Asked, Issued, Order
from wifi_manager.storage.store import Store, Transaction

MOST_CHANGES = 5  # of one gateway's request within CHANGES_WITHIN: each is an order, and authorities count orders
CHANGES_WITHIN = timedelta(hours=24)
HOLD = timedelta(minutes=10)  # longer than any order takes
_HEARD_EVERY = timedelta(days=1)
_ACTOR = "certificates"


@dataclass(frozen=True, slots=True)
class Told:
    """Control's answer: the newest chain for the gateway's key (PEM), if there is one, and the names to ask for."""

    names: tuple[str, ...]
    chain: str | None


@dataclass(frozen=True, slots=True)
class Certification:
    """What gateways ask for. `rules` is None where this city's control issues no certificates."""

    store: Store
    clock: Clock
    rules: NameRules | None

    def ask(self, gateway: str, der: bytes) -> Told:
        """Take a gateway's request; asking again with the same key and names changes nothing.

        A request for fewer names than the gateway shall have is not kept: it is told which to ask for. Raises
        BadInput, Forbidden (names of others), NotFound (nothing is issued here), TooManyTries (five changes a day).
        """
        if self.rules is None:
            raise NotFound(
                "Control issues no certificates: [certificates] directory_url is not set. "
                "Put the files of an authority where [face] certificate and key of gateway.toml say."
            )
        request = read_request(der)
        wanted = self.rules.wanted(gateway, request.names)
        if set(wanted) != request.names:
            return Told(wanted, None)
        with self.store.read() as tx:
            present = tx.certificates.asked(gateway)
        if present is not None and _is_same(present, request) and present.heard_at > self.clock.now() - _HEARD_EVERY:
            return Told(wanted, present.chain)
        return Told(wanted, self._keep(gateway, request, wanted))

    def standings(self) -> list[CertificateStanding]:
        """How the certificates of all gateways stand."""
        with self.store.read() as tx:
            return tx.certificates.standings()

    def renew(self, gateway: str, *, by: str) -> None:
        """Order a new certificate now, such as after the authority has withdrawn the present one. Raises NotFound."""
        now = self.clock.now()
        with self.store.begin() as tx:
            tx.certificates.renew(gateway, now)
            tx.audit.add(AuditEntry(now, by, "ordered a certificate for", "gateway", gateway))

    def _keep(self, gateway: str, request: CertificateRequest, names: tuple[str, ...]) -> str | None:
        now = self.clock.now()
        with self.store.begin() as tx:
            present = tx.certificates.asked(gateway)
            if present is not None and _is_same(present, request):
                tx.certificates.hear(gateway, now)
                return present.chain
            changes, since = (0, now) if present is None else (present.changes, present.changes_since)
            if since < now - CHANGES_WITHIN:
                changes, since = 0, now
            if changes >= MOST_CHANGES:
                raise TooManyTries(
                    f"Gateway {gateway} has changed its certificate request {changes} times since {since:%H:%M} UTC. "
                    "Do two machines run with one identity? Enrol one of them as a gateway of its own."
                )
            chain = present.chain if present is not None and present.key_digest == request.key_digest else None
            asked = Asked(request.der, request.key_digest, names, now, changes + 1, since, chain)
            tx.certificates.ask(gateway, asked, now)
            after = {"names": ", ".join(names)}
            tx.audit.add(AuditEntry(now, _ACTOR, "took the certificate request of", "gateway", gateway, after=after))
            return chain


class Authority(Protocol):
    """Who issues certificates."""

    def certify(self, request: bytes) -> str:
        """The chain (PEM) for a request (PKCS #10, DER). Raises NotCertified."""
        ...


@dataclass(frozen=True, slots=True)
class Ordering:
    """Carries out what is due, one order at a time. `chance` gives numbers from 0 to 1, which spread loads."""

    store: Store
    clock: Clock
    authority: Authority
    worker: str
    chance: Callable[[], float]

    def order_next(self) -> FailureKind | bool:
        """Carry out the order that waits longest: True; False where none is due; how it failed where it did.

        Every failure is kept with its reason and tried again later. Raises OutsideFailure when the database is away.
        """
        with self.store.begin() as tx:
            order = tx.certificates.claim(self.worker, self.clock.now(), HOLD)
        if order is None:
            return False
        try:
            self._issued(order, _fitting(order, self.authority.certify(order.request)))
        except NotCertified as failure:
            self._failed(order, failure)
            return failure.kind
        except BaseException:  # told to stop in the middle, or a mistake of ours: the next one need not wait for HOLD
            with self.store.begin() as tx:
                tx.certificates.release(order, self.worker)
            raise
        return True

    def _issued(self, order: Order, chain: Chain) -> None:
        now = self.clock.now()
        due_at = renewal(chain.begins_at, chain.ends_at, self.chance())
        with self.store.begin() as tx:
            if tx.certificates.issue(order, self.worker, Issued(chain.pem, now, chain.ends_at, due_at)):
                after = {"names": ", ".join(order.names), "ends_at": chain.ends_at.isoformat()}
                self._note(tx, "issued a certificate to", order, after)

    def _failed(self, order: Order, failure: NotCertified) -> None:
        try_at = self.clock.now() + pause(failure, order.tries, self.chance())
        with self.store.begin() as tx:
            is_kept = tx.certificates.fail(order, self.worker, str(failure), try_at)
            if is_kept and str(failure) != order.problem:  # the trail has each problem once, not each try
                self._note(tx, "could not get a certificate for", order, {"problem": str(failure)})

    def _note(self, tx: Transaction, action: str, order: Order, after: dict[str, str]) -> None:
        tx.audit.add(AuditEntry(self.clock.now(), _ACTOR, action, "gateway", order.gateway, after=after))


def _is_same(present: Asked, request: CertificateRequest) -> bool:
    return present.key_digest == request.key_digest and set(present.names) == request.names


def _fitting(order: Order, pem: str) -> Chain:
    """What was issued, if it is for the key and the names of the order: else a gateway could not serve it."""
    try:
        chain, request = read_chain(pem), read_request(order.request)
    except BadInput as broken:
        raise NotCertified(str(broken), FailureKind.REFUSED) from broken
    if chain.key_digest != request.key_digest or chain.names != request.names:
        raise NotCertified("The authority issued a certificate of another key or other names.", FailureKind.REFUSED)
    return chain
