"""Looks at every managed access point once an interval. One that is dead or hangs delays no other."""

import logging
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import timedelta

from provisioning.drift_watch import DriftWatch
from provisioning.driver import AccessPointDriver
from provisioning.worker import DriverMaker
from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import WifiError
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.services.collection import Collection

_SPREAD = 0.1  # each poll is up to a tenth of the interval early or late, so that polls do not march in step


@dataclass
class Collector:
    """Polls in threads. A poll that is still under way is not begun again."""

    collection: Collection
    make_driver: DriverMaker
    clock: Clock
    interval: timedelta = timedelta(seconds=60)
    threads: int = 16
    watch: DriftWatch | None = None
    now: Callable[[], float] = time.monotonic
    _due: dict[str, float] = field(default_factory=dict)
    _busy: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def run(self, stop: threading.Event, *, tick_seconds: float = 1.0) -> None:
        """Poll until `stop` is set."""
        with ThreadPoolExecutor(self.threads, "poll") as pool:
            while not stop.is_set():
                for external_id, management in self._due_now():
                    pool.submit(self._poll_safely, external_id, management)
                stop.wait(tick_seconds)
            pool.shutdown(wait=False, cancel_futures=True)

    def poll(self, external_id: str, management: Management) -> Observation:
        """One look at one access point, recorded. Whatever keeps us from looking counts as down, with its reason."""
        reason, driver = "", None
        try:
            driver = self._driver(external_id, management)
            found = driver.observe()
        except WifiError as why:
            found, reason = Observation(at=self.clock.now(), up=False), str(why)
        if not found.up and not reason:
            reason = "It does not answer over SSH."
        self.collection.record_many([Looked(external_id, found, reason)])
        if driver is not None and self.watch is not None:
            self._look_closer(self.watch, external_id, driver, found)
        return found

    def _driver(self, external_id: str, management: Management) -> AccessPointDriver:
        return self.make_driver(management, self.collection.reach(external_id, management).private_key)

    def _look_closer(
        self, watch: DriftWatch, external_id: str, driver: AccessPointDriver, found: Observation
    ) -> None:
        try:
            watch.look(external_id, driver, found)
        except WifiError as why:
            _log().warning("it was not read; the next poll tries again", extra={"ap": external_id, "why": str(why)})

    def _due_now(self) -> list[tuple[str, Management]]:
        try:
            targets = self.collection.targets()
        except WifiError:
            _log().warning("the database does not answer; polling goes on when it does")
            return []
        now = self.now()
        with self._lock:
            for gone in self._due.keys() - targets.keys():
                del self._due[gone]
            due = [each for each in targets if self._due.get(each, 0.0) <= now and each not in self._busy]
            for external_id in due:
                self._busy.add(external_id)
                self._due[external_id] = now + self._wait()
        return [(each, targets[each]) for each in due]

    def _wait(self) -> float:
        jitter = random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311 - spreads load, guards nothing
        return self.interval.total_seconds() * jitter

    def _poll_safely(self, external_id: str, management: Management) -> None:
        try:
            self.poll(external_id, management)
        except Exception:  # noqa: BLE001 - the outermost call of a thread: one poll must not end the others
            _log().exception("a poll failed", extra={"ap": external_id})
        finally:
            with self._lock:
                self._busy.discard(external_id)


def _log() -> logging.Logger:
    return log.get("provisioning.collector")
