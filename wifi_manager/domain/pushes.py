"""Push: one approved change of one access point's configuration, from proposal to outcome."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PushState(StrEnum):
    """Where a push stands. The last five are outcomes: nothing changes after them."""

    PROPOSED = "proposed"  # waits for an operator's approval
    HELD = "held"  # waits for the turn of its wave in a rollout
    APPROVED = "approved"  # waits for a worker
    RUNNING = "running"  # a worker has it; when its heart-beat stops, another takes over
    COMMITTED = "committed"  # the device runs it and was reached on it
    UNCHANGED = "unchanged"  # the device ran it already
    UNDONE = "undone"  # the device went back to what it had before
    REFUSED = "refused"  # the device or we would not even try; nothing was changed
    CANCELLED = "cancelled"  # an operator took it back in time


OUTCOMES = frozenset(
    {PushState.COMMITTED, PushState.UNCHANGED, PushState.UNDONE, PushState.REFUSED, PushState.CANCELLED}
)


@dataclass(frozen=True, slots=True)
class Push:
    """One change of one access point.

    `intent` is the wanted configuration as text (see domain/intent.py); it may hold passphrases, so it lies sealed in
    the database and appears in no log. `digest` is the SHA-256 of what it renders to, as the device will report it.
    """

    number: int
    access_point: str  # external id
    intent: str
    digest: str
    state: PushState
    proposed_by: str
    proposed_at: datetime
    approved_by: str = ""
    reason: str = ""
    ended_at: datetime | None = None
    attempts: int = 0
