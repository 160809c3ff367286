"""Which device is behind an address of the LAN: the kernel's neighbour table knows."""

import errno
import time
from typing import Protocol

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError

from wifi_manager.domain.addresses import IpAddress, MacAddress

_REMEMBER_SECONDS = 1.0  # short: an address may be lent to another phone
_MOST_REMEMBERED = 4096


class Neighbours(Protocol):
    """Finds devices."""

    async def device(self, address: IpAddress) -> MacAddress | None:
        """The device that has this address now, or None."""
        ...


class KernelNeighbours:
    """Neighbours on one interface. `netlink` is open for as long as this is used."""

    def __init__(self, netlink: AsyncIPRoute, interface_index: int) -> None:
        self._netlink = netlink
        self._index = interface_index
        self._known: dict[IpAddress, tuple[MacAddress, float]] = {}

    async def device(self, address: IpAddress) -> MacAddress | None:
        known = self._known.get(address)
        if known and known[1] > time.monotonic():
            return known[0]
        device = await self._ask(address)
        if device is not None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[address] = (device, time.monotonic() + _REMEMBER_SECONDS)
        return device

    async def _ask(self, address: IpAddress) -> MacAddress | None:
        try:
            answers = await self._netlink.neigh("get", dst=str(address), ifindex=self._index)
        except NetlinkError as problem:
            if problem.code == errno.ENOENT:
                return None
            raise
        found = [answer.get("NDA_LLADDR") for answer in answers]
        return next((MacAddress.parse(mac) for mac in found if mac), None)
