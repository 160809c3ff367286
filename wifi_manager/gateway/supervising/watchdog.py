"""Pings systemd for as long as the agent's loops really come round, so that one that hangs is started again.

A restart costs nothing: the kernel goes on enforcing, and the next agent finds every visit in it.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping

from wifi_manager import log
from wifi_manager.gateway.supervising.notifier import Notifier

_LOG = log.get(__name__)


class Progress:
    """When each loop last came round, with success or without. One that hangs in a thread or a lock does not."""

    def __init__(self, allowed_seconds: Mapping[str, float], seconds: Callable[[], float] = time.monotonic) -> None:
        """`allowed_seconds` is how long one round of each loop may take; others that come round are not watched."""
        self._seconds = seconds
        self._allowed = dict(allowed_seconds)
        self._last = dict.fromkeys(allowed_seconds, seconds())

    def came_round(self, task: str) -> None:
        """A loop has begun its next round."""
        self._last[task] = self._seconds()

    def late(self) -> list[str]:
        """Loops that are in one round for longer than they may be."""
        now = self._seconds()
        return [task for task, allowed in self._allowed.items() if now - self._last[task] > allowed]


async def keep_watched(progress: Progress, notifier: Notifier) -> None:
    """Ping at intervals while no loop is late; after that systemd ends and starts this process."""
    if notifier.ping_seconds is None:
        return
    while True:
        if late := progress.late():
            _LOG.error("hangs: %s", ", ".join(late))
        else:
            with contextlib.suppress(OSError):  # systemd itself is being restarted; the next ping finds it again
                notifier.tell("WATCHDOG=1")
        await asyncio.sleep(notifier.ping_seconds)
