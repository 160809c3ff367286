"""Ends connections that the kernel already tracks. Enforcement does not depend on it: it makes changes felt at once.

Each call walks the kernel's whole table (milliseconds), so callers gather devices and call once.
Numbers are those of linux/netfilter/nfnetlink_conntrack.h.
"""

import errno
import socket
import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from wifi_manager.domain.addresses import IpAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.netlink import Message, NetfilterSocket, attribute, attributes, nested

_GET, _DELETE = 1 << 8 | 1, 1 << 8 | 2  # NFNL_SUBSYS_CTNETLINK
_TUPLE_ORIG, _MARK, _MARK_MASK = 1, 8, 21
_TUPLE_IP, _TUPLE_PROTO = 1, 2
_IP_V4_SRC, _IP_V4_DST, _IP_V6_SRC, _IP_V6_DST = 1, 2, 3, 4
_PROTO_NUM, _PROTO_SRC_PORT, _PROTO_DST_PORT = 1, 2, 3
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


@dataclass(frozen=True, slots=True)
class Connection:
    """A TCP connection of the device `number`: address and port of both ends, as the phone sees them."""

    number: int
    phone: tuple[IpAddress, int]
    server: tuple[IpAddress, int]


class Conntrack:
    """The connection table of the network namespace in which the socket was opened."""

    def __init__(self, sock: NetfilterSocket) -> None:
        self._socket = sock

    def cut(self, numbers: Collection[int]) -> list[Connection]:
        """Forget all connections of the devices with these packet marks; returns those over TCP.

        Each is deleted by itself: Linux 6.1 cannot delete by mark.
        """
        wanted = {struct.pack(">I", number) for number in numbers}
        only = _marked(*wanted) if len(wanted) == 1 else b""
        ended: list[dict[int, bytes]] = []
        for family in _FAMILIES:
            found = [fields for fields in self._dump(family, only) if fields.get(_MARK) in wanted]
            for fields in found:
                self._delete(family, nested(_TUPLE_ORIG, fields[_TUPLE_ORIG]))
            ended += found
        return list(_tcp_connections(ended))

    def _dump(self, family: int, only: bytes) -> list[dict[int, bytes]]:
        sequence = self._socket.next_sequence()
        self._socket.send([_message(_GET, netlink.NLM_F_DUMP, sequence, family, only)])
        return [answer.attributes() for answer in _until_done(self._socket.receive(sequence))]

    def _delete(self, family: int, request: bytes) -> None:
        sequence = self._socket.next_sequence()
        self._socket.send([_message(_DELETE, netlink.NLM_F_ACK, sequence, family, request)])
        number = next(self._socket.receive(sequence)).errno()
        if number not in {0, errno.ENOENT}:
            reason = errno.errorcode.get(number, str(number))
            raise OutsideFailure(f"The kernel did not end tracked connections ({reason}).")


def _message(kind: int, flags: int, sequence: int, family: int, payload: bytes) -> bytes:
    only_this_family = netlink.Address(family, version=1)  # version 0 would mean every family
    return netlink.message(kind, flags, sequence, only_this_family, payload)


def _marked(mark: bytes) -> bytes:
    return attribute(_MARK, mark) + attribute(_MARK_MASK, b"\xff\xff\xff\xff")


def _until_done(answers: Iterator[Message]) -> Iterator[Message]:
    for answer in answers:
        if answer.kind in {netlink.NLMSG_DONE, netlink.NLMSG_ERROR}:
            return
        yield answer


def _tcp_connections(found: Iterable[dict[int, bytes]]) -> Iterator[Connection]:
    for fields in found:
        parts = dict(attributes(fields[_TUPLE_ORIG]))
        ends = dict(attributes(parts[_TUPLE_IP]))
        protocol = dict(attributes(parts[_TUPLE_PROTO]))
        if protocol[_PROTO_NUM] == bytes([socket.IPPROTO_TCP]):
            yield Connection(
                number=int.from_bytes(fields[_MARK], "big"),
                phone=(_address(ends, _IP_V4_SRC, _IP_V6_SRC), int.from_bytes(protocol[_PROTO_SRC_PORT], "big")),
                server=(_address(ends, _IP_V4_DST, _IP_V6_DST), int.from_bytes(protocol[_PROTO_DST_PORT], "big")),
            )


def _address(ends: dict[int, bytes], v4: int, v6: int) -> IpAddress:
    return IPv4Address(ends[v4]) if v4 in ends else IPv6Address(ends[v6])
