"""The agent: makes the kernel enforce what control grants, and tells control what has passed.

The kernel enforces without it: rules drop by default and every grant ends by itself. An agent that dies loses nothing
and opens nothing; the next one finds all grants in the kernel, or after a reboot on the disk.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Container
from datetime import datetime
from typing import Protocol

from wifi_manager import log
from wifi_manager.domain.errors import OutsideFailure, WifiError
from wifi_manager.gateway.city_time import MachineTime, Moment, city_now
from wifi_manager.gateway.last_known import LastKnown
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.passing.kernel import Kernel
from wifi_manager.gateway.passing.reconcile import Plan
from wifi_manager.gateway.passing.usage import Ledger
from wifi_manager.gateway.state import StateFolder
from wifi_manager.wire.grants import GrantChanges, GrantList
from wifi_manager.wire.reports import Report

_LOG = log.get(__name__)
_WAIT_SECONDS = 25
_LEAST_SECONDS = 1.0
_REPORT_SECONDS = 15.0
_RECONCILE_SECONDS = 60.0
_SAVE_SECONDS = 0.5  # at the least between two writes of the disk
_LONGEST_PAUSE_SECONDS = 5.0  # after an outage of control citizens wait no longer than this
_USAGES_A_REPORT = 2000


class Control(Protocol):
    """What the agent asks of control."""

    async def grants(self, after: int, wait_seconds: int) -> GrantList | GrantChanges: ...

    async def report(self, report: Report) -> None: ...


class Agent:
    """One gateway's agent. `restore` comes first; then the loops run side by side until they are cancelled."""

    def __init__(
        self,
        kernel: Kernel,
        control: Control,
        state: StateFolder,
        machine_time: MachineTime,
        metrics: GatewayMetrics,
        *,
        changed: Callable[[Plan], None],
    ) -> None:
        """`changed` is told each change of the kernel after it was made."""
        self._kernel = kernel
        self._control = control
        self._state = state
        self._time = machine_time
        self._metrics = metrics
        self._changed = changed
        self._known: LastKnown | None = None
        self._heard = False  # since this start
        self._owes_acknowledgement = False
        self._ledger = Ledger()
        self._changing = asyncio.Lock()
        self._unsaved = asyncio.Event()
        self._news: list[tuple[GrantChanges, Moment]] = []  # that are not on the disk
        self._list_is_unsaved = True
        metrics.watch_grants(lambda: kernel.count(self._city_now()))

    async def restore(self, *, kernel_is_filled: bool) -> None:
        """Before control is heard: a kernel with grants is newer than the disk; an empty one is filled."""
        try:
            self._known = self._state.last_known()
        except WifiError as damaged:
            _LOG.warning("last known grants are not used", extra={"problem": str(damaged)})
        if self._known is None:
            return
        self._ledger = Ledger(self._known.usage)
        self._metrics.revision.set(self._known.revision)
        if not kernel_is_filled:
            await self._enforce(self._known.answer, self._city_now(), everything=True)
        _LOG.info("restored", extra={"revision": self._known.revision, "from_kernel": kernel_is_filled})

    async def refill(self) -> None:
        """Put what is known into a kernel that has lost it: the table was removed while this agent ran."""
        if self._known is not None:
            async with self._changing:
                await self._enforce(self._known.answer, self._city_now(), everything=True)

    async def follow_control(self) -> None:
        """Long poll: apply each answer and acknowledge it."""
        await self._forever("control", self._follow_once, every_seconds=0.0)

    async def report_usage(self) -> None:
        """Tell control at intervals what has passed."""
        await self._forever("report", self._report_once, every_seconds=_REPORT_SECONDS)

    async def keep_reconciled(self) -> None:
        """Compare all of the kernel with the last answer at intervals."""
        await self._forever("reconcile", self._reconcile_once, every_seconds=_RECONCILE_SECONDS)

    async def keep_saved(self) -> None:
        """Keep what is known on the disk: beside the acknowledgement and not before it, for a citizen waits for that.

        A power cut in between brings back the grants of a moment before, until control is heard again.
        """
        await self._forever("disk", self._save_once, every_seconds=_SAVE_SECONDS)

    async def _follow_once(self) -> None:
        if self._owes_acknowledgement and self._known is not None:
            await self._acknowledge(self._known.revision)
        asked = time.monotonic()
        after, wait = (self._known.revision, _WAIT_SECONDS) if self._known and self._heard else (0, 0)
        try:
            answer = await self._control.grants(after, wait)
        except WifiError:
            self._metrics.control_reachable.set(0)
            raise
        at_hand = time.perf_counter()
        is_news = not self._heard or self._known is None or answer.revision != self._known.revision
        async with self._changing:
            changes = await self._take(answer)
            self._metrics.apply_seconds.observe(time.perf_counter() - at_hand)
            self._heard = True
        self._metrics.heard_from_control()
        self._metrics.revision.set(answer.revision)
        if is_news:
            self._unsaved.set()
            self._owes_acknowledgement = True
            _log_change(answer, changes)
            await self._acknowledge(answer.revision)
        elif time.monotonic() - asked < _LEAST_SECONDS:
            await asyncio.sleep(_LEAST_SECONDS)  # a control that does not wait must not be asked in a circle

    async def _acknowledge(self, revision: int) -> None:
        """At once: a citizen's browser waits for it. With it goes what ended visits have used."""
        usage = self._ledger.unreported(_USAGES_A_REPORT)
        await self._control.report(Report(revision, usage))
        self._owes_acknowledgement = False
        self._ledger.confirm(usage, self._alive)

    async def _report_once(self) -> None:
        self._ledger.count(await asyncio.to_thread(self._kernel.usage))
        usage = self._ledger.unreported()
        for start in range(0, max(len(usage), 1), _USAGES_A_REPORT):
            part = usage[start : start + _USAGES_A_REPORT]
            if self._known is not None:
                await self._control.report(Report(self._known.revision, part))
                self._ledger.confirm(part, self._alive)
        self._ledger.forget(self._alive)

    async def _reconcile_once(self) -> None:
        if not self._heard or self._known is None:
            return  # the kernel may be newer than the disk: only control may end what it holds
        used = self._ledger.by_visit
        changes = self._made(await asyncio.to_thread(self._kernel.heal, self._city_now(), used))  # beside sign-ins
        self._known.usage, self._list_is_unsaved = self._ledger.all(), True
        if not changes.is_empty:
            _LOG.warning("kernel differed", extra={"ended": len(changes.end), "begun": len(changes.begin)})
        self._unsaved.set()

    async def _save_once(self) -> None:
        await self._unsaved.wait()
        self._unsaved.clear()
        if self._known is None:
            return
        news, self._news = self._news, []
        is_list, self._list_is_unsaved = self._list_is_unsaved, False
        try:
            if is_list:  # as it is now: it goes on changing while it is written
                as_it_is = LastKnown(self._known.answer, self._known.received, self._known.usage)
                await asyncio.to_thread(self._state.save_last_known, as_it_is)
            else:
                await asyncio.to_thread(self._state.add_news, news)
        except WifiError:
            self._list_is_unsaved = True
            raise

    async def _enforce(self, answer: GrantList, now: datetime, *, everything: bool) -> Plan:
        kernel = self._kernel
        await asyncio.to_thread(kernel.block, answer.blocked, now)
        work = kernel.reconcile if everything else kernel.enforce
        return self._made(await asyncio.to_thread(work, answer.grants, now, self._ledger.by_visit))

    def _made(self, changes: Plan) -> Plan:
        self._ledger.count(passage.usage for passage in changes.end)
        self._changed(changes)
        return changes

    async def _forever(self, task: str, once: Callable[[], Awaitable[None]], every_seconds: float) -> None:
        """Do it again and again; after a problem wait longer each time, with some chance so that gateways spread."""
        pause = 1.0
        while True:
            try:
                await once()
            except WifiError as problem:
                self._metrics.failed(task)
                _LOG.warning("%s failed", task, extra={"problem": str(problem)})
                await asyncio.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - spreading load needs no secrecy
                pause = min(pause * 2, _LONGEST_PAUSE_SECONDS)
            else:
                pause = 1.0
                await asyncio.sleep(every_seconds)

    async def _take(self, answer: GrantList | GrantChanges) -> Plan:
        """Know and enforce control's answer. After a failure control is asked for everything."""
        received = self._time.moment()
        if isinstance(answer, GrantList):
            changes = await self._enforce(answer, answer.now, everything=not self._heard)
            self._known = LastKnown(answer, received, self._ledger.all())
            self._list_is_unsaved = True
            return changes
        try:
            return await self._take_news(answer, received)
        except WifiError:
            self._heard = False
            raise

    async def _take_news(self, news: GrantChanges, received: Moment) -> Plan:
        known = self._known
        if known is None or known.revision != news.base:
            raise OutsideFailure("Control told changes since a revision that this gateway does not have.")
        numbers = known.take(news, received)
        self._news.append((news, received))
        if news.blocked:
            await asyncio.to_thread(self._kernel.block, known.frame.blocked, news.now)
        used = self._ledger.by_visit
        return self._made(await asyncio.to_thread(self._kernel.change, known.grants, numbers, news.now, used))

    def _city_now(self) -> datetime:
        known = self._known
        if known is None:
            return self._time.moment().wall
        return city_now(known.frame.now, known.received, self._time.moment())

    @property
    def _alive(self) -> Container[str]:
        return self._known.visits if self._known else ()


def _log_change(answer: GrantList | GrantChanges, changes: Plan) -> None:
    counts = {"revision": answer.revision, "ended": len(changes.end), "begun": len(changes.begin)}
    _LOG.info("grants enforced", extra=counts)
