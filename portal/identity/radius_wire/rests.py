"""Servers that did not answer are left alone for a while, so that citizens are told at once."""

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from dataclasses import dataclass, field
from typing import TypeAlias

REST_SECONDS = 10.0
Address: TypeAlias = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Rests:
    """By server and realm: a server may be silent because one realm's own server behind it is.

    So nobody can put a server to rest for others by typing names of a realm that does not answer.
    """

    timer: Callable[[], float] = time.monotonic
    _ends: MutableMapping[tuple[Address, str], float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def awake(self, servers: Iterable[Address], realm: str) -> Iterator[Address]:
        """Those to be asked, in turn."""
        for each in servers:
            if self._ends.get((each, realm), 0.0) <= self.timer():
                yield each

    def begin(self, server: Address, realm: str) -> None:
        """It was silent just now."""
        with self._lock:
            for over in _over(self._ends, self.timer()):
                del self._ends[over]
            self._ends[server, realm] = self.timer() + REST_SECONDS


def _over(ends: Mapping[tuple[Address, str], float], now: float) -> list[tuple[Address, str]]:
    return [each for each, end in ends.items() if end <= now]
