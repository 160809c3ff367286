"""Keeps the resolver for who is not signed in at what control says: it alone knows the eID's hosts."""

import asyncio
from collections.abc import Callable

from wifi_manager import log
from wifi_manager.domain.probes import probe_within
from wifi_manager.gateway.names.helper import Helper
from wifi_manager.gateway.names.metrics import NamesMetrics
from wifi_manager.gateway.names.program import Program

_LOG = log.get(__name__)
_LOOK_SECONDS = 2.0


class Doorstep:
    """One network's. `program` makes the resolver out of the hosts that `wanted` names, probes left aside."""

    def __init__(
        self,
        program: Callable[[tuple[str, ...]], Program],
        wanted: Callable[[], tuple[str, ...]],
        metrics: NamesMetrics,
    ) -> None:
        self._program = program
        self._wanted = wanted
        self._metrics = metrics
        self._seen: tuple[str, ...] = ()

    def first(self) -> Program:
        """The resolver to begin with."""
        self._seen = self._wanted()
        return self._program(self._usable())

    async def keep_fresh(self, helper: Helper) -> None:
        """Replace the resolver soon after control has named other hosts."""
        while True:
            await asyncio.sleep(_LOOK_SECONDS)
            if (wanted := self._wanted()) != self._seen:
                self._seen = wanted
                helper.change(self._program(self._usable()))

    def _usable(self) -> tuple[str, ...]:
        return tuple(host for host in self._seen if self._is_no_probe(host))

    def _is_no_probe(self, host: str) -> bool:
        if (probe := probe_within(host)) is None:
            return True
        self._metrics.failed("eid")
        _LOG.error("host of the eID is not opened: phones look there whether they are online", extra={"probe": probe})
        return False
