"""Returning devices: whoever agreed to it comes back online without a page, at the same rules as with a tap."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from wifi_manager.domain.remembering import Remembered, is_rememberable
from wifi_manager.domain.visits import Asker, Consent, Method, Proof
from wifi_manager.services.opening import Change, Opening, close_over
from wifi_manager.storage.store import Transaction
from wifi_manager.storage.visits import KnownDevice


@dataclass(frozen=True, slots=True)
class Returning:
    """Remembers devices for so long, 0 for not at all, and lets them in while these terms are in force."""

    opening: Opening
    remembered_for: timedelta
    terms_version: str

    def remember(self, tx: Transaction, number: int, proof: Proof, consent: Consent, now: datetime) -> None:
        """Note that a device's citizen agreed to it; nothing where this cannot be remembered."""
        if self.remembered_for and is_rememberable(proof):
            agreed = Remembered(proof.method, consent, now, now + self.remembered_for, proof.holder)
            tx.remembered.set(number, agreed)

    def may_come(self, tx: Transaction, known: KnownDevice | None, asker: Asker, now: datetime) -> Remembered | None:
        """What the device was remembered with, if that lets it in now where it is. It is one that is not online."""
        if known is None or not self.remembered_for:
            return None
        agreed = tx.remembered.of(known.number, now)
        if agreed is None:
            return None
        place = tx.networks.place(asker.gateway, asker.network)
        ways = place.ways or self.opening.usual.ways
        return agreed if agreed.may_return(self.terms_version, ways, known.visit, now) else None

    def come(self, tx: Transaction, known: KnownDevice | None, asker: Asker, now: datetime) -> Change | None:
        """Let a remembered device in where it is. None where it may not; blocked ones may not.

        Raises Conflict when it gets a visit in another way meanwhile.
        """
        agreed = self.may_come(tx, known, asker, now)
        if known is None or agreed is None or tx.blocks.in_force_on(asker.device, now) is not None:
            return None
        close_over(tx, known)
        proof = Proof(Method.REMEMBERED, agreed.holder)
        number = tx.visits.keep_device(known.number, known.key, asker.device, now)
        return self.opening.open(tx, number, asker, agreed.consent, proof, now)
