"""Which device is behind an address of the LANs: the kernel's neighbour table knows."""

import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter.netlink import NLM_F_REQUEST, attribute, attributes
from wifi_manager.gateway.settings import Network

_REMEMBER_SECONDS = 1.0  # short: an address may be lent to another phone
_MOST_REMEMBERED = 4096
_ANSWER_SECONDS = 1.0
_ANSWER_BYTES = 8192
# linux/netlink.h, linux/rtnetlink.h and linux/neighbour.h.
_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_NEIGHBOUR = struct.Struct("=Bxxxi4x")  # family, interface index; state, flags and type are not asked for
_RTM_NEWNEIGH = 28
_RTM_GETNEIGH = 30
_NDA_DST = 1
_NDA_LLADDR = 2


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
    """Neighbours in all networks, asked of the kernel directly: it answers while the question is being sent.

    Every phone that joins is looked up, and pyroute2 takes longer for that than for all else that a phone gets.
    """

    def __init__(self, networks: Iterable[Network]) -> None:
        """Raises OutsideFailure where an interface is missing."""
        self._networks = tuple((network, _index(network)) for network in networks)
        self._known: dict[IpAddress, tuple[Neighbour, float]] = {}
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, socket.NETLINK_ROUTE)
        self._socket.settimeout(_ANSWER_SECONDS)

    def close(self) -> None:
        """Nobody is asked any more."""
        self._socket.close()

    async def find(self, address: IpAddress) -> Neighbour | None:
        known = self._known.get(address)
        if known and known[1] > time.monotonic():
            return known[0]
        found = self._look_up(address)
        if found is not None:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[address] = (found, time.monotonic() + _REMEMBER_SECONDS)
        return found

    def _look_up(self, address: IpAddress) -> Neighbour | None:
        for network, index in self._networks:
            if any(address in prefix for prefix in network.prefixes):
                device = self._ask(address, index)
                return Neighbour(device, network.name) if device else None
        return None

    def _ask(self, address: IpAddress, index: int) -> MacAddress | None:
        family = socket.AF_INET if address.version == 4 else socket.AF_INET6  # noqa: PLR2004 - versions of IP
        wanted = _NEIGHBOUR.pack(family, index) + attribute(_NDA_DST, address.packed)
        self._socket.send(_HEADER.pack(_HEADER.size + len(wanted), _RTM_GETNEIGH, NLM_F_REQUEST, 0, 0) + wanted)
        answer = self._socket.recv(_ANSWER_BYTES)
        if _HEADER.unpack_from(answer)[1] != _RTM_NEWNEIGH:
            return None  # ENOENT: nobody has this address
        found = dict(attributes(answer[_HEADER.size + _NEIGHBOUR.size :])).get(_NDA_LLADDR)
        return MacAddress(found) if found else None


def _index(network: Network) -> int:
    try:
        return socket.if_nametoindex(network.interface)
    except OSError as missing:
        raise OutsideFailure(
            f"There is no interface {network.interface!r}, which the network {network.name} is on. "
            "Make it before the gateway starts."
        ) from missing
