"""Rollouts: planned as a whole, approved, let go wave by wave, halted by themselves, and undone in the other order.

Workers know nothing of them: they carry out the pushes that were let go. Whoever calls `advance` looks after all
rollouts that are under way; a crash loses nothing, for all of it is in rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, Forbidden
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import (
    Member,
    Rollout,
    RolloutState,
    WaveStanding,
    harm,
    may_go_on,
    undo_order,
    waves,
)
from wifi_manager.storage.rollouts import PlannedPush
from wifi_manager.storage.store import Store, Transaction

ITSELF = "rollout"
_STOPPED = (RolloutState.PAUSED, RolloutState.HALTED)


@dataclass(frozen=True, slots=True)
class Change:
    """What one access point shall run, and what it should run so far; both as texts of intents."""

    member: Member
    intent: str
    digest: str
    before: str | None


@dataclass(frozen=True, slots=True)
class Rollouts:
    """`a_second`: how many access points of a wave may begin in one. `second_person` as for layers of intent."""

    store: Store
    clock: Clock
    second_person: bool = False
    a_second: float = 10.0

    def propose(self, changes: Sequence[Change], reason: str, soak: timedelta, *, by: str, note: str = "") -> int:
        """Plan the waves and keep everything; returns the number. Raises BadInput when nothing would change."""
        if not changes:
            raise BadInput("Nothing would change, so there is nothing to roll out.")
        order = waves([each.member for each in changes])
        wave_of = {name: number for number, wave in enumerate(order, 1) for name in wave}
        planned = [
            PlannedPush(
                each.member.access_point, wave_of[each.member.access_point], each.intent, each.digest, each.before
            )
            for each in changes
        ]
        new = Rollout(0, reason, RolloutState.PROPOSED, len(order), 0, soak, by, self.clock.now(), note=note)
        with self.store.begin() as tx:
            number = tx.rollouts.add(new, planned, tx.access_points.numbers())
            self._note(
                tx, by, "proposed", number, {"access points": len(planned), "waves": len(order), "reason": reason}
            )
        return number

    def approve(self, number: int, *, by: str) -> None:
        """Let the first wave go. Raises NotFound, Conflict, and Forbidden where it must be somebody else."""
        with self.store.begin() as tx:
            waiting = tx.rollouts.get(number)
            if self.second_person and waiting.proposed_by == by:
                raise Forbidden("Somebody else has to approve this: the city wants two persons for each change.")
            tx.rollouts.turn(number, [RolloutState.PROPOSED], RolloutState.RUNNING, approved_by=by)
            self._let_go(tx, number, 1, by)
            self._note(tx, by, "approved", number)

    def pause(self, number: int, *, by: str) -> None:
        """Let no more begin. What is under way ends. Raises NotFound, Conflict."""
        with self.store.begin() as tx:
            tx.rollouts.turn(number, [RolloutState.RUNNING], RolloutState.PAUSED)
            tx.rollouts.hold(number)
            self._note(tx, by, "paused", number)

    def resume(self, number: int, *, by: str) -> None:
        """Go on where it was, also after a halt: then the operator has seen why. Raises NotFound, Conflict."""
        with self.store.begin() as tx:
            tx.rollouts.turn(number, _STOPPED, RolloutState.RUNNING)
            self._let_go(tx, number, tx.rollouts.get(number).wave, by)
            self._note(tx, by, "resumed", number)

    def abort(self, number: int, *, by: str) -> None:
        """End it for good. What was committed stays, until it is undone. Raises NotFound, Conflict."""
        with self.store.begin() as tx:
            tx.rollouts.turn(number, [RolloutState.PROPOSED, RolloutState.RUNNING, *_STOPPED], RolloutState.ABORTED)
            tx.rollouts.hold(number)
            tx.rollouts.cancel(number, by, self.clock.now())
            self._note(tx, by, "aborted", number)

    def ways_back(self, number: int) -> list[tuple[str, str]]:
        """(access point, intent) to go back to what was before a rollout, the last wave first. Raises NotFound."""
        with self.store.read() as tx:
            tx.rollouts.get(number)
            found = {name: (wave, before) for wave, name, before in tx.rollouts.ways_back(number)}
        order = undo_order((wave, name) for name, (wave, _) in found.items())
        return [(name, found[name][1]) for name in order]

    def standing(self, number: int) -> tuple[Rollout, Mapping[int, WaveStanding]]:
        """A rollout and how each of its waves stands. Raises NotFound."""
        with self.store.read() as tx:
            return tx.rollouts.get(number), tx.rollouts.standings(number)

    def advance(self) -> None:
        """Look after every rollout that is under way: halt it, let its next wave go, or end it."""
        with self.store.begin() as tx:
            for number in tx.rollouts.running():
                self._advance(tx, tx.rollouts.get(number))

    def _advance(self, tx: Transaction, rollout: Rollout) -> None:
        standings = {
            wave: each for wave, each in tx.rollouts.standings(rollout.number).items() if wave <= rollout.wave
        }
        why = "; ".join(found for wave, each in standings.items() if (found := harm(wave, each)))
        if why and why != rollout.note:  # what an operator has seen and resumed from halts it only once
            self._halt(tx, rollout, why)
        elif may_go_on(standings[rollout.wave], rollout.soak, self.clock.now()):
            self._go_on(tx, rollout, standings)

    def _halt(self, tx: Transaction, rollout: Rollout, why: str) -> None:
        tx.rollouts.turn(rollout.number, [RolloutState.RUNNING], RolloutState.HALTED, note=why)
        tx.rollouts.hold(rollout.number)
        self._note(tx, ITSELF, "halted", rollout.number, {"why": why})

    def _go_on(self, tx: Transaction, rollout: Rollout, standings: Mapping[int, WaveStanding]) -> None:
        if rollout.wave < rollout.waves:
            self._let_go(tx, rollout.number, rollout.wave + 1, rollout.approved_by)
            self._note(tx, ITSELF, "let go", rollout.number, {"wave": rollout.wave + 1})
        elif not any(each.unreachable for each in standings.values()):
            tx.rollouts.turn(rollout.number, [RolloutState.RUNNING], RolloutState.DONE)
            self._note(tx, ITSELF, "finished", rollout.number)

    def _let_go(self, tx: Transaction, number: int, wave: int, by: str) -> None:
        """All that is held of the waves up to this one: after a pause there may be some of earlier ones."""
        now = self.clock.now()
        for each in range(1, wave + 1):
            held = tx.rollouts.members(number, each, PushState.HELD)
            moments = {name: now + timedelta(seconds=at / self.a_second) for at, name in enumerate(held)}
            tx.rollouts.let_go(number, each, moments, by)

    def _note(self, tx: Transaction, by: str, deed: str, number: int, after: dict[str, Any] | None = None) -> None:
        tx.audit.add(AuditEntry(self.clock.now(), by, deed, "rollout", str(number), after=after))
