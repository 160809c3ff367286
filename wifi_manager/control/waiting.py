"""The long poll: many gateways wait, one thread watches the database for all of them.

Each waiting gateway holds a thread of the server that sleeps until its own revision changes: nobody else is woken.
docs/decisions/long_polls.md has the measurements behind this.
"""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wifi_manager import log
from wifi_manager.domain.errors import Conflict, OutsideFailure

WATCH_SECONDS = 0.02  # half of it is what watching adds to a sign-in on average
_PAUSE_SECONDS = 1.0  # after the database failed
_LOG = log.get(__name__)


@dataclass(slots=True, eq=False)
class _Waiter:
    """One gateway's poll. `seen_at` is when its new revision was seen, in seconds of the monotonic clock."""

    after: int
    woken: threading.Event = field(default_factory=threading.Event)
    seen_at: float | None = None
    is_replaced: bool = False


class Revisions(Protocol):
    """What is watched: a mark that is another one after any change, and each gateway's revision."""

    def revision_mark(self) -> int: ...

    def revisions(self) -> Mapping[str, int]: ...


class Waiting:
    """All polls that wait in this process. Its thread is started by the first of them, so after any fork."""

    def __init__(self, watched: Revisions, limit: int) -> None:
        """At most `limit` gateways may wait at a time."""
        self._watched = watched
        self._limit = limit
        self._waiters: dict[str, _Waiter] = {}
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._mark: int | None = None
        self._somebody_came = False  # whose revision may have changed between its own look and its coming here
        self._is_closed = False

    def __len__(self) -> int:
        """How many gateways wait now."""
        return len(self._waiters)

    def until_changed(self, gateway: str, after: int, seconds: float) -> float | None:
        """Wait until the gateway's revision is another than `after`, at most so many seconds.

        Another, not only a greater one: a database restored from a backup counts on from an older revision.
        Returns when the change was seen, in seconds of the monotonic clock; None when the time was over.
        Raises Conflict when a newer poll of the same gateway took its place, OutsideFailure when too many wait.
        """
        waiter = _Waiter(after)
        if not self._enter(gateway, waiter):
            return None
        try:
            waiter.woken.wait(seconds)
        finally:
            self._leave(gateway, waiter)
        if waiter.is_replaced:
            raise Conflict("A newer poll of this gateway took the place of this one. Does its agent run twice?")
        return waiter.seen_at

    def close(self) -> None:
        """Send everybody home with what is wanted now, and let nobody wait any more: the process ends."""
        with self._changed:
            self._is_closed = True
            for waiter in self._waiters.values():
                waiter.woken.set()
            self._changed.notify_all()

    def _enter(self, gateway: str, waiter: _Waiter) -> bool:
        with self._changed:
            if self._is_closed:
                return False
            older = self._waiters.get(gateway)
            if older is None and len(self._waiters) >= self._limit:
                raise OutsideFailure("Too many gateways wait at this control already. Start another one beside it.")
            if older is not None:
                older.is_replaced = True
                older.woken.set()
            self._waiters[gateway] = waiter
            self._somebody_came = True
            self._start()
            self._changed.notify_all()
        return True

    def _leave(self, gateway: str, waiter: _Waiter) -> None:
        with self._changed:
            if self._waiters.get(gateway) is waiter:
                del self._waiters[gateway]

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._watch, name="revisions", daemon=True)
            self._thread.start()

    def _watch(self) -> None:
        while self._somebody_waits():
            try:
                self._look()
            except Exception:  # noqa: BLE001 - outermost loop: if it ended, no gateway would hear of a sign-in at once
                _LOG.exception("the revisions cannot be read")
                time.sleep(_PAUSE_SECONDS)
            time.sleep(WATCH_SECONDS)

    def _somebody_waits(self) -> bool:
        """Sleeps while nobody waits. False once closed."""
        with self._changed:
            self._changed.wait_for(lambda: self._is_closed or self._waiters)
            return not self._is_closed

    def _look(self) -> None:
        """Ask for all revisions only where the cheap mark has changed, or for a newcomer."""
        with self._changed:
            somebody_came, self._somebody_came = self._somebody_came, False
        mark = self._watched.revision_mark()
        if somebody_came or mark != self._mark:
            self._mark = None  # until the revisions are known: the next look asks again after a failure
            self._wake(self._watched.revisions())
            self._mark = mark

    def _wake(self, revisions: Mapping[str, int]) -> None:
        seen_at = time.monotonic()
        with self._changed:
            for gateway, waiter in self._waiters.items():
                if waiter.seen_at is None and revisions.get(gateway, waiter.after) != waiter.after:
                    waiter.seen_at = seen_at
                    waiter.woken.set()
