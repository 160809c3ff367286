"""Rollout: one change of many access points, in waves, that stops by itself when it does harm.

First one of each sort goes, alone; then a few, then more, and never two of one site in a wave: whoever stands there
finds another one. What cannot be reached is neither a success nor a failure: it stays queued and holds nobody up.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from wifi_manager.domain.pushes import PushState

_FEW = 5
_SHARES = (0.01, 0.1)  # of all, in the waves before the last ones
_TOLERATED_SHARE = 0.02
_HARM = (PushState.UNDONE, PushState.REFUSED)
_TRIED_AGAIN = "It is tried again by itself. Look at its power and its cable where that lasts."
_OPEN = (PushState.APPROVED, PushState.RUNNING)


class RolloutState(StrEnum):
    """Where a rollout stands. The last two are its ends; an undo is a rollout of its own."""

    PLANNING = "planning"  # asked for; a worker makes its plan
    PROPOSED = "proposed"  # waits for approval
    RUNNING = "running"
    PAUSED = "paused"  # by an operator
    HALTED = "halted"  # by itself: too many of a wave came to harm
    DONE = "done"
    ABORTED = "aborted"


@dataclass(frozen=True, slots=True)
class Member:
    """An access point of a rollout. `sort` tells apart what may behave differently: model, firmware, the change."""

    access_point: str
    site: tuple[str, str]
    sort: str = ""


@dataclass(frozen=True, slots=True)
class Rollout:
    """One rollout. `wave` is the newest one that was let go, 0 before the first; `soak` is the wait between waves."""

    number: int
    reason: str
    state: RolloutState
    waves: int
    wave: int
    soak: timedelta
    proposed_by: str
    proposed_at: datetime
    approved_by: str = ""
    note: str = ""  # why it was halted or came to nothing
    undoes: int | None = None  # the rollout that this one takes back
    any_hour: str = ""  # why maintenance windows do not hold for it; empty: they do
    score: int = 0  # see domain/risk.py

    @property
    def may_be_stopped(self) -> bool:
        """True where there is something left to stop."""
        return self.state not in {RolloutState.DONE, RolloutState.ABORTED}

    @property
    def is_stopped(self) -> bool:
        """True where it waits for somebody to let it go on."""
        return self.state in {RolloutState.PAUSED, RolloutState.HALTED}


@dataclass(frozen=True, slots=True)
class ShownGroup:
    """Access points of a plan that change alike. `diff` is the unified diff of the first of them, keys masked."""

    diff: str
    touched: tuple[str, ...]  # see domain/risk.py, the worst first
    score: int
    access_points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """What people see of a plan. `wrong` are access points that it leaves out, by what is wrong with their intent."""

    groups: tuple[ShownGroup, ...] = ()
    score: int = 0
    reasons: tuple[str, ...] = ()
    unchanged: int = 0
    wrong: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MemberStanding:
    """How one access point of a rollout stands. `opens`: it waits for its maintenance window, until then."""

    access_point: str
    site: tuple[str, str]
    wave: int
    push: int
    state: PushState
    reason: str
    attempts: int
    opens: datetime | None = None
    ended_at: datetime | None = None

    @property
    def needs_somebody(self) -> bool:
        """True where it is not as it was wanted and not simply waiting for its turn."""
        return self.state in _HARM or (self.state is PushState.APPROVED and self.attempts > 0)

    @property
    def next_step(self) -> str:
        """What to do about it beside what the reason says (see domain/outcomes.py); empty where there is nothing."""
        return _TRIED_AGAIN if self.state is PushState.APPROVED and self.attempts > 0 else ""


@dataclass(frozen=True, slots=True)
class WaveStanding:
    """How many pushes of a wave are in each state. `unreachable` of those that are open were tried in vain."""

    counts: Mapping[PushState, int]
    unreachable: int = 0
    waiting: int = 0  # of those that are open, for their maintenance window
    last_end: datetime | None = None

    @property
    def size(self) -> int:
        """All of them."""
        return sum(self.counts.values())

    @property
    def harmed(self) -> int:
        """Those that went back by themselves or would not take it."""
        return sum(self.counts.get(state, 0) for state in _HARM)

    @property
    def awaited(self) -> int:
        """Those whose outcome the next wave waits for."""
        return sum(self.counts.get(state, 0) for state in _OPEN) - self.unreachable


def waves(members: Sequence[Member]) -> tuple[tuple[str, ...], ...]:
    """Their external ids, wave by wave, in the given order; no wave has two of one site."""
    left = list(members)
    made = [_take(left, len(left), one_of_each_sort=True)]
    sizes = (_FEW, *(max(math.ceil(len(members) * share), _FEW) for share in _SHARES))
    made.extend(_take(left, size) for size in sizes)
    while left:
        made.append(_take(left, len(left)))
    return tuple(tuple(each.access_point for each in wave) for wave in made if wave)


def harm(wave: int, standing: WaveStanding) -> str | None:
    """Why a rollout must halt, or None. The first wave tolerates no harm, later ones one device or 2 % of theirs."""
    tolerated = 0 if wave == 1 else max(1, math.floor(standing.size * _TOLERATED_SHARE))
    if standing.harmed <= tolerated:
        return None
    return f"wave {wave}: {standing.harmed} of {standing.size} came to harm, {tolerated} are tolerated"


def may_go_on(standing: WaveStanding, soak: timedelta, now: datetime) -> bool:
    """Whether the next wave may begin: nothing is awaited, and the last outcome has stood for the whole soak."""
    return standing.awaited <= 0 and (standing.last_end is None or now - standing.last_end >= soak)


def _take(left: list[Member], size: int, *, one_of_each_sort: bool = False) -> list[Member]:
    """Take so many out of what is left."""
    sites: set[tuple[str, str]] = set()
    sorts: set[str] = set()
    taken: list[Member] = []
    for each in left:
        if len(taken) == size:
            break
        if each.site in sites or (one_of_each_sort and each.sort in sorts):
            continue
        sites.add(each.site)
        sorts.add(each.sort)
        taken.append(each)
    gone = set(map(_key, taken))
    left[:] = (each for each in left if _key(each) not in gone)
    return taken


def _key(member: Member) -> str:
    return member.access_point


def undo_order(done: Iterable[tuple[int, str]]) -> list[str]:
    """Access points by the wave that changed them, the last wave first: what was found safe goes back last."""
    return [access_point for _, access_point in sorted(done, key=lambda each: -each[0])]
