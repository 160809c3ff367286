"""One push to one access point, as plain values in and an Outcome out. Whoever calls keeps the rows.

    find out where it stands, stage: ARMED (connection 1) → confirm over new connections (2 …) → Outcome

The device's own state is the truth and the push's id is derived from what is wanted, so the process may be killed
anywhere: `push` with the same order goes on where the device stands, and nothing is done twice.
"""

import contextlib
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from provisioning.config_files import ConfigFiles
from provisioning.driver import AccessPointDriver, Answer, Refused, Standing, State
from provisioning.link import Unreachable
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, OutsideFailure
from wifi_manager.domain.outcomes import Outcome, OutcomeKind

RETRY_SECONDS = 0.5
UNDOING_SECONDS = 20.0  # how long after the deadline the device may take to put the old files back and be reachable
_UNDO_SECONDS = range(4, 3601)
UNREADABLE = {"UCI", "HOSTAPD"}  # the device's codes for a file that its own parser does not take


@dataclass(frozen=True, slots=True)
class PushOrder:
    """What is wanted on which access point.

    `device` is its name in the inventory, `revision` names the wanted revision and the attempt: the same two make the
    same push, whose end is then only looked up. A new attempt, also one that repairs drift, needs a new revision.
    """

    device: str
    revision: str
    config: ConfigFiles
    undo_after: timedelta = timedelta(seconds=90)

    def __post_init__(self) -> None:
        """Refuse an undo time that cannot work: the switch alone takes 3 seconds."""
        if int(self.undo_after.total_seconds()) not in _UNDO_SECONDS:
            raise BadInput("The undo time must be 4 seconds to one hour; 90 seconds suit most access points.")

    @property
    def push_id(self) -> str:
        """What the device knows this push by."""
        return hashlib.sha256(f"{self.device}\0{self.revision}".encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Pace:
    """The clock that a push waits by, in seconds."""

    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


def push(order: PushOrder, old: AccessPointDriver, new: AccessPointDriver, pace: Pace | None = None) -> Outcome:
    """Push `order` and wait for its end: at most the undo time and some seconds.

    `old` speaks to the address that the access point has now, `new` to the one that the order gives it: the same
    driver where it stays. Raises only where nothing was sent: what `outcomes.outcome_of` can name.
    """
    pace = pace or Pace()
    return _begun(order, old, new) or _confirmed(order, new, pace) or _looked_up(order, (old, new), pace)


@dataclass(slots=True)
class _Start:
    """Decides whether a push is sent; `end` says why not. Once it `sends`, the device alone knows."""

    push_id: str
    end: Outcome | None = None
    sends: bool = False

    def __call__(self, standing: Standing, *, runs: bool) -> bool:
        self.end = _end_of(standing, self.push_id)
        is_open = self.end is None and not _is_pending(standing, self.push_id)
        if is_open and runs:
            self.end = Outcome(OutcomeKind.NOCHANGE)
        self.sends = is_open and not runs
        return self.sends


def _begun(order: PushOrder, old: AccessPointDriver, new: AccessPointDriver) -> Outcome | None:
    """How it ended at once. None: the device has it, or may have it, and may be at its new address already."""
    start = _Start(order.push_id)
    try:
        return _sent(order, old, start)
    except Unreachable:
        if new is old:
            raise
        with contextlib.suppress(Unreachable):
            standing, change = new.stage(order.config)
            start(standing, runs=change.is_empty)
            return start.end
        raise  # what is wrong where it should be says more than that nobody is where it shall be


def _is_pending(standing: Standing, push_id: str) -> bool:
    return (standing.state, standing.push_id) == (State.PENDING, push_id)


def _end_of(standing: Standing, push_id: str) -> Outcome | None:
    """How this push ended, if the device says so."""
    if standing.push_id != push_id:
        return None
    match standing.state:
        case State.COMMITTED:
            return Outcome(OutcomeKind.COMMITTED)
        case State.ROLLEDBACK:
            return Outcome(OutcomeKind.UNDONE, standing.reason)
        case _:
            return None


def _sent(order: PushOrder, driver: AccessPointDriver, start: _Start) -> Outcome | None:
    """Send it. None: the device's timer is armed, or the answer was lost and the device must be asked."""
    try:
        answer = driver.send(order.config, order.push_id, undo_after=order.undo_after, goes_on=start)
    except (Refused, OutsideFailure) as why:
        if not start.sends:
            raise
        return _refused(why) if isinstance(why, Refused) else None
    if answer is None:
        return start.end
    return None if answer is Answer.ARMED else Outcome(OutcomeKind(answer.lower()))


def _refused(why: Refused) -> Outcome:
    kind = OutcomeKind.TEMPLATE_ERROR if why.code in UNREADABLE else OutcomeKind.REFUSED
    return Outcome(kind, f"{why.code} {why.detail}".strip())


def _confirmed(order: PushOrder, driver: AccessPointDriver, pace: Pace) -> Outcome | None:
    """Confirm until the device says how it ended; None when it is too late for that."""
    deadline = pace.now() + order.undo_after.total_seconds()
    pace.sleep(driver.switch_seconds)
    while pace.now() < deadline:
        try:
            standing = driver.confirm(order.push_id)
        except (OutsideFailure, Conflict, Forbidden):
            # Not there yet, somebody else at that address, or changed by hand meanwhile: without a confirmation
            # the device undoes the change, and says so when it is looked up.
            standing = Standing(State.PENDING, order.push_id)
        if not _is_pending(standing, order.push_id):
            return _end_of(standing, order.push_id) or Outcome(OutcomeKind.REFUSED, "NOTSTAGED")
        pace.sleep(RETRY_SECONDS)
    return None


def _looked_up(order: PushOrder, drivers: tuple[AccessPointDriver, ...], pace: Pace) -> Outcome:
    """After the deadline: the device has put the old configuration back, or will have in a moment."""
    deadline = pace.now() + UNDOING_SECONDS
    while pace.now() < deadline:
        for driver in drivers:
            try:
                standing = driver.standing()
            except (OutsideFailure, Conflict, Forbidden):
                continue
            if not _is_pending(standing, order.push_id):
                return _end_of(standing, order.push_id) or Outcome(OutcomeKind.REFUSED, "NOTSTAGED")
        pace.sleep(RETRY_SECONDS)
    return Outcome(OutcomeKind.UNKNOWN)
