"""Waits until gateways enforce what is wanted: one looks into the database for all citizens who wait.

A citizen who looked for themselves would ask again and again, and a crowd so the more often the longer it waits.
"""

import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wifi_manager import log, waits

LOOK_SECONDS = 0.01  # half of it is what watching adds to a sign-in on average
_PAUSE_SECONDS = 0.5  # after the database failed
_LOG = log.get(__name__)


class Watched(Protocol):
    """What is asked: a mark that changes with anything that is written, if there is one; what is acknowledged."""

    def written_mark(self) -> int | None: ...

    def acknowledged(self, gateways: Collection[str]) -> Mapping[str, int]: ...


@dataclass(slots=True, eq=False)
class _Waiter:
    gateway: str
    revision: int
    enforced: waits.Event = field(default_factory=waits.event)


class Acknowledgements:
    """All who wait in this process: the first of them begins the watch, which ends when nobody waits."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._waiters: list[_Waiter] = []
        self._lock = threading.Lock()  # held for moments, so that no guest of a loop waits for it
        self._watch: object | None = None
        self._somebody_came = False  # whose revision may have been acknowledged before they came
        self._mark: int | None = None

    def wait(self, gateway: str, revision: int, seconds: float) -> bool:
        """Whether the gateway has acknowledged this revision within so many seconds; returns as soon as it has.

        When the time is over the database has the last word. Raises OutsideFailure when it does not answer then.
        """
        waiter = _Waiter(gateway, revision)
        with self._lock:
            self._waiters.append(waiter)
            self._somebody_came = True
            if self._watch is None:
                self._watch = waits.beside(self._look_again_and_again, "acknowledgements")
        try:
            if waiter.enforced.wait(seconds):
                return True
        finally:
            with self._lock:
                self._waiters.remove(waiter)
        return self._watched.acknowledged([gateway]).get(gateway, 0) >= revision

    def _look_again_and_again(self) -> None:
        while self._is_waited_for():
            waits.pause(LOOK_SECONDS)
            try:
                self._look()
            except Exception:  # noqa: BLE001 - outermost loop: if it ended, nobody would be told of a sign-in any more
                _LOG.exception("the acknowledgements cannot be read")
                waits.pause(_PAUSE_SECONDS)

    def _is_waited_for(self) -> bool:
        with self._lock:
            if not self._waiters:
                self._watch = None
            return bool(self._waiters)

    def _look(self) -> None:
        with self._lock:
            somebody_came, self._somebody_came = self._somebody_came, False
            gateways = {waiter.gateway for waiter in self._waiters if not waiter.enforced.is_set()}
        if not gateways:  # who waited has left meanwhile, and may have taken the database along
            return
        mark = self._watched.written_mark()
        if mark is not None and mark == self._mark and not somebody_came:
            return
        self._mark = None  # until it is known what was written: the next look asks again after a failure
        acknowledged = self._watched.acknowledged(gateways)
        self._mark = mark
        with self._lock:
            for waiter in self._waiters:
                if acknowledged.get(waiter.gateway, 0) >= waiter.revision:
                    waiter.enforced.set()
