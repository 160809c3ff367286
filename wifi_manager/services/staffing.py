"""Operators: who may sign in to the console, how they prove it, and what slows guessing down."""

import hashlib
import hmac
import ipaddress
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, NotFound, TooManyTries
from wifi_manager.domain.operators import Operator, Role
from wifi_manager.storage.operators import Credentials
from wifi_manager.storage.store import Store, Transaction

WINDOW = timedelta(minutes=15)
FAILURES_PER_NAME = 5
FAILURES_PER_ADDRESS = 20
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200  # hashing a megabyte would be somebody's cheap way to keep us busy
LOGIN_NAME = re.compile(r"[a-z][a-z0-9._-]{1,39}")

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # none that look alike
_GROUPS, _GROUP_LENGTH = 4, 5  # 99 bits
_IPV6_HOME_BITS = 64  # one customer has at least that many addresses


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who signed in, and the stamp that the browser's cookie carries from now on."""

    operator: Operator
    cookie_stamp: str


@dataclass(frozen=True)
class Staffing:
    """What can be done with operators. `key` (32 secret bytes) makes digests of names and addresses.

    `hasher` is Argon2id with the second parameter set of RFC 9106 section 4, 64 MiB and 3 passes; tests take less.
    """

    store: Store
    clock: Clock
    key: bytes = field(repr=False)
    hasher: PasswordHasher = field(default_factory=PasswordHasher)

    @cached_property
    def _nobodys_hash(self) -> str:
        """What an unknown name is checked against, so that it takes as long as a known one."""
        return self.hasher.hash(secrets.token_hex())

    def all(self) -> list[Operator]:
        """Every operator, by name."""
        with self.store.read() as tx:
            return tx.operators.all()

    def add(self, name: str, role: Role, actor: str) -> str:
        """Add an operator and return the password made for them, which is kept nowhere else.

        Raises BadInput for a name that does not fit, Conflict when it is taken.
        """
        if not LOGIN_NAME.fullmatch(name):
            raise BadInput(
                f"The login name {name!r} does not fit: 2 to 40 small letters, digits, dots, hyphens or underscores, "
                "beginning with a letter. Example: first.last"
            )
        password = _new_password()
        credentials = self._credentials(password)
        with self.store.begin() as tx:
            tx.operators.add(Operator(name, role), credentials)
            tx.audit.add(self._entry(actor, "added", name, after={"role": role.value}))
        return password

    def add_first_admin(self, name: str, actor: str) -> str | None:
        """As `add` with the role admin where there is no operator yet; None where there is one."""
        return None if self.all() else self.add(name, Role.ADMIN, actor)

    def set_role(self, name: str, role: Role, actor: str) -> None:
        """Give another role. Raises NotFound, and Conflict where no active admin would be left."""
        self._change(name, lambda operator: replace(operator, role=role), actor)

    def disable(self, name: str, actor: str) -> None:
        """Shut somebody out at once: sign-ins and open cookies alike. Raises NotFound, Conflict as `set_role`."""
        self._change(name, lambda operator: replace(operator, is_active=False), actor)

    def enable(self, name: str, actor: str) -> None:
        """Let somebody in again, with the password they had. Raises NotFound."""
        self._change(name, lambda operator: replace(operator, is_active=True), actor)

    def reset_password(self, name: str, actor: str) -> str:
        """A new generated password, which ends all cookies and forgives failed tries. Raises NotFound."""
        password = _new_password()
        self._set_password(name, password, actor)
        return password

    def change_password(self, name: str, current: str, wanted: str) -> str:
        """Set a password of one's own choice and return the new cookie stamp; all other cookies end.

        Raises Forbidden when the current one is wrong, BadInput when the new one is too weak.
        """
        with self.store.read() as tx:
            known = tx.operators.credentials(name)
        if not self._proves(known, current):
            raise Forbidden("The current password is not right. Type it again.")
        _refuse_weak(name, wanted, current)
        return self._set_password(name, wanted, actor=name)

    def sign_in(self, name: str, password: str, address: str) -> SignedIn:
        """Prove an operator by name and password; `address` is the browser's IP address.

        Raises Forbidden, with one sentence for all causes, and TooManyTries after 5 failures of a name or 20 of an
        address (an IPv6 /64) within 15 minutes.
        """
        attempt = self._begin_attempt(name, address)
        with self.store.read() as tx:
            operator, known = tx.operators.get(name), tx.operators.credentials(name)
        proved = self._proves(known, password)
        if operator is None or known is None or not operator.is_active or not proved:
            self._note_failed(name if operator else None)
            raise Forbidden("The name or the password is not right. Type both again.")
        with self.store.begin() as tx:
            tx.operators.take_back_failures(attempt)
            tx.operators.forgive(self._digest("name", name))
            tx.audit.add(self._entry(name, "signed in", name))
        return SignedIn(operator, known.cookie_stamp)

    def recall(self, name: str, cookie_stamp: str) -> Operator | None:
        """The operator whom a cookie names, or None where the cookie has ended."""
        with self.store.read() as tx:
            operator, known = tx.operators.get(name), tx.operators.credentials(name)
        if operator is None or known is None or not operator.is_active:
            return None
        return operator if hmac.compare_digest(known.cookie_stamp.encode(), cookie_stamp.encode()) else None

    def _begin_attempt(self, name: str, address: str) -> tuple[int, int]:
        """Count this attempt as failed before it is checked: many at once cannot all slip below the limit."""
        now = self.clock.now()
        limits = {
            self._digest("name", name): FAILURES_PER_NAME,
            self._digest("address", _home_of(address)): FAILURES_PER_ADDRESS,
        }
        with self.store.begin() as tx:
            tx.operators.forget_failures(now - WINDOW)
            by_name, by_address = (tx.operators.note_failure(digest, now) for digest in limits)
        with self.store.begin() as tx:
            counts = {digest: tx.operators.failures(digest, now - WINDOW) for digest in limits}
            is_refused = any(counts[digest] > limit for digest, limit in limits.items())
            if is_refused:  # what was not even checked does not lengthen the wait
                tx.operators.take_back_failures((by_name, by_address))
        if is_refused:
            raise TooManyTries(
                f"Too many sign-ins failed. Wait {WINDOW.seconds // 60} minutes, or ask an admin for a new password."
            )
        return by_name, by_address

    def _note_failed(self, name: str | None) -> None:
        """An unknown name is not written down: people type their password there by mistake."""
        with self.store.begin() as tx:
            tx.audit.add(self._entry("console", "refused a sign-in of", name or "(unknown name)"))

    def _change(self, name: str, how: Callable[[Operator], Operator], actor: str) -> None:
        with self.store.begin() as tx:
            before = _known(tx, name)
            after = how(before)
            if after == before:
                return
            tx.operators.change(after)
            if not any(each.is_active and each.role is Role.ADMIN for each in tx.operators.all()):
                raise Conflict(f"{name!r} is the last active admin. Make somebody else an admin first.")
            if not after.is_active:
                self._end_cookies(tx, name)
            tx.audit.add(self._entry(actor, "changed", name, _shown(before, after), _shown(after, before)))

    def _end_cookies(self, tx: Transaction, name: str) -> None:
        known = tx.operators.credentials(name)
        if known is not None:
            tx.operators.set_credentials(name, replace(known, cookie_stamp=_new_stamp()))

    def _set_password(self, name: str, password: str, actor: str) -> str:
        credentials = self._credentials(password)
        with self.store.begin() as tx:
            _known(tx, name)
            tx.operators.set_credentials(name, credentials)
            tx.operators.forgive(self._digest("name", name))
            tx.audit.add(self._entry(actor, "set a new password for", name))
        return credentials.cookie_stamp

    def _credentials(self, password: str) -> Credentials:
        return Credentials(self.hasher.hash(password), _new_stamp())

    def _proves(self, known: Credentials | None, password: str) -> bool:
        """The same work whether the name is known or not, the first time too."""
        nobodys = self._nobodys_hash
        try:
            self.hasher.verify(known.password_hash if known else nobodys, password[: LONGEST_PASSWORD + 1])
        except (VerificationError, InvalidHashError):
            return False
        return known is not None

    def _digest(self, sort: str, who: str) -> str:
        """A keyed digest (HMAC, RFC 2104): without the key nobody finds out whose it is."""
        return hmac.new(self.key, f"sign-in {sort} {who}".encode(), hashlib.sha256).hexdigest()

    def _entry(
        self,
        actor: str,
        action: str,
        name: str,
        before: dict[str, object] | None = None,
        after: dict[str, object] | None = None,
    ) -> AuditEntry:
        return AuditEntry(self.clock.now(), actor, action, "operator", name, before, after)


