"""Gives each visit with a rate a class of its own, and each its share of the uplink where that is shared out.

It follows the kernel's sets and never stands in a sign-in's way. Until a visit has its class, and wherever it cannot
have one, the limits that came with its grant hold its rate: they drop what a class would let wait. So no visit is
ever faster than its plan.
"""

import asyncio
import contextlib
import time
from itertools import islice

from wifi_manager import log
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.passing.reconcile import Plan
from wifi_manager.gateway.shaping.classes import Classes

_LOG = log.get(__name__)
_LOOK_SECONDS = 300.0  # between two looks at everything; what the agent changes is noted
_GLANCE_SECONDS = 3.0  # between two looks whether interfaces and trees are there
_PAUSE_SECONDS = 0.05
_A_ROUND = 100  # visits: a class beside ten thousand others takes the kernel milliseconds


class Shaper:
    """Keeps the classes as the visits want them, behind the enforcement."""

    def __init__(self, classes: Classes, metrics: GatewayMetrics) -> None:
        self._classes = classes
        self._metrics = metrics
        self._todo: set[int] = set()
        self._something = asyncio.Event()
        self._next_look = 0.0
        self._said: set[str] = set()

    def note(self, changes: Plan) -> None:
        """Remember whose visits began, changed or ended."""
        passages = (*changes.begin, *changes.end, *(each.new for each in changes.change))
        self._todo.update(passage.number for passage in passages)
        self._something.set()

    async def keep_shaped(self) -> None:
        """Do it, again and again. What fails is tried again; meanwhile the ruleset's limits hold all rates."""
        while True:
            try:
                await self._step()
            except OutsideFailure as problem:
                self._complain({str(problem)})
                self._next_look = time.monotonic() + _GLANCE_SECONDS
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._something.wait(), _GLANCE_SECONDS)
            self._something.clear()

    async def _step(self) -> None:
        if time.monotonic() >= self._next_look or not await asyncio.to_thread(self._classes.is_unchanged):
            self._todo |= await asyncio.to_thread(self._classes.look)
            self._next_look = time.monotonic() + _LOOK_SECONDS
            self._complain(set(self._classes.missing))
        while self._todo or self._classes.has_surplus:
            part = list(islice(self._todo, _A_ROUND))
            self._todo.difference_update(part)
            await asyncio.to_thread(self._classes.shape, part)
            self._metrics.shaped.set(self._classes.used)
            await asyncio.sleep(_PAUSE_SECONDS)

    def _complain(self, problems: set[str]) -> None:
        """Once for each problem, however often it is met again before it is over."""
        for problem in problems - self._said:
            self._metrics.failed("shaping")
            _LOG.warning("rates not shaped", extra={"problem": problem})
        self._said = problems
