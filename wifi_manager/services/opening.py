"""Opens a visit, whoever asks for it: a tap on the portal, or a remembered device that has come."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from wifi_manager.domain.errors import Forbidden
from wifi_manager.domain.networks import Place
from wifi_manager.domain.visits import Asker, Consent, EndReason, Method, Proof, Visit
from wifi_manager.storage.store import Transaction
from wifi_manager.storage.visits import KnownDevice

_PUBLIC_ID_BYTES = 16  # 128 random bits: nobody guesses another's visit


@dataclass(frozen=True, slots=True)
class Usual:
    """What holds where a place has nothing of its own: the plan, and the ways in, the one to offer first first.

    `emergency_plan` is that of one tap where everybody is let in; empty: the place's usual plan.
    """

    plan: str = "day"
    ways: tuple[Method, ...] = (Method.CLICK_THROUGH,)
    emergency_plan: str = ""

    def ways_at(self, place: Place, now: datetime) -> tuple[Method, ...]:
        """The ways in at a place: where everybody is let in now, one tap before all others."""
        usual = place.ways or self.ways
        if not place.is_open_to_all(now):
            return usual
        return Method.CLICK_THROUGH, *(each for each in usual if each is not Method.CLICK_THROUGH)

    def plan_at(self, place: Place, method: Method, now: datetime) -> str:
        """Name of the plan of whoever gets in this way, where the proof names none."""
        is_emergency = method is Method.CLICK_THROUGH and place.is_open_to_all(now)
        return (is_emergency and self.emergency_plan) or place.plan or self.plan


@dataclass(frozen=True, slots=True)
class Change:
    """A visit as it is now, and the revision at whose acknowledgement its gateway enforces that."""

    visit: Visit
    revision: int


@dataclass(frozen=True, slots=True)
class Opening:
    """Opens visits in the transaction of somebody who has seen that the device has none and is not blocked."""

    usual: Usual

    def open(
        self, tx: Transaction, number: int, asker: Asker, consent: Consent, proof: Proof, now: datetime
    ) -> Change:
        """Open the visit that the proof allows. `number` is the device's.

        Raises Forbidden where the place does not offer this way in, Conflict when the device has a visit meanwhile.
        """
        place, at_hand = tx.networks.place_and_plan(asker.gateway, asker.network, self.usual.plan)
        if proof.method not in {*self.usual.ways_at(place, now), Method.RELIEF, Method.REMEMBERED}:
            raise Forbidden("This way in is not offered at this place. Go back and choose another one.")
        wanted = proof.plan or self.usual.plan_at(place, proof.method, now)
        plan = at_hand if at_hand is not None and at_hand.name == wanted else tx.plans.get(wanted)
        plan = plan.within(proof.volume_bytes)
        expires_at = now + plan.lifetime
        visit = Visit(
            public_id=secrets.token_urlsafe(_PUBLIC_ID_BYTES),
            number=number,
            gateway=asker.gateway,
            site=place.site,
            plan=plan,
            method=proof.method,
            consent=consent,
            opened_at=now,
            expires_at=expires_at if proof.ends_by is None else min(expires_at, proof.ends_by),
            asker=asker,
            holder=proof.holder,
            own_volume_bytes=proof.volume_bytes,
            ends_by=proof.ends_by,
        )
        tx.visits.add(visit)
        return Change(visit, tx.changes.note(asker.gateway, [number], now))


def close_over(tx: Transaction, known: KnownDevice | None) -> None:
    """Write down that the device's visit is over, where nobody has done so yet: it makes room for the next."""
    if known is not None and known.visit is not None and known.visit.ended_at is None:
        tx.visits.end(known.visit.public_id, known.visit.expires_at, EndReason.EXPIRED)
