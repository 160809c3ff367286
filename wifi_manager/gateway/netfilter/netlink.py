"""Just enough netlink to speak with nf_tables, conntrack and traffic control: frames, attributes, one socket.

Numbers are those of linux/netlink.h and linux/netfilter/nfnetlink.h.
Headers are in host byte order, most values in network order.
"""

import os
import socket
import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import ClassVar, Self

from wifi_manager.domain.errors import OutsideFailure

NETLINK_ROUTE, NETLINK_NETFILTER = 0, 12
NLM_F_REQUEST = 0x1
NLM_F_ACK = 0x4
NLM_F_ECHO = 0x8
NLM_F_DUMP = 0x300
NLM_F_REPLACE = 0x100
NLM_F_EXCL = 0x200
NLM_F_CREATE = 0x400
NLM_F_EXCL = 0x200
NLMSG_ERROR = 2
NLMSG_DONE = 3

_HEADER = struct.Struct("=IHHII")  # length, type, flags, sequence, port
_SUBHEADER = struct.Struct("=BBH")  # family, version, resource id
_ATTRIBUTE = struct.Struct("=HH")  # length without padding, type
_NESTED = 0x8000
_TYPE_MASK = 0x3FFF
_SO_SNDBUFFORCE = 32
_SO_RCVBUFFORCE = 33
_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10  # errors come back without a copy of the request
_BUFFER_BYTES = 8 * 1024 * 1024  # a batch is one send
_ANSWER_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Message:
    """One message as it came from the kernel; `payload` starts after the netlink header."""

    kind: int
    sequence: int
    payload: bytes

    def errno(self) -> int:
        """Of an error message: 0 for an acknowledgement, else the positive errno."""
        code: int = struct.unpack_from("=i", self.payload)[0]
        return -code

    def attributes(self) -> dict[int, bytes]:
        """Attributes of a netfilter message, by type."""
        return fields(self.payload[_SUBHEADER.size :])


def attribute(kind: int, data: bytes) -> bytes:
    """One attribute, padded to four bytes. Holds less than 64 KiB."""
    return _ATTRIBUTE.pack(len(data) + _ATTRIBUTE.size, kind) + data + bytes(-len(data) % 4)


def nested(kind: int, *parts: bytes) -> bytes:
    """An attribute that holds attributes."""
    return attribute(kind | _NESTED, b"".join(parts))


def attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Type and value of each attribute in `data`, in order."""
    at = 0
    while at + _ATTRIBUTE.size <= len(data):
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size:
            return
        yield kind & _TYPE_MASK, data[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3


def fields(data: bytes) -> dict[int, bytes]:
    """The same by type, in less time; of two of one type the later counts."""
    found, at, end = {}, 0, len(data) - _ATTRIBUTE.size
    while at <= end:
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size:
            break
        found[kind & _TYPE_MASK] = data[at + _ATTRIBUTE.size : at + length]
        at += (length + 3) & ~3
    return found


def spans(data: bytes, within: slice) -> dict[int, slice]:
    """Where in `data` the value of each attribute is, by type; only those that begin in this part of it."""
    found, at = {}, within.start
    while at + _ATTRIBUTE.size <= within.stop:
        length, kind = _ATTRIBUTE.unpack_from(data, at)
        if length < _ATTRIBUTE.size:
            break
        found[kind & _TYPE_MASK] = slice(at + _ATTRIBUTE.size, at + length)
        at += (length + 3) & ~3
    return found


def text(name: str) -> bytes:
    """A name as the kernel wants it: NUL-terminated."""
    return name.encode() + b"\0"


@dataclass(frozen=True, slots=True)
class Address:
    """The netfilter part of a message's header: protocol family, version and resource id."""

    family: int = 0
    version: int = 0
    resource: int = 0


def message(kind: int, flags: int, sequence: int, address: Address, payload: bytes = b"") -> bytes:
    """One netfilter message, ready to send."""
    subheader = _SUBHEADER.pack(address.family, address.version, address.resource)
    return frame(kind, flags, sequence, subheader + payload)


def frame(kind: int, flags: int, sequence: int, body: bytes) -> bytes:
    """One message of any netlink family, ready to send."""
    return _HEADER.pack(_HEADER.size + len(body), kind, flags | NLM_F_REQUEST, sequence, 0) + body


class NetlinkSocket:
    """A netlink socket of the network namespace in which it was opened. For one thread at a time."""

    protocol: ClassVar[int]

    def __init__(self, answer_seconds: float = _ANSWER_SECONDS) -> None:
        """`answer_seconds`: how long the kernel may take for an answer before its silence is an error."""
        self._sequence = 0
        self._answer_seconds = answer_seconds
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, self.protocol)
        try:
            for option in (_SO_SNDBUFFORCE, _SO_RCVBUFFORCE):
                self._socket.setsockopt(socket.SOL_SOCKET, option, _BUFFER_BYTES)
            self._socket.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
            self._socket.settimeout(answer_seconds)
            self._socket.bind((0, 0))
        except PermissionError as refused:
            self._socket.close()
            raise OutsideFailure("The firewall and the queues need CAP_NET_ADMIN. Run this as root.") from refused

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._socket.close()

    def next_sequence(self) -> int:
        """A sequence number not used before on this socket."""
        self._sequence += 1
        return self._sequence

    def send(self, frames: Iterable[bytes]) -> None:
        """Send all frames at once. Raises OutsideFailure when they are too many for one batch."""
        try:
            self._socket.send(b"".join(frames))
        except OSError as refused:
            raise OutsideFailure(
                f"The kernel did not take a netlink batch: {os.strerror(refused.errno or 0)}."
            ) from refused

    def receive(self, first_sequence: int) -> Iterator[Message]:
        """Messages from the kernel as they come; those that answer older requests are left out.

        Raises OutsideFailure when none comes in time (10 s, if nothing else was asked for).
        """
        while True:
            data = self._datagram()
            at = 0
            while at + _HEADER.size <= len(data):
                length, kind, _, sequence, _ = _HEADER.unpack_from(data, at)
                if sequence >= first_sequence:
                    yield Message(kind, sequence, data[at + _HEADER.size : at + length])
                at += max((length + 3) & ~3, _HEADER.size)

    def _datagram(self) -> bytes:
        try:
            return self._socket.recv(1 << 20)
        except OSError as silent:
            raise OutsideFailure(f"The kernel did not answer within {self._answer_seconds:g} s.") from silent


class NetfilterSocket(NetlinkSocket):
    """Speaks with nf_tables and conntrack."""

    protocol = NETLINK_NETFILTER


class RouteSocket(NetlinkSocket):
    """Speaks with what is behind `ip` and `tc`: interfaces, queues and classes."""

    protocol = NETLINK_ROUTE
