"""A value that is costly to make and may be a little old: made at most once in a while, however many ask for it."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

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
        last = self._last
        if last is not None and (self._is_fresh(last) or not self._turn.acquire(blocking=False)):
            return last[1]
        if last is not None:
            try:
                return self._renewed()
            finally:
                self._turn.release()
        with self._turn:
            return self._renewed()

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
