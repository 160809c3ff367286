"""Keeps the guard's table in the kernel, reads what it caught, and raises the alarm for copied devices."""

import asyncio
import socket
import struct
import time
from collections import deque
from collections.abc import Awaitable, Callable
from itertools import count

from wifi_manager import log
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.guard import plan
from wifi_manager.gateway.guard.metrics import GuardMetrics
from wifi_manager.gateway.guard.plan import GuardPlan
from wifi_manager.gateway.guard.ruleset import COPIED, KNOWN, TABLE
from wifi_manager.gateway.netfilter.counters import read_packets
from wifi_manager.gateway.netfilter.elements import NFPROTO_BRIDGE, ElementTable
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket

_LOG = log.get(__name__)
_LOOK_SECONDS = 2.0
_LOOKS_A_PLAN = 30
_MINUTE_SECONDS = 60.0
_MOST_A_MINUTE = 10  # with more, somebody has plugged a loop, and nobody's visit shall end for that

Planning = Callable[[], Awaitable[GuardPlan]]
EndingVisit = Callable[[MacAddress], Awaitable[None]]


async def leave(_device: MacAddress) -> None:
    """The policy that nobody's visit ends: a copy is counted and told of."""


class Guard:
    """`begin` comes first; then `keep_watching` runs until it is cancelled."""

    def __init__(self, sock: NetfilterSocket, planning: Planning, metrics: GuardMetrics, ending: EndingVisit) -> None:
        """`ending` is told, look after look, which device two use at once: its visit ends, by the city's policy."""
        self._socket = sock
        self._table = ElementTable(sock, TABLE, family=NFPROTO_BRIDGE)
        self._planning = planning
        self._metrics = metrics
        self._ending = ending
        self._loaded: GuardPlan | None = None
        self._copied: frozenset[MacAddress] = frozenset()
        self._accused: set[MacAddress] = set()
        self._times: deque[float] = deque(maxlen=_MOST_A_MINUTE)  # of the last accusations

    async def begin(self) -> None:
        """Load what can be guarded, and tell what cannot. It never fails: a gateway without a guard is a gateway."""
        try:
            await self._load()
        except OutsideFailure as problem:
            self._metrics.active.set(0)
            _LOG.warning("layer 2 is not guarded", extra={"problem": str(problem)})

    async def keep_watching(self) -> None:
        """Look every two seconds; every minute see whether the machine's bridges and addresses have changed."""
        for number in count(1):
            await asyncio.sleep(_LOOK_SECONDS)
            await self.look()
            if number % _LOOKS_A_PLAN == 0:
                await self.begin()

    async def look(self) -> None:
        """Read what was caught; where somebody has deleted the table, load it again."""
        if not self._loaded or not self._loaded.text:
            return
        try:
            packets, found = await asyncio.to_thread(self._read)
        except OutsideFailure as problem:
            _LOG.warning("the guard's table is loaded again", extra={"problem": str(problem)})
            self._loaded = None
            await self.begin()
        else:
            self._metrics.count(packets)
            await self._judge(found)

    async def _judge(self, found: frozenset[MacAddress]) -> None:
        self._metrics.copied.set(len(found))
        self._accused &= found
        for device in sorted(found - self._copied):
            self._alarm(device, await asyncio.to_thread(self._ports, device))
        self._copied = found
        for device in self._accused:
            await self._ending(device)

    def _alarm(self, device: MacAddress, ports: list[str]) -> None:
        self._metrics.alarms.inc()
        _LOG.warning("two devices use one hardware address", extra={"ports": ports})
        now = time.monotonic()
        if len(self._times) == _MOST_A_MINUTE and now - self._times[0] < _MINUTE_SECONDS:
            _LOG.warning("many devices look copied at once, so this visit goes on: look for a loop between ports")
            return
        self._times.append(now)
        self._accused.add(device)

    def _read(self) -> tuple[dict[str, int], frozenset[MacAddress]]:
        found = frozenset(MacAddress(key) for key in self._table.dump(COPIED))
        return read_packets(self._socket, NFPROTO_BRIDGE, TABLE), found

    def _ports(self, device: MacAddress) -> list[str]:
        """Where the device was heard in the last minutes."""
        keys = ((name, device.octets + bytes(2) + struct.pack("=I", index)) for index, name in socket.if_nameindex())
        return [name for name, key in keys if self._table.get(KNOWN, key)]

    async def _load(self) -> None:
        wanted = await self._planning()
        if wanted != self._loaded:
            await asyncio.to_thread(plan.load, wanted.text)
            self._loaded = wanted
            for gap in wanted.gaps:
                _LOG.warning("a gap in the guard", extra={"gap": gap.says})
        self._metrics.active.set(bool(wanted.text))
