"""How many text messages may be sent, to whom, and when it is better to send none at all.

Whoever makes a city send codes to numbers that they are paid for ("SMS pumping") meets five budgets and a breaker.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from wifi_manager.domain.budgets import Budget, day_of, hour_of
from wifi_manager.domain.text_codes import FAILURES, VALID_FOR, PhoneNumber, ProviderStanding, slot_of
from wifi_manager.services.day_budgets import a_day
from wifi_manager.settings.sms import Sms
from wifi_manager.storage.store import Transaction
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.tickets import Ticket

BREAKERS = ("budget", "provider", "unverified")
SENT, VERIFIED = "sms sent", "sms verified"
_UNLIMITED = 2**62
_LOOKED_AT = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class SmsBudgets:
    """The budgets of one city. Whom they count for is a keyed digest that no other day shares."""

    vault: Vault
    zone: ZoneInfo
    limits: Sms

    def device(self, ticket: Ticket, now: datetime) -> Budget:
        return self._a_day("device", ticket.device.octets, now, self.limits.device_a_day)

    def number(self, number: PhoneNumber, now: datetime) -> Budget:
        return self._a_day("number", number.e164.encode(), now, self.limits.number_a_day)

    def prefix(self, number: PhoneNumber, now: datetime) -> Budget:
        return self._a_day("prefix", number.prefix.encode(), now, self.limits.prefix_a_day)

    def place(self, ticket: Ticket, now: datetime) -> Budget:
        whom = self.vault.digest("sms place", f"{ticket.gateway} {ticket.network}".encode())
        return Budget("sms place", whom, hour_of(now), self.limits.place_an_hour)

    def city(self, now: datetime) -> Budget:
        return Budget("sms city", b"", day_of(now, self.zone), self.limits.city_a_day)

    def open_breakers(self, tx: Transaction, now: datetime) -> set[str]:
        """Why no message should be sent: those of BREAKERS that are open."""
        standing = {
            "budget": not tx.budgets.left(self.city(now)),
            "provider": tx.text_codes.provider().failures >= FAILURES,
            "unverified": self._is_pumped(tx, now),
        }
        return {reason for reason, is_open in standing.items() if is_open}

    def closed(self, tx: Transaction, now: datetime, provider: ProviderStanding) -> str | None:
        """Why no message is sent now, budgets aside. A failing provider gets another chance after a minute."""
        if provider.rests(now):
            return "provider"
        return "unverified" if self._is_pumped(tx, now) else None

    def used_up(self, tx: Transaction, ticket: Ticket, now: datetime) -> str | None:
        """Which budget that all share has nothing left."""
        if not tx.budgets.left(self.place(ticket, now)):
            return "place"
        return None if tx.budgets.left(self.city(now)) else "budget"

    def count(self, tx: Transaction, what: str, sent_at: datetime) -> None:
        """Count a code as sent, or as come back, in the minutes in which it was sent."""
        tx.budgets.spend(Budget(what, b"", slot_of(sent_at), _UNLIMITED))

    def _is_pumped(self, tx: Transaction, now: datetime) -> bool:
        """Looks at codes that are over: a younger one may still come back."""
        end = slot_of(now - VALID_FOR)
        counts = tx.budgets.counts((SENT, VERIFIED), end - _LOOKED_AT, end)
        enough = counts[SENT] >= self.limits.verified_from
        return enough and counts[VERIFIED] < self.limits.verified_share * counts[SENT]

    def _a_day(self, name: str, whom: bytes, now: datetime, limit: int) -> Budget:
        return a_day(self.vault, self.zone, f"sms {name}", whom, now, limit)
