"""Which device is behind an address of the LANs: the kernel's neighbour table knows."""

import errno
import socket
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from pyroute2 import AsyncIPRoute
from pyroute2.netlink.exceptions import NetlinkError

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.settings import Network

_REMEMBER_SECONDS = 1.0  # short: an address may be lent to another phone
_MOST_REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A device, and the name of the network that it is in."""

    device: MacAddress
    network: str


class Neighbours(Protocol):
    """Finds devices."""

    async def find(self, address: IpAddress) -> Neighbour | None:
        """Who has this address now, or None."""
        ...


class KernelNeighbours:
    """Neighbours in all networks. `netlink` is open for as long as this is used."""

    def __init__(self, netlink: AsyncIPRoute, networks: Iterable[tuple[Network, int]]) -> None:
        """Each network comes with the index of its interface."""
        self._netlink = netlink
        self._networks = tuple(networks)
        self._known: dict[IpAddress, tuple[Neighbour, float]] = {}

    async def find(self, address: IpAddress) -> Neighbour | None:
        known = self._known.get(address)
        if known and known[1] > time.monotonic():
            return known[0]
        found = await self._look_up(address)
        if found is not None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[address] = (found, time.monotonic() + _REMEMBER_SECONDS)
        return found

    async def _look_up(self, address: IpAddress) -> Neighbour | None:
        for network, index in self._networks:
            if any(address in prefix for prefix in network.prefixes):
                device = await self._ask(address, index)
                return Neighbour(device, network.name) if device else None
        return None

    async def _ask(self, address: IpAddress, index: int) -> MacAddress | None:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - versions of IP
        try:
            answers = await self._netlink.neigh("get", dst=str(address), ifindex=index, family=family)
        except NetlinkError as problem:
            if problem.code == errno.ENOENT:
                return None
            raise
        found = [answer.get("NDA_LLADDR") for answer in answers]
        return next((MacAddress.parse(mac) for mac in found if mac), None)


async def kernel_neighbours(netlink: AsyncIPRoute, networks: Iterable[Network]) -> KernelNeighbours:
    """Neighbours of these networks. Raises OutsideFailure where an interface is missing."""
    found = []
    for network in networks:
        indexes = await netlink.link_lookup(ifname=network.interface)
        if not indexes:
            raise OutsideFailure(
                f"There is no interface {network.interface!r}, which the network {network.name} is on. "
                "Make it before the gateway starts."
            )
        found.append((network, indexes[0]))
    return KernelNeighbours(netlink, found)
