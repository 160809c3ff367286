"""Slows guessing down, whatever is guessed: vouchers, passwords, codes.

A try is counted before it is looked at, so that many at once cannot slip below a limit together, and given back if it
was right. Counts stand in the database: several portal processes share them. A device is known by its gateway's
ticket alone; addresses of a network would be those of its gateway's NAT.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from wifi_manager.clock import Clock
from wifi_manager.domain.errors import TooManyTries
from wifi_manager.domain.tries import Limit
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.tickets import Ticket

A_DEVICE = Limit(5, timedelta(minutes=1), timedelta(hours=1))
A_NAME = Limit(10, timedelta(minutes=10), timedelta(hours=1))  # failures of all who try one name
A_PLACE = Limit(100, timedelta(minutes=10))  # failures of all devices in one network of a gateway
_PURPOSE = "try"
_SECOND = timedelta(seconds=1)


class Wait(TooManyTries):
    """Too many tries; `wait` is how long until the next one may come."""

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        super().__init__(f"That was tried too often. Wait {max(wait, _SECOND) // _SECOND} s and try again.")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try. What is its `own` was counted when it began; the `shared` place's counts failures alone."""

    own: tuple[bytes, ...]
    shared: bytes


@dataclass(frozen=True, slots=True)
class Tries:
    """Counts tries of one way in (`way`). `noticed` is told how each one came out, for metrics and alarms."""

    store: Store
    vault: Vault
    clock: Clock
    way: str
    noticed: Callable[[str], None]  # right, wrong, or refused
    device: Limit = A_DEVICE
    place: Limit = A_PLACE
    others: Mapping[str, Limit] = field(default_factory=dict)  # by sort, such as account

    def begin(self, ticket: Ticket, **others: bytes) -> Attempt:
        """Count a try of this device, and of who is named besides by a sort of `others`. Raises Wait.

        What is refused is not counted: whoever waits is let try again.
        """
        now, place = self.clock.now(), self._who("place", f"{ticket.gateway} {ticket.network}".encode())
        own = {self._who("device", ticket.device.octets): self.device}
        own |= {self._who(sort, who): self.others[sort] for sort, who in others.items()}
        with self.store.read() as tx:  # a flood is turned away without a write
            tallies = tx.tallies.of([*own, place])
        limits = {**own, place: self.place}
        self._refuse(max((tally.wait(limits[who], now) for who, tally in tallies.items()), default=timedelta(0)))
        with self.store.begin() as tx:
            waits = [self._add(tx, who, limit, now) for who, limit in own.items()]
        self._refuse(max(waits))
        return Attempt(tuple(own), place)

    def right(self, attempt: Attempt, tx: Transaction) -> None:
        """In the transaction that it opens a visit in."""
        for who in attempt.own:
            tx.tallies.give_back(who)

    def nothing(self, attempt: Attempt) -> None:
        """It came to nothing that a guesser could learn from, so it does not count."""
        with self.store.begin() as tx:
            self.right(attempt, tx)

    def wrong(self, attempt: Attempt) -> None:
        """The try has failed."""
        self.noticed("wrong")
        with self.store.begin() as tx:
            tx.tallies.add(attempt.shared, self.place, self.clock.now())

    def _add(self, tx: Transaction, who: bytes, limit: Limit, now: datetime) -> timedelta:
        before = tx.tallies.add(who, limit, now)
        return timedelta(0) if before is None else before.wait(limit, now)

    def _refuse(self, wait: timedelta) -> None:
        if wait > timedelta(0):
            self.noticed("refused")
            raise Wait(wait)

    def _who(self, sort: str, who: bytes) -> bytes:
        return self.vault.digest(_PURPOSE, json.dumps([self.way, sort, who.hex()]).encode())
