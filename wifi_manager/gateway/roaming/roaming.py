"""Asks control at once whether a device that comes has brought its visit along."""

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from typing import Protocol

from wifi_manager import log
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import WifiError
from wifi_manager.domain.grants import Arrival
from wifi_manager.gateway.passing.reconcile import Plan
from wifi_manager.gateway.roaming.arrivals import Arrivals
from wifi_manager.gateway.roaming.ears import Ear
from wifi_manager.gateway.roaming.frames import NOWHERE, SignOfLife
from wifi_manager.gateway.settings import Network
from wifi_manager.wire.reports import Report

_LOG = log.get(__name__)
_NOTHING_ENFORCED = 0  # an arrival acknowledges no revision
_ARRIVALS_A_REPORT = 50
_PAUSE_SECONDS = 0.05  # those who come meanwhile share the next report
_LONG_PAUSE_SECONDS = 0.5  # where somebody invents devices, and while control is away
_LOOK_SECONDS = 5.0  # whether interfaces are still the ones that are listened at


class Reporting(Protocol):
    """What this asks of control."""

    async def report(self, report: Report) -> None: ...


class Roaming:
    """`note` hears of every change of the kernel; `keep_asking` and `keep_listening` run until they are cancelled."""

    def __init__(
        self,
        control: Reporting,
        is_online: Callable[[MacAddress], bool],
        networks: Iterable[Network],
        arrivals: Arrivals,
    ) -> None:
        self._control = control
        self._is_online = is_online
        self._networks = tuple(networks)
        self._arrivals = arrivals
        self._somebody = asyncio.Event()

    def note(self, changes: Plan) -> None:
        """Whoever was let go may come back."""
        self._arrivals.let_go(changes.cut().values())

    async def keep_listening(self) -> None:
        """Listen in every network; an interface that goes and comes back is listened at again."""
        with contextlib.ExitStack() as stack:
            ears = [stack.enter_context(Ear(each.interface, self._hearing_in(each))) for each in self._networks]
            while True:
                for ear in ears:
                    ear.prick()
                await asyncio.sleep(_LOOK_SECONDS)

    async def keep_asking(self) -> None:
        """Tell control of who has come."""
        while True:
            await self._somebody.wait()
            self._somebody.clear()
            await asyncio.sleep(await self._ask())

    def hear(self, sign: SignOfLife, network: Network) -> None:
        """A device is here."""
        if not self._arrivals.is_due(sign.device):
            return
        if self._is_online(sign.device):
            self._arrivals.at_home(sign.device)
            return
        is_near = sign.address in network.address.network
        self._arrivals.come(Arrival(sign.device, sign.address if is_near else NOWHERE, network.name))
        self._somebody.set()

    def _hearing_in(self, network: Network) -> Callable[[SignOfLife], None]:
        return lambda sign: self.hear(sign, network)

    async def _ask(self) -> float:
        """Tell control of some; how long to wait then, in seconds."""
        came = self._arrivals.take(_ARRIVALS_A_REPORT)
        try:
            await self._control.report(Report(_NOTHING_ENFORCED, (), arrivals=came))
        except WifiError as problem:
            self._arrivals.forget(arrival.device for arrival in came)
            _LOG.debug("control did not hear of arrivals", extra={"problem": str(problem)})
            return _LONG_PAUSE_SECONDS
        if len(came) < _ARRIVALS_A_REPORT:
            return _PAUSE_SECONDS
        self._somebody.set()
        return _LONG_PAUSE_SECONDS
