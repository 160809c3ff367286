"""From a telephone number to a code that came back. What is under way is kept per device, for there is no cookie.

A number whose budget is used up gets the answer that every number gets, and no message: nobody learns whose number
was used here.
"""

import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.text_codes import (
    DIGITS,
    CodeOver,
    Compose,
    DeviceBudgetUsed,
    KeptCode,
    Message,
    PhoneNumber,
    Provider,
    ProviderStanding,
    SendingClosed,
    WrongCode,
)
from wifi_manager.domain.visits import Method, Proof
from wifi_manager.services.admission import Admission, Prove
from wifi_manager.services.sms_budgets import SENT, VERIFIED, SmsBudgets
from wifi_manager.storage.store import Transaction
from wifi_manager.wire.tickets import Ticket

_CODE, _HOLDER = "sms code", "sms holder"  # the vault's purposes


class Counting(Protocol):
    """Who counts what happens."""

    def sent(self, seconds: float) -> None:
        """A provider has taken a message, after so long."""

    def verified(self) -> None:
        """A code came back."""

    def refused(self, reason: str) -> None:
        """A message was not sent, or a code not taken."""


@dataclass(slots=True)
class Pace:
    """Lets an answer without a message take as long as the last one with a message took."""

    sleep: Callable[[float], None] = time.sleep
    timer: Callable[[], float] = time.monotonic
    seconds: float = 0.0

    def pretend(self) -> None:
        """Wait as if something were sent."""
        self.sleep(self.seconds)


