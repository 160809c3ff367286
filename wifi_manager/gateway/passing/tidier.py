"""After a change of grants: connections of those who left end at once, leftovers of those who came are forgotten.

It works behind the enforcement, never in its way: while one round runs, what comes up meanwhile is gathered for the
next, so a storm of sign-ins costs a bounded share of one processor.
"""

import asyncio
from collections.abc import Iterable

from wifi_manager import log
from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter.conntrack import Conntrack
from wifi_manager.gateway.passing.farewell import Farewell
from wifi_manager.gateway.passing.reconcile import Plan

_LOG = log.get(__name__)
_PAUSE_SECONDS = 0.1
_MOST_ADDRESSES = 8  # a round; what it leaves out ends anyway when the redirector has answered


class Tidier:
    """Gathers what plans leave to do, and does it."""

    def __init__(self, conntrack: Conntrack, farewell: Farewell) -> None:
        self._conntrack = conntrack
        self._farewell = farewell
        self._left: dict[int, MacAddress] = {}
        self._came: set[IpAddress] = set()
        self._something = asyncio.Event()

    def note(self, changes: Plan) -> None:
        """Remember what this change leaves to do."""
        self._left.update(changes.cut())
        self._came |= changes.addresses_opened()
        if self._left or self._came:
            self._something.set()

    async def keep_tidy(self) -> None:
        """Do it, again and again. What fails is left: enforcement does not depend on it."""
        while True:
            await self._something.wait()
            self._something.clear()
            left, came, self._left, self._came = self._left, self._came, {}, set()
            try:
                await asyncio.to_thread(self._round, left, list(came)[:_MOST_ADDRESSES])
            except OutsideFailure as problem:
                _LOG.warning("connections not ended", extra={"problem": str(problem)})
            await asyncio.sleep(_PAUSE_SECONDS)

    def _round(self, left: dict[int, MacAddress], came: Iterable[IpAddress]) -> None:
        if left:
            for connection in self._conntrack.cut(left.keys()):
                self._farewell.say(left[connection.number], connection)
        for address in came:
            self._conntrack.forget_redirects(address)
