"""Signing in with a name and a password that somebody else's RADIUS server checks.

Neither is kept. Visits of one name share a keyed digest of it, with its realm.
"""

import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from wifi_manager.domain.errors import Forbidden, OutsideFailure
from wifi_manager.domain.visits import Method, Proof
from wifi_manager.services.admission import Prove
from wifi_manager.storage.store import Transaction
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.tickets import Ticket

LONGEST_NAME = 253  # octets of a User-Name (RFC 2865 sections 5 and 5.1)
LONGEST_PASSWORD = 128  # octets of a User-Password (RFC 2865 section 5.2)


class ServersFailed(OutsideFailure):
    """No server answered in time, or not as one that knows the secret does."""


class NameRefused(Forbidden):
    """The servers do not let this name in with this password, or could not even be asked for it."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a citizen has typed, as it is sent; a repr lands in logs and tracebacks, so it shows neither."""

    name: str = field(repr=False)
    password: str = field(repr=False)

    @property
    def realm(self) -> str:
        """Whose server knows the name; empty where it has none."""
        return self.name.rpartition("@")[2].casefold() if "@" in self.name else ""

    @property
    def who(self) -> bytes:
        """One for all ways to write this name."""
        return unicodedata.normalize("NFKC", self.name).casefold().encode()


@dataclass(frozen=True, slots=True)
class Accepted:
    """What a server says of whom it lets in: the classes it puts them in, and how long they may stay."""

    classes: tuple[str, ...] = ()
    lasts: timedelta | None = None


class Directory(Protocol):
    """Whoever knows names and passwords."""

    def ask(self, typed: Credentials) -> Accepted:
        """Raises NameRefused or ServersFailed."""


def credentials(name: str, password: str, realm: str = "") -> Credentials:
    """As they are sent, with the realm behind a name that has none.

    Names are in Unicode's form C, and keep their case (RFC 8265 section 3.4). Raises NameRefused for what no server
    can be asked.
    """
    name = unicodedata.normalize("NFC", name.strip())
    if name and realm and "@" not in name:
        name = f"{name}@{realm}"
    is_name = bool(name) and name.isprintable() and len(name.encode()) <= LONGEST_NAME
    is_password = bool(password) and "\0" not in password and len(password.encode()) <= LONGEST_PASSWORD
    if not (is_name and is_password):
        raise NameRefused("This is no name and password. Look at both and type them again.")
    return Credentials(name, password)


def proof_of(
    vault: Vault,
    typed: Credentials,
    accepted: Accepted,
    plans: Mapping[str, str],
    meanwhile: Callable[[Transaction], None],
) -> Prove:
    """Lets in whom a server has accepted; `meanwhile` is done in the transaction that opens the visit."""
    holder, plan = vault.digest("radius holder", typed.who), plan_of(accepted.classes, plans)

    def prove(tx: Transaction, _ticket: Ticket, now: datetime) -> Proof:
        meanwhile(tx)
        return Proof(Method.RADIUS, holder, plan, None if accepted.lasts is None else now + accepted.lasts)

    return prove


def plan_of(classes: Iterable[str], plans: Mapping[str, str]) -> str | None:
    """The plan of the first class in `plans` that the server named; None: the plan of the place."""
    named = frozenset(classes)
    return next((plan for each, plan in plans.items() if each in named), None)
