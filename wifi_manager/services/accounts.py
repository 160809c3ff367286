"""Accounts of residents: opened by city staff, completed and used by citizens, deleted by either.

A password is checked before the transaction that opens a visit, for that takes a while; inside it, that it is still
the same.
The audit trail names an account by its number and never its citizen.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.accounts import Account, AccountRefused, check_password, fold_name, fold_password
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.mails import read_address
from wifi_manager.domain.visits import EndReason, Method, Proof
from wifi_manager.domain.vouchers import new_code, read_code
from wifi_manager.services.admission import Prove
from wifi_manager.services.endings import end_visits
from wifi_manager.services.passwords import Passwords
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.tickets import Ticket

_NOUN, _CITIZEN = "account", "its citizen"
_CODE_PURPOSE = "account code"
Meanwhile = Callable[[Transaction], None]  # done in the same transaction


@dataclass(frozen=True, slots=True)
class Rules:
    """What the city allows an account. `plan` None: the plan of the place."""

    devices: int = 5
    code_lasts: timedelta = timedelta(days=14)
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Opened:
    """An account's number and the one-time code that was made for it, which is kept nowhere else."""

    number: int
    name: str
    code: str


@dataclass(frozen=True, slots=True)
class Accounts:
    """What staff and citizens do with accounts."""

    store: Store
    vault: Vault
    clock: Clock
    rules: Rules = Rules()
    passwords: Passwords = field(default_factory=Passwords)

    def add(self, names: Iterable[str], actor: str) -> list[Opened]:
        """Open accounts, all or none; a comma divides a login name from the mail address to put on record.

        Raises BadInput for a login name or an address that does not fit, Conflict for a name taken.
        """
        now, wanted = self.clock.now(), [_with_address(line) for line in names]
        with self.store.begin() as tx:
            opened = []
            for name, address in wanted:
                code = new_code()
                number = tx.accounts.add(name, code_digest(self.vault, code), now + self.rules.code_lasts, now)
                if address:
                    tx.accounts.set_address(number, address)
                tx.audit.add(AuditEntry(now, actor, "added", _NOUN, str(number)))
                opened.append(Opened(number, name, code))
        return opened

    def all(self) -> Sequence[Account]:
        """Every account, by number."""
        with self.store.read() as tx:
            return tx.accounts.all()

    def renew_code(self, number: int, actor: str) -> Opened:
        """Make a one-time code for a citizen who has forgotten the password. Raises NotFound."""
        now, code = self.clock.now(), new_code()
        with self.store.begin() as tx:
            found = _known(tx, number)
            tx.accounts.set_code(number, code_digest(self.vault, code), now + self.rules.code_lasts)
            tx.audit.add(AuditEntry(now, actor, "gave a new code to", _NOUN, str(number)))
        return Opened(number, found.name, code)

    def set_address(self, number: int, typed: str, actor: str) -> None:
        """Put the mail address on record that codes for a forgotten password go to; empty: none.

        Raises NotFound; BadInput for what is no address. The trail says that it was done, never the address.
        """
        address = read_address(typed) if typed.strip() else ""
        with self.store.begin() as tx:
            _known(tx, number)
            tx.accounts.set_address(number, address)
            deed = "changed the mail address of" if address else "removed the mail address of"
            tx.audit.add(AuditEntry(self.clock.now(), actor, deed, _NOUN, str(number)))

    def disable(self, number: int, actor: str) -> None:
        """Shut an account out and end its visits. Raises NotFound."""
        now = self.clock.now()
        with self.store.begin() as tx:
            _known(tx, number)
            tx.accounts.set_active(number, is_active=False)
            tx.remembered.forget_holder(tx.accounts.holder(number))
            ended = end_visits(tx, tx.accounts.running(number, now), EndReason.REVOKED, now)
            tx.audit.add(AuditEntry(now, actor, "disabled", _NOUN, str(number), after={"ended_visits": ended}))

    def enable(self, number: int, actor: str) -> None:
        """Let it in again, with the password it had. Raises NotFound."""
        with self.store.begin() as tx:
            _known(tx, number)
            tx.accounts.set_active(number, is_active=True)
            tx.audit.add(AuditEntry(self.clock.now(), actor, "enabled", _NOUN, str(number)))

    def remove(self, number: int, actor: str) -> None:
        """Delete an account and end its visits. Raises NotFound."""
        with self.store.begin() as tx:
            _known(tx, number)
            self._delete(tx, number, actor)

    def prove(self, name: str, password: str, meanwhile: Meanwhile) -> Prove:
        """Check name and password now, and hold the account in the transaction that opens a visit.

        Raises AccountRefused, as the proof does where it was disabled or has too many devices online; OutsideFailure
        when too many ask at once.
        """
        return self._hold(self._proved(name, password), meanwhile)

    def complete(self, name: str, code: str, wanted: str, meanwhile: Meanwhile) -> Prove:
        """Choose a password with a one-time code; returns what proves the account from then on.

        Raises WeakPassword, and AccountRefused for a name and a code that do not belong together, or no longer.
        """
        password = fold_password(wanted)
        check_password(folded(name), password)
        with self.store.read() as tx:
            self._with_code(tx, name, code)
        hashed = self.passwords.hash(password)
        with self.store.begin() as tx:
            account = self._with_code(tx, name, code)
            self._choose(tx, account.number, hashed)
            meanwhile(tx)
        return self._hold(replace(account, password_hash=hashed), _nothing)

    def change_password(self, name: str, current: str, wanted: str, meanwhile: Meanwhile) -> None:
        """Raises AccountRefused for the current one, WeakPassword for the new one."""
        password = fold_password(wanted)
        check_password(folded(name), password)
        account, hashed = self._proved(name, current), self.passwords.hash(password)
        with self.store.begin() as tx:
            held = _same(tx.accounts.find(account.name, lock=True), account.password_hash)
            self._choose(tx, held.number, hashed)
            meanwhile(tx)

    def delete(self, name: str, password: str, meanwhile: Meanwhile) -> None:
        """A citizen deletes the own account, and its visits end. Raises AccountRefused."""
        account = self._proved(name, password)
        with self.store.begin() as tx:
            held = _same(tx.accounts.find(account.name, lock=True), account.password_hash)
            self._delete(tx, held.number, _CITIZEN)
            meanwhile(tx)

    def _choose(self, tx: Transaction, number: int, password_hash: str) -> None:
        """Devices that came back without a page need the new one, too."""
        tx.accounts.set_password(number, password_hash)
        tx.remembered.forget_holder(tx.accounts.holder(number))
        tx.audit.add(AuditEntry(self.clock.now(), _CITIZEN, "chose a password for", _NOUN, str(number)))

    def _delete(self, tx: Transaction, number: int, actor: str) -> None:
        now = self.clock.now()
        tx.remembered.forget_holder(tx.accounts.holder(number))
        end_visits(tx, tx.accounts.running(number, now), EndReason.ERASED, now)
        tx.remembered.forget_holder(tx.accounts.holder(number))
        tx.accounts.delete(number)
        tx.audit.add(AuditEntry(now, actor, "deleted", _NOUN, str(number)))

    def _proved(self, name: str, password: str) -> Account:
        with self.store.read() as tx:
            account = tx.accounts.find(folded(name))
        usable = account if account is not None and account.is_active else None
        is_right = self.passwords.proves(None if usable is None else usable.password_hash, fold_password(password))
        if usable is None or not is_right:
            raise _refusal()
        return usable

    def _hold(self, account: Account, meanwhile: Meanwhile) -> Prove:
        def proof(tx: Transaction, _ticket: Ticket, now: datetime) -> Proof:
            held = _same(tx.accounts.find(account.name, lock=True), account.password_hash)
            if len(tx.accounts.running(held.number, now)) >= self.rules.devices:
                raise TooManyDevices("This account is online on too many devices. Sign one of them out first.")
            meanwhile(tx)
            return Proof(Method.ACCOUNT, tx.accounts.holder(held.number), self.rules.plan)

        return proof

    def _with_code(self, tx: Transaction, name: str, code: str) -> Account:
        account, given = tx.accounts.find(folded(name), lock=True), code_digest(self.vault, read_code(code))
        if account is None or not account.takes(given, self.clock.now()):
            raise _refusal()
        return account


class TooManyDevices(AccountRefused):
    """Name and password are right, but as many devices as the city allows are online with them."""


def code_digest(vault: Vault, code: str) -> bytes:
    """What is kept of a one-time code."""
    return vault.digest(_CODE_PURPOSE, code.encode())


def _nothing(_tx: Transaction) -> None:
    """All is done already."""


def _same(account: Account | None, password_hash: str | None) -> Account:
    """The account, unless it was disabled, deleted or given another password meanwhile. Raises AccountRefused."""
    if account is None or not account.is_active or account.password_hash != password_hash:
        raise _refusal()
    return account


def folded(name: str) -> str:
    """A name that could be nobody's is looked up all the same: it takes as long as any other."""
    try:
        return fold_name(name)
    except BadInput:
        return ""


def _with_address(line: str) -> tuple[str, str]:
    name, comma, typed = line.partition(",")
    return fold_name(name), read_address(typed) if comma else ""


def _known(tx: Transaction, number: int) -> Account:
    account = tx.accounts.get(number)
    if account is None:
        raise NotFound(f"There is no account {number}. `wifi-manager account list` shows all.")
    return account


def _refusal() -> AccountRefused:
    return AccountRefused("These do not belong to an account. Type them again.")
