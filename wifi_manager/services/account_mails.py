"""One-time codes by mail for whoever has forgotten the password of an account.

Whoever asks learns nothing of an account: what answers them does the same for every name, and takes the same time.
All that looks at the account happens after the answer. A name of which too many mails were asked for gets the same
answer, too.
"""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.budgets import Budget, day_of
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.mails import AGAIN_AFTER, VALID_FOR, Carrier, Line, Mail
from wifi_manager.domain.text_codes import DeviceBudgetUsed, ProviderStanding
from wifi_manager.domain.vouchers import new_code
from wifi_manager.services.accounts import code_digest, folded
from wifi_manager.services.day_budgets import a_day
from wifi_manager.settings.mail import Mail as Limits
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.tickets import Ticket

_LOG = log.get(__name__)
Compose = Callable[[str, str], Mail]  # from an address and a code
Later = Callable[[Callable[[], None]], None]  # does something after the answer, on another thread


class MailClosed(OutsideFailure):
    """No mail can be sent now, to nobody; `reason` is server or budget."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("Mails cannot be sent now. Get a code where your account was opened, or try again later.")


@dataclass(slots=True)
class Standing:
    """How the mail server does, as this process knows it: a hung one is not waited for again and again."""

    value: ProviderStanding = field(default_factory=ProviderStanding)

    def failed(self, now: datetime) -> None:
        self.value = ProviderStanding(self.value.failures + 1, now)

    def works(self) -> None:
        self.value = ProviderStanding()


@dataclass(frozen=True, slots=True)
class MailBudgets:
    """How many mails are asked for. Whom a budget counts for is a keyed digest that no other day shares."""

    vault: Vault
    zone: ZoneInfo
    limits: Limits

    def device(self, ticket: Ticket, now: datetime) -> Budget:
        return self._a_day("device", ticket.device.octets, now, self.limits.device_a_day)

    def account(self, name: str, now: datetime) -> Budget:
        """Of a login name, whether there is an account of it or not."""
        return self._a_day("account", name.encode(), now, self.limits.account_a_day)

    def city(self, now: datetime) -> Budget:
        return Budget("mail city", b"", day_of(now, self.zone), self.limits.city_a_day)

    def _a_day(self, name: str, whom: bytes, now: datetime, limit: int) -> Budget:
        return a_day(self.vault, self.zone, f"mail {name}", whom, now, limit)


@dataclass(frozen=True, slots=True)
class CodesByMail:
    """Sends codes to the addresses on record."""

    store: Store
    vault: Vault
    clock: Clock
    budgets: MailBudgets
    carrier: Carrier
    later: Later
    standing: Standing = field(default_factory=Standing)

    def check_open(self) -> None:
        """Raise MailClosed when no mail can be sent."""
        now = self.clock.now()
        if self.standing.value.rests(now):
            raise MailClosed("server")
        with self.store.read() as tx:
            if not tx.budgets.left(self.budgets.city(now)):
                raise MailClosed("budget")

    def ask(self, ticket: Ticket, typed: str, compose: Compose) -> None:
        """Send a code to whom this login name is, if to anybody; the same for every name until it returns.

        Raises DeviceBudgetUsed, and MailClosed when the mail server is away.
        """
        self.check_open()
        name, now = folded(typed), self.clock.now()
        with self.store.begin() as tx:
            may_send = self._spend(tx, ticket, name, now)
        with ExitStack() as hung_up:
            try:
                line = hung_up.enter_context(self.carrier.open())
            except OutsideFailure as failure:
                self.standing.failed(now)
                _tell(failure)
                self._give_back(ticket, name, now, spent=may_send)
                raise MailClosed("server") from failure
            self.standing.works()
            self.later(partial(self._finish, hung_up.pop_all(), line, name if may_send else None, now, compose))

    def _spend(self, tx: Transaction, ticket: Ticket, name: str, now: datetime) -> bool:
        """Whether the login name still has one; nobody is told."""
        if not tx.budgets.spend(self.budgets.device(ticket, now)):
            raise DeviceBudgetUsed("This device has asked for enough mails today.")
        if not tx.budgets.spend(self.budgets.city(now)):
            raise MailClosed("budget")
        return bool(tx.budgets.spend(self.budgets.account(name, now)))

    def _finish(self, hung_up: ExitStack, line: Line, name: str | None, asked_at: datetime, compose: Compose) -> None:
        """After the answer: what nobody who waits may learn of."""
        with hung_up:
            made = None if name is None else self._make(name, asked_at)
            if made is None:
                return
            number, address, code = made
            try:
                line.send(compose(address, code))
            except OutsideFailure as failure:  # of this address perhaps: that the server works was seen before
                _tell(failure)
                with self.store.begin() as tx:
                    tx.accounts.set_mailed_code(number, None, None)

    def _make(self, name: str, now: datetime) -> tuple[int, str, str] | None:
        """The account's number, its address and a new code; None where nobody is to be written to."""
        code = new_code()
        with self.store.begin() as tx:
            account = tx.accounts.find(name, lock=True)
            if account is None or not account.is_active:
                return None
            ends_at, address = account.mailed_ends_at, tx.accounts.address(account.number)
            if address is None or (ends_at is not None and now < ends_at - VALID_FOR + AGAIN_AFTER):
                return None
            tx.accounts.set_mailed_code(account.number, code_digest(self.vault, code), now + VALID_FOR)
            tx.audit.add(AuditEntry(now, "portal", "mailed a code to", "account", str(account.number)))
            return account.number, address, code

    def _give_back(self, ticket: Ticket, name: str, now: datetime, *, spent: bool) -> None:
        """Nobody shall have paid for a mail that could not be."""
        with self.store.begin() as tx:
            tx.budgets.give_back(self.budgets.device(ticket, now))
            tx.budgets.give_back(self.budgets.city(now))
            if spent:
                tx.budgets.give_back(self.budgets.account(name, now))


def _tell(failure: OutsideFailure) -> None:
    _LOG.warning("no mail was sent", extra={"problem": str(failure)})
