"""Sends router advertisements to the phones of one network, when they ask and now and then."""

import asyncio
import collections
import contextlib
import errno
import random
import socket
import struct
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Self

from wifi_manager import log
from wifi_manager.gateway.names.advertisement import (
    ROUTER_SOLICITATION,
    Advertised,
    Schedule,
    advertisement,
    is_solicitation,
)
from wifi_manager.gateway.names.metrics import NamesMetrics

_LOG = log.get(__name__)
_ALL_NODES = "ff02::1"
_ALL_ROUTERS = "ff02::2"
_HOP_LIMIT = 255  # proves to phones that it comes from their own link (RFC 4861, 6.1.2)
_ICMP6_FILTER = 1  # linux/icmpv6.h
_LONGEST_SOLICITATION = 1500
_LINK_SCOPE = 0x20  # linux/ipv6.h: of /proc/net/if_inet6
_NOT_YET = 0x40 | 0x08  # tentative, or a duplicate
_SOLICITATIONS_A_TURN = 256  # a flood of them must not keep the agent from its other work
_LOOK_SECONDS = 2.0  # how soon an interface that was made anew is found
_PAUSE_SECONDS = 2.0
_FINAL_ADVERTISEMENTS = 3  # RFC 4861, 10: phones miss a multicast now and then

Address = tuple[str, int, int, int]


class RouterSocket:
    """ICMPv6 on one interface: advertisements out, solicitations in. Raises OSError where there is no such one."""

    def __init__(self, interface: str) -> None:
        self.index = socket.if_nametoindex(interface)
        self._socket = socket.socket(socket.AF_INET6, socket.SOCK_RAW | socket.SOCK_NONBLOCK, socket.IPPROTO_ICMPV6)
        try:
            self._prepare(interface)
        except OSError:
            self._socket.close()
            raise

    def _prepare(self, interface: str) -> None:
        sock, index = self._socket, struct.pack("@I", self.index)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
        sock.setsockopt(socket.IPPROTO_ICMPV6, _ICMP6_FILTER, _all_but(ROUTER_SOLICITATION))
        for option in (socket.IPV6_UNICAST_HOPS, socket.IPV6_MULTICAST_HOPS):
            sock.setsockopt(socket.IPPROTO_IPV6, option, _HOP_LIMIT)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_MULTICAST_LOOP, 0)
        sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVHOPLIMIT, 1)
        sock.setsockopt(
            socket.IPPROTO_IPV6, socket.IPV6_JOIN_GROUP, socket.inet_pton(socket.AF_INET6, _ALL_ROUTERS) + index
        )
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as link:
            link.bind((interface, 0))
            self.link_address: bytes = link.getsockname()[4]
        sock.bind((_own_link_local(self.index), 0, 0, self.index))  # phones believe in no other source

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def fileno(self) -> int:
        return self._socket.fileno()

    def send(self, message: bytes, to: Address | None = None) -> None:
        """Send to one phone, or to all of them. The kernel adds the checksum."""
        self._socket.sendto(message, to or (_ALL_NODES, 0, 0, self.index))

    def solicitations(self) -> Iterator[Address | None]:
        """Who has asked meanwhile: each phone's address, or None for one that has none yet."""
        with contextlib.suppress(BlockingIOError):
            for _ in range(_SOLICITATIONS_A_TURN):
                message, extra, _, source = self._socket.recvmsg(_LONGEST_SOLICITATION, socket.CMSG_SPACE(4))
                from_nowhere = source[0] == "::"
                if is_solicitation(message, _hop_limit(extra), from_nowhere=from_nowhere):
                    yield None if from_nowhere else source


