"""What a citizen may read and have erased: for the device that asks, and for no other."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wifi_manager.clock import Clock
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.law import NEVER_KEPT, Kind, LegalProfile
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.wire.tickets import Ticket

_MOST_REPORTS = 1000  # of one device: far more than the limit of a day allows while reports are kept


def erase(tx: Transaction, device: MacAddress, number: int, held: Collection[Kind], now: datetime) -> None:
    """Erase a device in every table. What the law holds stays for its time, where only a lawful request finds it."""
    tx.records.erase_device(number, held)
    if held:
        before = tx.visits.numbers(tx.pseudonyms.held_of(device))
        made = tx.pseudonyms.current_held(device, now)
        tx.records.set_aside(number, before[0] if before else None, made.digest, made.key)


@dataclass(frozen=True, slots=True)
class OwnData:
    """The citizen's rights, under one legal profile."""

    store: Store
    clock: Clock
    profile: LegalProfile

    def export(self, ticket: Ticket) -> dict[str, Any]:
        """Everything that is kept about the device, also what the law holds after an erasure, and for how long."""
        with self.store.read() as tx:
            known = tx.visits.numbers(tx.pseudonyms.of(ticket.device))
            held = tx.visits.numbers(tx.pseudonyms.held_of(ticket.device))
            return {
                "city": self.store.city,
                "made_at": self.clock.now(),
                "records": _records(tx, known),
                "held_by_law_after_erasure": _records(tx, held),
                "law": self._law(),
            }

    def _law(self) -> dict[str, Any]:
        keep = self.profile.keep.items()
        return {
            "profile": self.profile.title,
            "kept_for_days": {kind: keeping.days for kind, keeping in keep},
            "held_by_law": sorted(self.profile.held),
            "rules": {kind: keeping.source for kind, keeping in keep},
            "never_kept": list(NEVER_KEPT.values()),
        }


def _records(tx: Transaction, numbers: Collection[int]) -> list[dict[str, Any]]:
    return [{**tx.records.of_device(number), "said_in_reports": _said(tx, number)} for number in numbers]


def _said(tx: Transaction, number: int) -> list[dict[str, Any]]:
    reports = tx.problem_reports.of_device(number, _MOST_REPORTS)
    return [{"at": each.at, "text": each.text, "answer": each.answer} for each in reports]