def _known(tx: Transaction, name: str) -> Operator:
    operator = tx.operators.get(name)
    if operator is None:
        raise NotFound(f"There is no operator called {name!r}. `wifi-manager operator list` shows all.")
    return operator


def _refuse_weak(name: str, wanted: str, current: str) -> None:
    if not SHORTEST_PASSWORD <= len(wanted) <= LONGEST_PASSWORD:
        raise BadInput(
            f"A password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters. A few words are easiest."
        )
    if name in wanted.lower() or len(set(wanted)) < SHORTEST_PASSWORD // 2:
        raise BadInput("This password would be guessed soon. Leave the login name out and repeat less.")
    if wanted == current:
        raise BadInput("The new password is the current one. Choose another.")


def _home_of(address: str) -> str:
    """What one household has: an IPv4 address, or the /64 network around an IPv6 address."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if parsed.version == 4:  # noqa: PLR2004 - the version of IP
        return str(parsed)
    return str(ipaddress.ip_network((parsed, _IPV6_HOME_BITS), strict=False))


def _shown(one: Operator, other: Operator) -> dict[str, object]:
    """The fields of one that differ from the other, as the audit trail keeps them."""
    fields = {"role": (one.role.value, other.role.value), "is_active": (one.is_active, other.is_active)}
    return {name: mine for name, (mine, others) in fields.items() if mine != others}


def _new_password() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP_LENGTH)) for _ in range(_GROUPS))
    return "-".join(groups)


def _new_stamp() -> str:
    return secrets.token_urlsafe(16)
