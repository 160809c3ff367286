"""Waiting that suits whoever waits: a thread of its own, or one of many requests that share an event loop.

The house is written for threads. A worker that answers a crowd in one loop (web/loop_host.py) runs each request as a
guest of the loop, in a greenlet: what waits by this module lets the others go on meanwhile, as SQLAlchemy's asyncio
extension does it. Whatever else takes long would stop all of them, and belongs into a thread.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any, TypeVar
from weakref import WeakKeyDictionary, WeakSet

from greenlet import getcurrent, greenlet

_FIRST_PAUSE_SECONDS = 0.0001
_LONGEST_PAUSE_SECONDS = 0.05
_Found = TypeVar("_Found")


class _Guest(greenlet):
    """Synchronous code in a loop."""


async def as_guest(call: Callable[[], _Found]) -> _Found:
    """Run synchronous code in the running loop, and raise what it raises. It may wait by this module's functions."""
    guest = _Guest(call)
    handed: Any = guest.switch()
    while not guest.dead:
        try:
            found = await handed
        except BaseException as problem:  # noqa: BLE001 - whoever waited is to be told, cancelled ones too
            handed = guest.throw(problem)
        else:
            handed = guest.switch(found)
    found_at_last: _Found = handed
    return found_at_last


def is_guest() -> bool:
    """Whether the caller shares a loop with others."""
    return isinstance(getcurrent(), _Guest)


def pause(seconds: float) -> None:
    """Sleep, and let all others go on."""
    if is_guest():
        until(asyncio.sleep(seconds))
    else:
        time.sleep(seconds)


def patiently(attempt: Callable[[], bool], seconds: float) -> bool:
    """Try again until it succeeds, after pauses of 0.1 to 50 ms; False if it has not in so many seconds."""
    until, pace = time.monotonic() + seconds, _FIRST_PAUSE_SECONDS
    while not attempt():
        if time.monotonic() >= until:
            return False
        pause(pace)
        pace = min(2 * pace, _LONGEST_PAUSE_SECONDS)
    return True


class _LoopEvent:
    """A threading.Event for a guest."""

    def __init__(self) -> None:
        self._loop, self._event = asyncio.get_running_loop(), asyncio.Event()

    def is_set(self) -> bool:
        return self._event.is_set()

    def set(self) -> None:
        self._loop.call_soon_threadsafe(self._event.set)

    def wait(self, timeout: float) -> bool:
        try:
            return bool(until(asyncio.wait_for(self._event.wait(), timeout)))
        except TimeoutError:
            return False


Event = threading.Event | _LoopEvent


def event() -> Event:
    """What the caller can wait for and any thread can set, which a guest learns soon, not at once."""
    return _LoopEvent() if is_guest() else threading.Event()


def beside(call: Callable[[], None], name: str) -> object:
    """Begin something that goes on beside the caller: in a thread, or as another guest of a guest's loop.

    Keep what is returned for as long as it is to go on.
    """
    if is_guest():
        return asyncio.get_running_loop().create_task(as_guest(call), name=name)
    thread = threading.Thread(target=call, name=name, daemon=True)
    thread.start()
    return thread


def until(awaitable: Awaitable[_Found]) -> _Found:
    """What the loop finds when it has waited for it in a guest's place. Raises what it raises."""
    host: Any = getcurrent().parent
    found: _Found = host.switch(awaitable)
    return found


def in_a_thread(call: Callable[[], _Found]) -> _Found:
    """Do what takes long without this module: a guest has a thread do it. Raises what it raises."""
    return until(asyncio.to_thread(call)) if is_guest() else call()


class Places:
    """At most so many guests of a loop at a time, in the order they came. Threads pass: their number is bounded."""

    def __init__(self, count: int) -> None:
        self._count = count
        self._free: MutableMapping[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()
        self._guests = WeakSet[greenlet]()

    @contextmanager
    def one(self) -> Iterator[None]:
        """A place; who has one already needs no other."""
        guest = getcurrent()
        if not is_guest() or guest in self._guests:
            yield
            return
        free = self._free.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(self._count))
        until(free.acquire())
        self._guests.add(guest)
        try:
            yield
        finally:
            self._guests.remove(guest)
            free.release()
