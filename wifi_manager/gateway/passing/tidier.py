"""After a change of grants: running connections of those who left end at once.

It works behind the enforcement, never in its way: while one round runs, what comes up meanwhile is gathered for the
next, so a storm of sign-ins costs a bounded share of one processor.
"""

import asyncio

from wifi_manager import log
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter.conntrack import Conntrack
from wifi_manager.gateway.passing.farewell import Farewell
from wifi_manager.gateway.passing.reconcile import Plan

_LOG = log.get(__name__)
_PAUSE_SECONDS = 0.1


class Tidier:
    """Gathers what plans leave to do, and does it."""

    def __init__(self, conntrack: Conntrack, farewell: Farewell) -> None:
        self._conntrack = conntrack
        self._farewell = farewell
        self._left: dict[int, MacAddress] = {}
        self._something = asyncio.Event()

    def note(self, changes: Plan) -> None:
        """Remember what this change leaves to do."""
        self._left.update(changes.cut())
        if self._left:
            self._something.set()

    async def keep_tidy(self) -> None:
        """Do it, again and again. What fails is left: enforcement does not depend on it."""
        while True:
            await self._something.wait()
            self._something.clear()
            left, self._left = self._left, {}
            try:
                await asyncio.to_thread(self._round, left)
            except OutsideFailure as problem:
                _LOG.warning("connections not ended", extra={"problem": str(problem)})
            await asyncio.sleep(_PAUSE_SECONDS)

    def _round(self, left: dict[int, MacAddress]) -> None:
        for connection in self._conntrack.cut(left.keys()):
            self._farewell.say(left[connection.number], connection)
