"""Rollouts: planned as a whole, approved, let go wave by wave, halted by themselves, and undone in the other order.

Workers know nothing of them: they carry out the pushes that were let go. Whoever calls `advance` looks after all
rollouts that are under way; a crash loses nothing, for all of it is in rows.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden
from wifi_manager.domain.maintenance import Calendar, Start
from wifi_manager.domain.rollouts import (
    Member,
    MemberStanding,
    Rollout,
    RolloutState,
    Shown,
    WaveStanding,
    harm,
    may_go_on,
    undo_order,
    waves,
)
from wifi_manager.services.maintenance import NEEDED, calendar
from wifi_manager.storage.rollouts import LetGo, PlannedPush
from wifi_manager.storage.store import Store, Transaction

ITSELF = "rollout"
_NOTHING_SHOWN = Shown()
_NEVER = timedelta(hours=1)  # no window is long enough: somebody may widen one
_LATEST = datetime.max.replace(tzinfo=UTC)
_STOPPED = (RolloutState.PAUSED, RolloutState.HALTED)
_UNDER_WAY = (RolloutState.PLANNING, RolloutState.PROPOSED, RolloutState.RUNNING, *_STOPPED)


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
    zone: tzinfo = UTC  # of maintenance windows
    needed: timedelta = NEEDED  # how long a window has to stay open for a push

    def propose(
        self,
        changes: Sequence[Change],
        reason: str,
        soak: timedelta,
        *,
        by: str,
        undoes: int | None = None,
        shown: Shown = _NOTHING_SHOWN,
    ) -> int:
        """Plan the waves and keep everything; returns the number. Raises BadInput when nothing would change."""
        new = Rollout(0, reason, RolloutState.PLANNING, 0, 0, soak, by, self.clock.now(), undoes=undoes)
        with self.store.begin() as tx:
            number = tx.rollouts.add(new)
            self._fill(tx, number, changes, shown)
        return number

    def ask(self, reason: str, soak: timedelta, *, by: str, undoes: int | None = None) -> int:
        """Have a worker plan what the layers in force would change, or the way back of a rollout; returns its number.

        Raises BadInput without a reason, NotFound for an unknown rollout.
        """
        if not reason:
            raise BadInput("Say why, for whoever approves it and reads it later.")
        new = Rollout(0, reason, RolloutState.PLANNING, 0, 0, soak, by, self.clock.now(), undoes=undoes)
        with self.store.begin() as tx:
            if undoes is not None:
                tx.rollouts.get(undoes)
            number = tx.rollouts.add(new)
            self._note(tx, by, "asked for", number, {"reason": reason})
        return number

    def asked_for(self) -> list[Rollout]:
        """Those that wait for their plan, the oldest first."""
        with self.store.read() as tx:
            return [tx.rollouts.get(number) for number in tx.rollouts.in_state(RolloutState.PLANNING)]

    def fill(self, number: int, changes: Sequence[Change], shown: Shown) -> None:
        """Give it the plan asked for. Raises BadInput when nothing would change, Conflict when it has one."""
        with self.store.begin() as tx:
            self._fill(tx, number, changes, shown)

    def give_up(self, number: int, why: str) -> None:
        """It cannot be planned. Raises Conflict when it has been meanwhile."""
        with self.store.begin() as tx:
            tx.rollouts.turn(number, [RolloutState.PLANNING], RolloutState.ABORTED, note=why)
            self._note(tx, ITSELF, "gave up", number, {"why": why})

    def _fill(self, tx: Transaction, number: int, changes: Sequence[Change], shown: Shown) -> None:
        if not changes:
            raise BadInput("Nothing would change, so there is nothing to roll out.")
        new = tx.rollouts.get(number)
        tx.rollouts.turn(number, [RolloutState.PLANNING], RolloutState.PROPOSED)
        order = waves([each.member for each in changes])
        wave_of = {name: at for at, wave in enumerate(order, 1) for name in wave}
        group_of = {name: at for at, group in enumerate(shown.groups, 1) for name in group.access_points}
        planned = [_planned(each, wave_of, group_of) for each in changes]
        tx.rollouts.fill(replace(new, waves=len(order)), planned, tx.access_points.numbers(), shown)
        after = {"access points": len(planned), "waves": len(order), "reason": new.reason}
        self._note(tx, new.proposed_by, "proposed", number, after)

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
            tx.rollouts.turn(number, _UNDER_WAY, RolloutState.ABORTED)
            tx.rollouts.hold(number)
            tx.rollouts.cancel(number, by, self.clock.now())
            self._note(tx, by, "aborted", number)

    def ignore_windows(self, number: int, reason: str, *, by: str) -> None:
        """Let it run at any hour from now on. Raises BadInput without a reason, NotFound, Conflict."""
        if not reason:
            raise BadInput(
                "Say why maintenance windows shall not hold for this rollout: it stands in the audit trail."
            )
        with self.store.begin() as tx:
            found = tx.rollouts.get(number)
            if not found.may_be_stopped:
                raise Conflict(f"Rollout {number} is {found.state.value}; that is not possible now.")
            tx.rollouts.override(number, reason)
            tx.rollouts.release(number, self.clock.now())
            self._note(tx, by, "set at any hour", number, {"reason": reason})

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

    def report(self, number: int, *, trouble: bool = False) -> list[MemberStanding]:
        """Every access point of a rollout by name, or those alone that need somebody. Raises NotFound."""
        with self.store.read() as tx:
            tx.rollouts.get(number)
            return tx.rollouts.members(number, trouble=trouble)

    def advance(self) -> None:
        """Look after every rollout that is under way: halt it, let its next wave go, or end it."""
        with self.store.begin() as tx:
            tx.pushes.wake(self.clock.now())
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
        if rollout.wave == 1 and tx.rollouts.send_stand_ins(rollout.number):
            self._let_go(tx, rollout.number, 1, rollout.approved_by)
            self._note(tx, ITSELF, "sent stand-ins of", rollout.number, {"why": "canaries cannot be reached"})
        elif rollout.wave < rollout.waves:
            self._let_go(tx, rollout.number, rollout.wave + 1, rollout.approved_by)
            self._note(tx, ITSELF, "let go", rollout.number, {"wave": rollout.wave + 1})
        elif not any(each.unreachable for each in standings.values()):
            tx.rollouts.turn(rollout.number, [RolloutState.RUNNING], RolloutState.DONE)
            self._note(tx, ITSELF, "finished", rollout.number)

    def _let_go(self, tx: Transaction, number: int, wave: int, by: str) -> None:
        """All that is held of the waves up to this one: after a pause there may be some of earlier ones.

        Each in its maintenance window, and no more in a second than the city wants.
        """
        now, held = self.clock.now(), tx.rollouts.held(number, wave)
        windows = Calendar() if tx.rollouts.get(number).any_hour else calendar(tx, self.zone)
        starts = sorted(((windows.start(site, now, self.needed), push) for push, site in held), key=_first)
        due, gap, times = now, timedelta(seconds=1 / self.a_second), {}
        for start, push in starts:
            due = max(due, start.at or now + _NEVER)
            why = "" if start.at == now else windows.why_not(start, self.needed)
            times[push] = LetGo(due, start.opens, why)
            due += gap
        tx.rollouts.let_go(number, wave, times, by)

    def _note(self, tx: Transaction, by: str, deed: str, number: int, after: dict[str, Any] | None = None) -> None:
        tx.audit.add(AuditEntry(self.clock.now(), by, deed, "rollout", str(number), after=after))


def _first(each: tuple[Start, int]) -> tuple[bool, datetime, int]:
    """Those that may start at all, the earliest first, then in the order of the plan."""
    start, push = each
    return start.at is None, start.at or _LATEST, push


def _planned(change: Change, wave_of: Mapping[str, int], group_of: Mapping[str, int]) -> PlannedPush:
    name = change.member.access_point
    return PlannedPush(
        name,
        wave_of[name],
        change.intent,
        change.digest,
        change.before,
        hashlib.sha256(change.member.sort.encode()).hexdigest()[:16],
        group_of.get(name),
    )