@dataclass(frozen=True, slots=True)
class TextCodes:
    """Sends codes and takes them back."""

    admission: Admission
    budgets: SmsBudgets
    provider: Provider
    counting: Counting
    pace: Pace = field(default_factory=Pace)

    def under_way(self, ticket: Ticket) -> KeptCode | None:
        """The device's code that can still come in, with the number that it was sent to."""
        with self.admission.store.read() as tx:
            return self.under_way_in(tx, ticket)

    def under_way_in(self, tx: Transaction, ticket: Ticket) -> KeptCode | None:
        """The same, in a transaction that looks at other things too."""
        kept = tx.text_codes.of(ticket.device)
        return kept if kept is not None and kept.is_fresh(self.admission.clock.now()) else None

    def wait(self, kept: KeptCode) -> timedelta:
        """How long until this code can be sent again; nothing or less: now."""
        return kept.sent_at + timedelta(seconds=self.budgets.limits.again_seconds) - self.admission.clock.now()

    def check_open(self, ticket: Ticket) -> None:
        """Raise SendingClosed when no code can be sent from here."""
        now = self.admission.clock.now()
        with self.admission.store.read() as tx:
            reason = self.budgets.closed(tx, now, tx.text_codes.provider()) or self.budgets.used_up(tx, ticket, now)
        if reason is not None:
            raise self._refused(reason)

    def send(self, ticket: Ticket, number: PhoneNumber, compose: Compose) -> None:
        """Send a new code to the number; nothing within the wait after the last one to it.

        Raises DeviceBudgetUsed, and SendingClosed when no code can be sent or the provider fails.
        """
        code, now = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}", self.admission.clock.now()
        with self.admission.store.begin() as tx:
            kept = tx.text_codes.of(ticket.device)
            if kept is not None and kept.number == number and kept.is_fresh(now) and self.wait(kept) > timedelta(0):
                return
            standing = tx.text_codes.provider()
            self._spend_for_all(tx, ticket, now, standing)
            hushed = self._spend_for_number(tx, ticket, number, now)
            holder = self._holder(number)
            tx.text_codes.keep(ticket.device, KeptCode(holder, self._digest(ticket, holder, code), number, now))
        if hushed is None:
            self._hand_over(ticket, Message(number, compose(code), code), now, standing)
        else:
            self.counting.refused(hushed)
            self.pace.pretend()

    def check(self, ticket: Ticket, code: str) -> Prove:
        """Use up one try, and say what then lets the device in, once.

        Raises WrongCode, or CodeOver when there is nothing to be tried (any more).
        """
        now = self.admission.clock.now()
        with self.admission.store.begin() as tx:
            kept = tx.text_codes.try_one(ticket.device, now)
        if kept is None:
            self.counting.refused("code_over")
            raise CodeOver("This code is not good any more. Have a new one sent.")
        shown = self._digest(ticket, kept.holder, code)
        if not hmac.compare_digest(kept.code, shown):
            self.counting.refused("code_wrong")
            if not kept.can_be_tried(now):
                raise CodeOver("This was tried too often. Have a new code sent.")
            raise WrongCode("This is not the code that was sent. Look at the message again.")
        return partial(self._prove, shown)

    def _prove(self, shown: bytes, tx: Transaction, ticket: Ticket, now: datetime) -> Proof:
        used = tx.text_codes.use(ticket.device, shown)
        if used is None or not used.is_fresh(now):
            raise CodeOver("This code is not good any more. Have a new one sent.")
        self.budgets.count(tx, VERIFIED, used.sent_at)
        return Proof(Method.SMS, used.holder)

    def _spend_for_all(self, tx: Transaction, ticket: Ticket, now: datetime, provider: ProviderStanding) -> None:
        """Spend what is told to whoever asks."""
        reason = self.budgets.closed(tx, now, provider)
        if reason is not None:
            raise self._refused(reason)
        if not tx.budgets.spend(self.budgets.device(ticket, now)):
            self.counting.refused("device")
            raise DeviceBudgetUsed("This device has had its codes of today. Choose another way in.")
        for name, budget in (("place", self.budgets.place(ticket, now)), ("budget", self.budgets.city(now))):
            if not tx.budgets.spend(budget):
                raise self._refused(name)

    def _spend_for_number(self, tx: Transaction, ticket: Ticket, number: PhoneNumber, now: datetime) -> str | None:
        """Spend what nobody is told of; why the number gets no message, for metrics alone."""
        for reason, budget in (
            ("number", self.budgets.number(number, now)),
            ("prefix", self.budgets.prefix(number, now)),
        ):
            if not tx.budgets.spend(budget):
                tx.budgets.give_back(self.budgets.place(ticket, now))
                tx.budgets.give_back(self.budgets.city(now))
                return reason
        self.budgets.count(tx, SENT, now)
        return None

    def _hand_over(self, ticket: Ticket, message: Message, now: datetime, standing: ProviderStanding) -> None:
        started = self.pace.timer()
        try:
            self.provider.send(message)
        except OutsideFailure as failure:
            self._failed(ticket, message.number, now)
            raise self._refused("provider") from failure
        self.pace.seconds = self.pace.timer() - started
        self.counting.sent(self.pace.seconds)
        if standing.failures:
            with self.admission.store.begin() as tx:
                tx.text_codes.provider_works()

    def _failed(self, ticket: Ticket, number: PhoneNumber, now: datetime) -> None:
        """Nobody shall wait for a message that does not come, nor have paid for it out of their own budget."""
        with self.admission.store.begin() as tx:
            tx.text_codes.provider_failed(now)
            tx.text_codes.drop(ticket.device)
            tx.budgets.give_back(self.budgets.device(ticket, now))
            tx.budgets.give_back(self.budgets.number(number, now))

    def _refused(self, reason: str) -> SendingClosed:
        self.counting.refused(reason)
        return SendingClosed(reason)

    def _holder(self, number: PhoneNumber) -> bytes:
        return self.admission.vault.digest(_HOLDER, number.e164.encode())

    def _digest(self, ticket: Ticket, holder: bytes, code: str) -> bytes:
        """Binds a code to its device and its number."""
        bound = json.dumps([ticket.device.full(), holder.hex(), code]).encode()
        return self.admission.vault.digest(_CODE, bound)
