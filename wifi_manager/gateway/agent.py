"""The agent: makes the kernel enforce what control grants, and tells control what has passed.

The kernel enforces without it: rules drop by default and every grant ends by itself. An agent that dies loses nothing
and opens nothing; the next one finds all grants in the kernel, or after a reboot on the disk.
"""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Container, Iterable, Sequence
from datetime import datetime
from typing import Protocol

from wifi_manager import log
from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import Forbidden, OutsideFailure, WifiError
from wifi_manager.domain.grants import Ended, Grant, Usage
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.gateway.city_time import MachineTime, Moment, city_now
from wifi_manager.gateway.deciding.decisions import Decisions
from wifi_manager.gateway.deciding.drain import Drain
from wifi_manager.gateway.deciding.short_passes import is_pass
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
_DRAIN_SECONDS = 1.0
_ALONE_SECONDS = 10.0  # a restart of control is over before that, and its sign-in is the better way
ROUND_SECONDS = {"control": 120.0, "report": 180.0, "reconcile": 240.0}  # longer in one round is hanging


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
        came_round: Callable[[str], None] = lambda _: None,
    ) -> None:
        """`changed` is told each change of the kernel after it was made, `came_round` a loop whose round begins."""
        self._kernel = kernel
        self._control = control
        self._state = state
        self._time = machine_time
        self._metrics = metrics
        self._changed = changed
        self._came_round = came_round
        self._decisions = Decisions(state)
        self._drained: Drain | None = None  # as the kernel has it
        self._failing_since: float | None = None  # of control, by time.monotonic
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
        now = self._city_now()
        counted = await asyncio.to_thread(self._kernel.usage)  # none: the rules of the boot, and no visit in them yet
        if kernel_is_filled and counted:
            self._kernel.believe(self._decisions.wanted(self._known.grants, now).values(), now)
        else:
            await self._enforce(self._known.answer, now, everything=True)
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

    async def keep_drained(self) -> None:
        """Soon after the command line has begun or ended a drain, cap visits by it or give them their time back."""
        await self._forever("drain", self._drain_once, every_seconds=_DRAIN_SECONDS)

    def is_out_of_service(self) -> bool:
        """Whether this gateway was drained and nobody is online here any more."""
        return self._drained is not None and self._kernel.count(self._city_now()) == 0

    def may_extend(self, number: int) -> bool:
        """Whether the visit of this device (by its packet mark) may be extended on the portal."""
        grant = None if self._known is None else self._known.grants.get(number)
        return grant is not None and grant.may_extend

    def eid_hosts(self) -> tuple[str, ...]:
        """The names that phones reach while their citizens sign in there."""
        return self._known.frame.eid_hosts if self._known else ()

    @property
    def offer(self) -> PassPolicy | None:
        """The short pass that newcomers may have now: None while control answers, and where the city wants none."""
        since = self._failing_since
        if since is None or time.monotonic() - since < _ALONE_SECONDS or self._known is None:
            return None
        return None if self._decisions.draining.now() else self._known.frame.policy

    async def give_pass(self, device: MacAddress, address: IpAddress) -> Grant:
        """Let a newcomer through for a short while; the kernel does when this returns.

        Raises Forbidden where there is no pass for this device, TooManyTries when it had enough of them, and
        OutsideFailure when the kernel refuses.
        """
        async with self._changing:
            if self.offer is None or self._known is None:
                raise Forbidden("There are no short passes now.")
            now = self._city_now()
            grant = self._decisions.give_pass(device, address, self._known.frame, now)
            await self._change(self._known, frozenset((grant.number,)), now)
        self._metrics.short_passes.inc()
        _LOG.info("short pass given, control is away")
        self._unsaved.set()
        return grant

    async def _drain_once(self) -> None:
        if self._decisions.draining.now() == self._drained or self._known is None:
            return
        async with self._changing:
            await self._enforce(self._known.answer, self._city_now(), everything=False)
        _LOG.info("drain %s", "begun" if self._drained else "ended")

    async def end_copied(self, device: MacAddress) -> None:
        """Two use this hardware address, and nobody can tell to which of them its visit was granted: it ends.

        To be called for as long as that is so. Raises OutsideFailure when the kernel refuses.
        """
        if self._known is not None:
            ended = self._decisions.end_copied(device, self._known.grants.values())
            await self._end_here(self._known, "copied", ended)

    async def _end_idle(self, read: Sequence[Usage]) -> None:
        if self._known is not None:
            now = self._city_now()
            running = (grant for grant in self._known.grants.values() if grant.expires_at > now)
            await self._end_here(self._known, "idle", self._decisions.judge(read, running, self._time.moment()))

    async def _end_here(self, known: LastKnown, reason: str, ended: Sequence[Ended]) -> None:
        """Make the kernel obey ends that were decided here."""
        if not ended:
            return
        visits = {each.visit for each in ended}
        async with self._changing:
            numbers = frozenset(grant.number for grant in known.grants.values() if grant.visit in visits)
            await self._change(known, numbers, self._city_now())
        self._metrics.ended_here(reason, len(ended))
        _LOG.info("%s visits ended", reason, extra={"ended": len(ended)})
        self._unsaved.set()

    def _count(self, read: Iterable[Usage]) -> None:
        """Passes are no visits: control hears how many there were, and nothing else of them."""
        self._ledger.count(usage for usage in read if not is_pass(usage.visit))

    async def _follow_once(self) -> None:
        if self._owes_acknowledgement and self._known is not None:
            await self._acknowledge(self._known.revision)
        asked = time.monotonic()
        after, wait = (self._known.revision, _WAIT_SECONDS) if self._known and self._heard else (0, 0)
        try:
            answer = await self._control.grants(after, wait)
        except WifiError:
            self._metrics.control_reachable.set(0)
            self._failing_since = self._failing_since or time.monotonic()
            raise
        self._failing_since = None
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
        await self._tell(revision, self._ledger.unreported(_USAGES_A_REPORT))
        self._owes_acknowledgement = False

    async def _tell(self, revision: int, usage: tuple[Usage, ...]) -> None:
        ended, passes = self._decisions.unreported, self._decisions.take_passes()
        try:
            await self._control.report(Report(revision, usage, ended, passes))
        except BaseException:
            self._decisions.put_passes_back(passes)
            raise
        self._decisions.confirm(ended)
        self._ledger.confirm(usage, self._alive)

    async def _report_once(self) -> None:
        read = await asyncio.to_thread(self._kernel.usage)
        self._count(read)
        await self._end_idle(read)
        usage = self._ledger.unreported()
        for start in range(0, max(len(usage), 1), _USAGES_A_REPORT):
            part = usage[start : start + _USAGES_A_REPORT]
            if self._known is not None:
                await self._tell(self._known.revision, part)
        self._ledger.forget(self._alive)

    async def _reconcile_once(self) -> None:
        if not self._heard or self._known is None:
            return  # the kernel may be newer than the disk: only control may end what it holds
        async with self._changing:
            self._known.forget_expired(self._city_now())
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
            elif news:
                await asyncio.to_thread(self._state.add_news, news)
            await self._save_decisions()
        except WifiError:
            self._list_is_unsaved = True
            self._unsaved.set()  # a full disk may have room again before anything else changes
            raise

    async def _save_decisions(self) -> None:
        for name, body in self._decisions.unsaved(self._time.moment()).items():
            await asyncio.to_thread(self._state.keep, name, body)
            self._decisions.saved(name, body)

    async def _enforce(self, answer: GrantList, now: datetime, *, everything: bool) -> Plan:
        kernel = self._kernel
        await asyncio.to_thread(kernel.block, answer.blocked, now)
        await asyncio.to_thread(kernel.open, answer.openings, now)
        work = kernel.reconcile if everything else kernel.enforce
        self._drained = self._decisions.draining.now()
        self._metrics.draining.set(self._drained is not None)
        wanted = self._decisions.wanted({grant.number: grant for grant in answer.grants}, now)
        return self._made(await asyncio.to_thread(work, wanted.values(), now, self._ledger.by_visit))

    async def _change(self, known: LastKnown, numbers: frozenset[int], now: datetime) -> Plan:
        """Enforce what is known and decided of these numbers; no others have changed."""
        wanted = self._decisions.wanted(known.grants, now)
        return self._made(await asyncio.to_thread(self._kernel.change, wanted, numbers, now, self._ledger.by_visit))

    def _made(self, changes: Plan) -> Plan:
        self._count(passage.usage for passage in changes.end)
        self._changed(changes)
        return changes

    async def _forever(self, task: str, once: Callable[[], Awaitable[None]], every_seconds: float) -> None:
        """Do it again and again; after a problem wait longer each time, with some chance so that gateways spread."""
        pause = 1.0
        while True:
            self._came_round(task)
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
        if news.openings:
            await asyncio.to_thread(self._kernel.open, known.frame.openings, news.now)
        instead_of_passes = self._decisions.numbers_of_passes(grant.device for grant in news.grants)
        return await self._change(known, numbers | instead_of_passes, news.now)

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
