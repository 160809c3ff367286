"""What a citizen may read, have erased, agree to and take back: for the device that asks, and for no other."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from wifi_manager.clock import Clock
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import BadInput, Forbidden
from wifi_manager.domain.law import NEVER_KEPT, Kind, LegalProfile
from wifi_manager.domain.visits import EndReason, Method, Proof, Visit
from wifi_manager.storage.agreements import Agreement
from wifi_manager.storage.store import Store, Transaction
from wifi_manager.wire.tickets import Ticket

REMEMBER = "remember_device"
_CAN_BE_REMEMBERED = frozenset({Method.CLICK_THROUGH, Method.SMS})  # a voucher is used up, an account signs in
# Whoever left, or was made to leave, is asked again.
_COMES_BACK_AFTER = frozenset({None, EndReason.EXPIRED, EndReason.IDLE})


def erase(tx: Transaction, device: MacAddress, number: int, held: Collection[Kind], now: datetime) -> None:
    """Erase a device in every table. What the law holds stays for its time, where only a lawful request finds it."""
    tx.records.erase_device(number, held)
    if held:
        before = tx.visits.numbers(tx.pseudonyms.held_of(device))
        made = tx.pseudonyms.current_held(device, now)
        tx.records.set_aside(number, before[0] if before else None, made.digest, made.key)


def remembered(tx: Transaction, ticket: Ticket, _now: datetime) -> Proof:
    """The `Prove` of a device that was here before. Raises Forbidden where its citizen does not agree to that."""
    known = tx.visits.device(ticket.device)
    if known is None or tx.agreements.standing(known.number, REMEMBER) is None:
        raise Forbidden("This device is not remembered. Open any web page to sign in.")
    return Proof(Method.REMEMBERED)


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

    def standing(self, ticket: Ticket) -> Agreement | None:
        """The consent to be remembered that was given and not taken back."""
        with self.store.read() as tx:
            known = tx.visits.device(ticket.device)
            return None if known is None else tx.agreements.standing(known.number, REMEMBER)

    def may_agree(self, visit: Visit | None) -> bool:
        """Whether the city asks this visit's citizen at all."""
        now, offered = self.clock.now(), REMEMBER in self.profile.optional_consents
        return offered and visit is not None and visit.is_active(now) and visit.method in _CAN_BE_REMEMBERED

    def agree(self, ticket: Ticket) -> None:
        """Remember the device from now on. Raises BadInput when it is not online, or the city does not offer that."""
        now = self.clock.now()
        with self.store.begin() as tx:
            visit = tx.visits.running_of(ticket.device, now)
            if visit is None or not self.may_agree(visit):
                raise BadInput("A device can be remembered while it is online. Go online first.")
            before = tx.agreements.standing(visit.number, REMEMBER)
            if before is None:
                tx.agreements.give(REMEMBER, visit, ticket.network, now)

    def withdraw(self, ticket: Ticket) -> None:
        """Take every optional consent of this device back. A repeat changes nothing."""
        now = self.clock.now()
        with self.store.begin() as tx:
            known = tx.visits.device(ticket.device)
            if known is not None:
                tx.agreements.withdraw(known.number, now)

    def remembered(self, ticket: Ticket, terms_version: str) -> Agreement | None:
        """The consent by which the device may come in without a page: to these terms, at a place with its way in.

        None after a visit that its citizen or the city ended: then they are asked.
        """
        with self.store.read() as tx:
            known = tx.visits.device(ticket.device)
            if known is None:
                return None
            found = tx.agreements.standing(known.number, REMEMBER)
            ended = None if known.visit is None else known.visit.end_reason
            fits = found is not None and found.terms_version == terms_version and ended in _COMES_BACK_AFTER
            return found if fits else None

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
    return [tx.records.of_device(number) for number in numbers]
