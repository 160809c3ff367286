"""Sees that the rules stay as they were loaded: whoever removes or changes them, they are back within moments."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable

from wifi_manager import log
from wifi_manager.domain.errors import WifiError
from wifi_manager.gateway.metrics import GatewayMetrics

_LOG = log.get(__name__)
_SECONDS = 1.0


class Watch:
    """Looks once a second. Where the rules are gone nobody passes until they are back: the second line sees to it."""

    def __init__(
        self,
        look: Callable[[], Hashable],
        load: Callable[[], bool],
        refill: Callable[[], Awaitable[None]],
        metrics: GatewayMetrics,
    ) -> None:
        """`look` tells how the rules are; `load` puts them back, and `refill` the visits into them.

        They are loaded when this is made.
        """
        self._look = look
        self._load = load
        self._refill = refill
        self._metrics = metrics
        self._as_loaded = look()
        self._is_whole = True

    async def keep_loaded(self) -> None:
        """For ever; what fails is tried again."""
        while True:
            await asyncio.sleep(_SECONDS)
            try:
                if not self._is_whole or self._look() != self._as_loaded:
                    await self._mend()
            except WifiError as problem:
                self._metrics.failed("rules")
                _LOG.warning("rules are not back", extra={"problem": str(problem)})

    async def _mend(self) -> None:
        if self._is_whole:
            self._is_whole = False
            self._metrics.rules_lost.inc()
            _LOG.error("somebody else changed or removed the rules; they are loaded again")
        await asyncio.to_thread(self._load)
        self._as_loaded = self._look()
        await self._refill()
        self._is_whole = True
