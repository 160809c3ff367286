"""Ends connections that the kernel already tracks. Enforcement does not depend on it: it makes changes felt at once.

Each call walks the kernel's whole table (milliseconds), so callers gather devices and call once.
Numbers are those of linux/netfilter/nfnetlink_conntrack.h.
"""

import errno
import socket
import struct
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address

from wifi_manager.domain.addresses import IpAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.netlink import Message, NetfilterSocket, attribute, attributes, nested

_GET, _DELETE = 1 << 8 | 1, 1 << 8 | 2  # NFNL_SUBSYS_CTNETLINK
_TUPLE_ORIG, _MARK, _MARK_MASK, _FILTER = 1, 8, 21, 25
_TUPLE_IP, _TUPLE_PROTO = 1, 2
_IP_V4_SRC, _IP_V4_DST = 1, 2
_PROTO_NUM, _PROTO_SRC_PORT, _PROTO_DST_PORT = 1, 2, 3
_FILTER_ORIG_FLAGS = 1
_MATCH_SRC, _MATCH_PROTO, _MATCH_DST_PORT = 1 << 0, 1 << 3, 1 << 5
_HTTP = 80


@dataclass(frozen=True, slots=True)
class Connection:
    """A TCP connection of the device `number`: address and port of both ends, as the phone sees them."""

    number: int
    phone: tuple[IPv4Address, int]
    server: tuple[IPv4Address, int]


class Conntrack:
    """The connection table of the network namespace in which the socket was opened."""

    def __init__(self, sock: NetfilterSocket) -> None:
        self._socket = sock

    def cut(self, numbers: Collection[int]) -> list[Connection]:
        """Forget all IPv4 connections of the devices with these packet marks; returns those over TCP."""
        wanted = {struct.pack(">I", number) for number in numbers}
        only = _marked(*wanted) if len(wanted) == 1 else b""
        found = [fields for fields in self._dump(only) if fields.get(_MARK) in wanted]
        for fields in found:
            self._delete(nested(_TUPLE_ORIG, fields[_TUPLE_ORIG]))
        return list(_tcp_connections(found))

    def forget_redirects(self, address: IpAddress) -> None:
        """Forget connections from this address to port 80 that lead to the redirector: opened before the sign-in.

        NAT rules see only the first packet. Connections that are forwarded carry their device's number as mark: they
        stay, also one that was opened in the moment since the sign-in. Kernels that cannot select by address answer
        with an error, which is passed over: the redirector closes every connection after one answer.
        """
        if not isinstance(address, IPv4Address):
            return
        selected = struct.pack("=I", _MATCH_SRC | _MATCH_PROTO | _MATCH_DST_PORT)
        protocol = attribute(_PROTO_NUM, bytes([socket.IPPROTO_TCP]))
        port = attribute(_PROTO_DST_PORT, struct.pack(">H", _HTTP))
        tuple_orig = nested(
            _TUPLE_ORIG,
            nested(_TUPLE_IP, attribute(_IP_V4_SRC, address.packed)),
            nested(_TUPLE_PROTO, protocol, port),
        )
        never_forwarded = _marked(bytes(4))
        request = tuple_orig + nested(_FILTER, attribute(_FILTER_ORIG_FLAGS, selected)) + never_forwarded
        self._delete(request, passed_over=(errno.EINVAL, errno.EOPNOTSUPP))

    def _dump(self, only: bytes) -> list[dict[int, bytes]]:
        sequence = self._socket.next_sequence()
        self._socket.send([_message(_GET, netlink.NLM_F_DUMP, sequence, only)])
        return [answer.attributes() for answer in _until_done(self._socket.receive(sequence))]

    def _delete(self, request: bytes, passed_over: tuple[int, ...] = ()) -> None:
        sequence = self._socket.next_sequence()
        self._socket.send([_message(_DELETE, netlink.NLM_F_ACK, sequence, request)])
        number = next(self._socket.receive(sequence)).errno()
        if number not in {0, errno.ENOENT, *passed_over}:
            reason = errno.errorcode.get(number, str(number))
            raise OutsideFailure(f"The kernel did not end tracked connections ({reason}).")


def _message(kind: int, flags: int, sequence: int, payload: bytes) -> bytes:
    only_ipv4 = netlink.Address(socket.AF_INET, version=1)  # version 0 would mean every family
    return netlink.message(kind, flags, sequence, only_ipv4, payload)


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
                phone=(IPv4Address(ends[_IP_V4_SRC]), int.from_bytes(protocol[_PROTO_SRC_PORT], "big")),
                server=(IPv4Address(ends[_IP_V4_DST]), int.from_bytes(protocol[_PROTO_DST_PORT], "big")),
            )
