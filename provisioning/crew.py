"""One worker with many hands: it claims pushes one after the other and carries them out side by side.

A push mostly waits, for its access point switches for seconds before it may be confirmed: so each waits in a thread
of its own, and one thread alone asks the database for more.
"""

import itertools
import logging
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

from provisioning.worker import Worker
from wifi_manager import log
from wifi_manager.domain.pushes import Push


@dataclass(frozen=True, slots=True)
class Crew:
    """`parallel` pushes at the same time; no more than `a_second` begin in one second, whatever they belong to."""

    worker: Worker
    parallel: int
    a_second: float

    def run(self, stop: threading.Event, *, idle_seconds: float = 1.0) -> None:
        """Work until `stop` is set; then what was begun is brought to its end."""
        free = threading.Semaphore(self.parallel)
        with ThreadPoolExecutor(self.parallel, "push") as pool:
            for number in itertools.count(1):
                while not free.acquire(timeout=idle_seconds):
                    if stop.is_set():
                        return
                if stop.is_set():
                    return
                # A name for each claim: should we take over a push of our own, its first hand must write no more.
                hand = replace(self.worker, name=f"{self.worker.name}:{number}")
                if claimed := _claimed(hand):
                    pool.submit(_carry_out, hand, claimed, free)
                    stop.wait(1 / self.a_second)
                else:
                    free.release()
                    stop.wait(idle_seconds)


def _claimed(hand: Worker) -> Push | None:
    try:
        return hand.claim()
    except Exception:  # noqa: BLE001 - the outermost loop: whatever failed, the next push must still be taken
        _log().exception("no push was claimed")
        return None


def _carry_out(hand: Worker, claimed: Push, free: threading.Semaphore) -> None:
    try:
        hand.carry_out(claimed)
    except Exception:  # noqa: BLE001 - the outermost call of a thread
        # The push stays claimed and is taken over when our silence is long enough: no outcome is invented.
        _log().exception("a push was left to be taken over", extra={"push": claimed.number})
    finally:
        free.release()


def _log() -> logging.Logger:
    return log.get("provisioning.worker")
