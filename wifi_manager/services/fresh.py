"""A value that is costly to make and may be a little old: made at most once in a while, however many ask for it."""

import math
import threading
from collections.abc import Callable
from functools import partial
from typing import Generic, TypeVar

from wifi_manager import waits
from wifi_manager.domain.errors import OutsideFailure

T = TypeVar("T")


class Fresh(Generic[T]):
    """Safe to share between threads. While one of them makes it anew, the others get the last one without waiting."""

    def __init__(self, make: Callable[[T | None], T], seconds: float, timer: Callable[[], float]) -> None:
        """`make` is given the last one; `timer` counts seconds."""
        self._make, self._seconds, self._timer = make, seconds, timer
        self._turn = threading.Lock()
        self._last: tuple[float, T] | None = None

    def get(self) -> T:
        """The value. Raises what making the first one raises; while the database is away the last one stays."""
        last, take = self._last, partial(self._turn.acquire, blocking=False)
        if last is not None and (self._is_fresh(last) or not take()):
            return last[1]
        if last is None:
            waits.patiently(take, math.inf)  # a guest of a loop must not stop the one that makes it
        try:
            return self._renewed()
        finally:
            self._turn.release()

    def _is_fresh(self, last: tuple[float, T]) -> bool:
        return self._timer() - last[0] < self._seconds

    def _renewed(self) -> T:
        last = self._last
        if last is not None and self._is_fresh(last):  # another thread was first
            return last[1]
        try:
            value = self._make(None if last is None else last[1])
        except OutsideFailure:
            if last is None:
                raise
            value = last[1]
        self._last = self._timer(), value
        return value