def _own_link_local(index: int) -> str:
    """The address that advertisements must come from (RFC 4861, 6.1.2). Raises OSError while there is none yet."""
    for line in Path("/proc/thread-self/net/if_inet6").read_text(encoding="ascii").splitlines():
        address, interface, _, scope, flags, _ = line.split()
        if (int(interface, 16), int(scope, 16)) == (index, _LINK_SCOPE) and not int(flags, 16) & _NOT_YET:
            return socket.inet_ntop(socket.AF_INET6, bytes.fromhex(address))
    raise OSError(errno.EADDRNOTAVAIL, "the interface has no link-local IPv6 address yet")


def _all_but(kind: int) -> bytes:
    """An ICMP6_FILTER (RFC 3542, 3.2) that lets one type through: in Linux a set bit blocks."""
    words = [0xFFFFFFFF] * 8
    words[kind >> 5] &= ~(1 << (kind & 31))
    return struct.pack("@8I", *words)


def _hop_limit(extra: Sequence[tuple[int, int, bytes]]) -> int:
    for level, kind, data in extra:
        if (level, kind) == (socket.IPPROTO_IPV6, socket.IPV6_HOPLIMIT):
            return int(struct.unpack("@i", data[:4])[0])
    return 0


class Advertiser:
    """The router advertisements of one network."""

    def __init__(self, told: Advertised, metrics: NamesMetrics, is_out_of_service: Callable[[], bool]) -> None:
        """`is_out_of_service`: the gateway was drained and nobody is online any more; phones shall leave it."""
        self._told = told
        self._metrics = metrics
        self._is_out_of_service = is_out_of_service

    async def keep_advertising(self) -> None:
        """Advertise until cancelled, also on an interface that goes away and comes back.

        Nothing is sent when the agent ends: visits live on in the kernel, and phones shall keep their way out.
        """
        said = ""  # an interface without a cable may be so for months
        while True:
            try:
                await self._advertise()
                said = ""
            except OSError as problem:
                if problem.strerror != said:
                    said = problem.strerror or ""
                    self._metrics.failed("advertise")
                    _LOG.warning("router advertisements pause", extra={"problem": said})
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _advertise(self) -> None:
        """Until the interface is another one. Raises OSError where it is gone."""
        asked = asyncio.Event()
        loop = asyncio.get_running_loop()
        with RouterSocket(self._told.interface) as sock:
            schedule = Schedule(time.monotonic(), random.uniform)
            loop.add_reader(sock, asked.set)
            try:
                while socket.if_nametoindex(self._told.interface) == sock.index:
                    if self._is_out_of_service():
                        await self._leave(sock, asked)
                        schedule = Schedule(time.monotonic(), random.uniform)
                    self._send_what_is_due(sock, schedule)
                    await _until(asked, schedule.due - time.monotonic())
                    asked.clear()
            finally:
                loop.remove_reader(sock)

    async def _leave(self, sock: RouterSocket, asked: asyncio.Event) -> None:
        """Tell phones that this router is none any more, and no more until it is one again (RFC 4861, 6.2.5)."""
        for _ in range(_FINAL_ADVERTISEMENTS):
            sock.send(advertisement(self._told, sock.link_address, leaving=True))
            self._metrics.advertisements.labels(reason="leaving").inc()
        while self._is_out_of_service() and socket.if_nametoindex(self._told.interface) == sock.index:
            await _until(asked, _LOOK_SECONDS)
            asked.clear()
            collections.deque(sock.solicitations(), maxlen=0)

    def _send_what_is_due(self, sock: RouterSocket, schedule: Schedule) -> None:
        message = advertisement(self._told, sock.link_address)
        for phone in sock.solicitations():
            if schedule.may_answer_alone(time.monotonic(), from_nowhere=phone is None):
                with contextlib.suppress(OSError):  # a phone that is gone again
                    sock.send(message, phone)
                self._metrics.advertisements.labels(reason="solicited").inc()
        if schedule.due <= time.monotonic():
            sock.send(message)
            schedule.sent(time.monotonic())
            self._metrics.advertisements.labels(reason="due").inc()


async def _until(asked: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(max(0.0, min(seconds, _LOOK_SECONDS))):
            await asked.wait()
