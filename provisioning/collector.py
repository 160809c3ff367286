"""Looks at every managed access point once an interval. One that is dead or hangs delays no other.

Two crowds of threads look. The quick ones give each device little time; whoever needs more, or did not answer the
last time, is left to the patient ones, so that hung devices wait among themselves.
"""

import logging
import random
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import timedelta

from prometheus_client import CollectorRegistry

from provisioning.drift_watch import DriftWatch
from provisioning.driver import Looker
from provisioning.link import TooSlow
from provisioning.look_memory import LookMemory
from provisioning.poll_metrics import PollMetrics
from provisioning.poll_schedule import Schedule
from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.domain.access_points import Managed
from wifi_manager.domain.errors import NotFound, WifiError
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.services.change_control import Reach
from wifi_manager.services.collection import Collection

LookerMaker = Callable[[Reach], Looker]

_SPREAD = 0.1  # each poll is up to a tenth of the interval early or late
_TARGETS_SECONDS = 10.0  # how old the list of access points may be
_SILENT = "It does not answer over SSH."


@dataclass
class Collector:
    """Polls in threads. A poll that is still under way is not begun again.

    `make_driver` makes drivers for the quick; without `make_patient` all are patient.
    """

    collection: Collection
    make_driver: LookerMaker
    clock: Clock
    interval: timedelta = timedelta(seconds=60)
    threads: int = 16
    watch: DriftWatch | None = None
    now: Callable[[], float] = time.monotonic
    make_patient: LookerMaker | None = None
    metrics: PollMetrics = field(default_factory=lambda: PollMetrics(CollectorRegistry()))
    _memories: dict[str, LookMemory] = field(default_factory=dict, init=False)
    _found: dict[str, Looked] = field(default_factory=dict, init=False)  # not written yet
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def __post_init__(self) -> None:
        """No access point has been looked at."""
        self._schedule = Schedule(self.interval.total_seconds(), _jitter)

    def run(self, stop: threading.Event, *, tick_seconds: float = 1.0) -> None:
        """Poll until `stop` is set."""
        targets, listed_at = dict[str, Managed](), -_TARGETS_SECONDS
        with (
            ThreadPoolExecutor(self.threads, "quick") as quick,
            ThreadPoolExecutor(self.threads, "patient") as patient,
        ):
            while not stop.is_set():
                if self.now() - listed_at >= _TARGETS_SECONDS:
                    targets, listed_at = dict(self._targets(targets)), self.now()
                self._begin(targets, quick, patient)
                stop.wait(tick_seconds)
                self._write()
            for pool in (quick, patient):
                pool.shutdown(wait=False, cancel_futures=True)
        self._write()

    def poll(self, external_id: str, managed: Managed) -> Observation:
        """One look at one access point, recorded. Whatever keeps us from looking counts as down, with its reason."""
        driver, looked = self._look(self.make_patient or self.make_driver, external_id, managed)
        self.collection.record_many([looked])
        self._look_closer(driver, looked)
        return looked.found

    def _look(
        self, maker: LookerMaker, external_id: str, managed: Managed, *, is_quick: bool = False
    ) -> tuple[Looker | None, Looked]:
        """Raises TooSlow for the quick, and OutsideFailure where it is the database that does not answer."""
        begun, driver = self.now(), None
        memory = self._memory(external_id)
        try:
            reach = self.collection.reach(external_id, managed)
        except NotFound as why:
            return None, Looked(external_id, Observation(at=self.clock.now(), up=False), str(why))
        try:
            driver = maker(reach)
            found = driver.observe(memory)
        except WifiError as why:
            if is_quick and isinstance(why, TooSlow):
                raise
            return driver, Looked(external_id, Observation(at=self.clock.now(), up=False), str(why))
        found = replace(found, readings=replace(found.readings, poll_seconds=round(self.now() - begun, 3)))
        return driver, Looked(external_id, found, "" if found.up else _SILENT)

    def _memory(self, external_id: str) -> LookMemory:
        if external_id not in self._memories:
            self._memories[external_id] = LookMemory(self.collection.last_up(external_id))
        return self._memories[external_id]

    def _look_closer(self, driver: Looker | None, looked: Looked) -> None:
        if driver is None or self.watch is None:
            return
        try:
            self.watch.look(looked.external_id, driver, looked.found)
        except WifiError as why:
            about = {"ap": looked.external_id, "why": str(why)}
            _log().warning("it was not read; the next poll tries again", extra=about)

    def _targets(self, known: Mapping[str, Managed]) -> Mapping[str, Managed]:
        try:
            self.collection.call_silent(self.clock.now())
            targets = self.collection.targets()
        except WifiError:
            _log().warning("the database does not answer; polling goes on with the access points that are known")
            return known
        with self._lock:
            for gone in self._schedule.forget_all_but(targets):
                self._memories.pop(gone, None)
        return targets

    def _begin(self, targets: Mapping[str, Managed], quick: Executor, patient: Executor) -> None:
        with self._lock:
            due = [(each, self._schedule.is_doubtful(each)) for each in self._schedule.take_due(targets, self.now())]
        for external_id, is_doubtful in due:
            self.metrics.queued()
            if is_doubtful or self.make_patient is None:
                patient.submit(self._poll_patiently, external_id, targets[external_id])
            else:
                quick.submit(self._poll_quickly, external_id, targets[external_id], patient)

    def _poll_quickly(self, external_id: str, managed: Managed, patient: Executor) -> None:
        begun = self._begun(external_id)
        try:
            self._note(begun, *self._look(self.make_driver, external_id, managed, is_quick=True))
        except TooSlow:
            self.metrics.queued()
            patient.submit(self._poll_patiently, external_id, managed)
        except Exception as why:  # noqa: BLE001 - the outermost call of a thread: one poll must not end the others
            self._failed(external_id, begun, why)

    def _poll_patiently(self, external_id: str, managed: Managed) -> None:
        begun = self._begun(external_id)
        try:
            self._note(begun, *self._look(self.make_patient or self.make_driver, external_id, managed))
        except Exception as why:  # noqa: BLE001 - as above
            self._failed(external_id, begun, why)

    def _begun(self, external_id: str) -> float:
        self.metrics.begun()
        now = self.now()
        with self._lock:
            self._schedule.begun(external_id, now)
        return now

    def _note(self, begun: float, driver: Looker | None, looked: Looked) -> None:
        seconds = self.now() - begun
        self.metrics.ended(seconds, up=looked.found.up)
        with self._lock:
            self._found[looked.external_id] = looked
        self._look_closer(driver, looked)
        with self._lock:
            self._schedule.done(looked.external_id, self.now(), answered=looked.found.up, seconds=seconds)

    def _failed(self, external_id: str, begun: float, why: Exception) -> None:
        """It says nothing about the access point: the database does not answer, or we are wrong."""
        trace = None if isinstance(why, WifiError) else why
        _log().error("a poll failed", exc_info=trace, extra={"ap": external_id, "why": str(why)})
        with self._lock:
            self._schedule.done(external_id, self.now(), answered=True, seconds=self.now() - begun)

    def _write(self) -> None:
        """What was found since the last time; kept for the next one where the database does not take it."""
        with self._lock:
            found, self._found = self._found, {}
        if not found:
            return
        try:
            self.collection.record_many(list(found.values()))
        except WifiError as why:
            _log().warning("looks were not kept; they are tried again", extra={"count": len(found), "why": str(why)})
            with self._lock:
                self._found = {**found, **self._found}


def _jitter() -> float:
    return random.uniform(1 - _SPREAD, 1 + _SPREAD)  # noqa: S311 - spreads load, guards nothing


def _log() -> logging.Logger:
    return log.get("provisioning.collector")
