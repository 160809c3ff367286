"""Asks control for the certificate of the gateway's own name, again and again: there is nothing to remember."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from wifi_manager import log
from wifi_manager.clock import Clock
from wifi_manager.domain.errors import WifiError
from wifi_manager.gateway.certificates.own_files import OwnFiles
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.wire.certificates import CertificateAnswer

_LOG = log.get(__name__)
_FIRST_SECONDS, _LONGEST_WAITING_SECONDS = 2.0, 60.0  # while there is no certificate yet
_LONGEST_SECONDS = 3600.0  # while there is one
_LOOKS_IN_A_LIFE = 100  # so that one of a few days is fetched in time as well


class CertificateControl(Protocol):
    """What the keeper asks of control."""

    async def certificate(self, request: bytes) -> CertificateAnswer: ...


class CertificateKeeper:
    """Keeps the gateway's own files fresh. `name` is what phones know it by; control may want others beside it."""

    def __init__(
        self,
        name: str,
        files: OwnFiles,
        control: CertificateControl,
        clock: Clock,
        metrics: GatewayMetrics,
        chance: Callable[[], float],
    ) -> None:
        """`chance` gives numbers from 0 to 1, so that gateways do not ask all at once."""
        self._files = files
        self._control = control
        self._clock = clock
        self._metrics = metrics
        self._chance = chance
        self._names: Sequence[str] = (name,)
        self._waited_seconds = _FIRST_SECONDS

    async def keep(self) -> None:
        """Until it is cancelled. What fails is said, counted and tried again; what is served stays."""
        while True:
            try:
                await self.ask_once()
            except WifiError as problem:
                self._metrics.failed("certificate")
                _LOG.warning("no certificate from control", extra={"problem": str(problem)})
            await asyncio.sleep(self.pause_seconds())

    async def ask_once(self) -> None:
        """Ask control, and keep what it has. Raises WifiError."""
        answer = await self._control.certificate(await asyncio.to_thread(self._files.request, self._names))
        if set(answer.names) != set(self._names):
            self._names = answer.names
            answer = await self._control.certificate(await asyncio.to_thread(self._files.request, self._names))
        if answer.chain is not None and await asyncio.to_thread(self._files.take, answer.chain):
            _LOG.info("a new certificate is served", extra={"names": list(self._names)})

    def pause_seconds(self) -> float:
        """Until the next question: short and longer each time while there is no certificate, then by its life."""
        issued = self._files.issued()
        if issued is None:
            pause = self._waited_seconds
            self._waited_seconds = min(pause * 1.5, _LONGEST_WAITING_SECONDS)
        else:
            self._waited_seconds = _FIRST_SECONDS
            pause = _pause(issued.not_valid_before_utc, issued.not_valid_after_utc, self._clock.now())
        return pause * (1 - 0.3 * self._chance())


def _pause(begins_at: datetime, ends_at: datetime, now: datetime) -> float:
    """A hundredth of a life; not slower than without a certificate once it has ended."""
    share = (ends_at - begins_at) / timedelta(seconds=1) / _LOOKS_IN_A_LIFE
    longest = _LONGEST_SECONDS if now < ends_at else _LONGEST_WAITING_SECONDS
    return min(max(share, _FIRST_SECONDS), longest)
