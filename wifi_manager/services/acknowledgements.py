"""Waits until gateways enforce what is wanted: one thread watches the database for all citizens who wait.

A citizen who looked for themselves would ask again and again, and a crowd so the more often the longer it waits.
"""

import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from wifi_manager import log

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
    enforced: threading.Event = field(default_factory=threading.Event)


class Acknowledgements:
    """All who wait in this process. Its thread is started by the first of them, so after any fork."""

    def __init__(self, watched: Watched) -> None:
        self._watched = watched
        self._waiters: list[_Waiter] = []
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._somebody_came = False  # whose revision may have been acknowledged before they came
        self._mark: int | None = None

    def wait(self, gateway: str, revision: int, seconds: float) -> bool:
        """Whether the gateway has acknowledged this revision within so many seconds; returns as soon as it has.

        When the time is over the database has the last word. Raises OutsideFailure when it does not answer then.
        """
        waiter = _Waiter(gateway, revision)
        with self._changed:
            self._waiters.append(waiter)
            self._somebody_came = True
            if self._thread is None:
                self._thread = threading.Thread(target=self._watch, name="acknowledgements", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        try:
            if waiter.enforced.wait(seconds):
                return True
        finally:
            with self._changed:
                self._waiters.remove(waiter)
        return self._watched.acknowledged([gateway]).get(gateway, 0) >= revision

    def _watch(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiters)
            try:
                self._look()
            except Exception:  # noqa: BLE001 - outermost loop: if it ended, nobody would be told of a sign-in any more
                _LOG.exception("the acknowledgements cannot be read")
                time.sleep(_PAUSE_SECONDS)
            time.sleep(LOOK_SECONDS)

    def _look(self) -> None:
        with self._changed:
            somebody_came, self._somebody_came = self._somebody_came, False
            gateways = {waiter.gateway for waiter in self._waiters if not waiter.enforced.is_set()}
        mark = self._watched.written_mark()
        if not gateways or (mark is not None and mark == self._mark and not somebody_came):
            return
        self._mark = None  # until it is known what was written: the next look asks again after a failure
        acknowledged = self._watched.acknowledged(gateways)
        self._mark = mark
        with self._changed:
            for waiter in self._waiters:
                if acknowledged.get(waiter.gateway, 0) >= waiter.revision:
                    waiter.enforced.set()
