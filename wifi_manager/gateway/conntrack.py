"""Ends connections that the kernel already tracks. Enforcement does not depend on it: it makes changes felt at once.

Numbers are those of linux/netfilter/nfnetlink_conntrack.h.
"""

import errno
import socket
import struct
from ipaddress import IPv4Address

from wifi_manager.domain.addresses import IpAddress
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway import netlink
from wifi_manager.gateway.netlink import NetfilterSocket, attribute, nested

_DELETE = 1 << 8 | 2  # NFNL_SUBSYS_CTNETLINK, IPCTNL_MSG_CT_DELETE
_TUPLE_ORIG, _MARK, _MARK_MASK, _FILTER = 1, 8, 21, 25
_TUPLE_IP, _TUPLE_PROTO = 1, 2
_IP_V4_SRC = 1
_PROTO_NUM, _PROTO_DST_PORT = 1, 3
_FILTER_ORIG_FLAGS = 1
_MATCH_SRC, _MATCH_PROTO, _MATCH_DST_PORT = 1 << 0, 1 << 3, 1 << 5
_HTTP = 80


class Conntrack:
    """The connection table of the network namespace in which the socket was opened."""

    def __init__(self, sock: NetfilterSocket) -> None:
        self._socket = sock

    def cut_marked(self, number: int) -> None:
        """Forget all connections of the device with this packet mark."""
        mark = attribute(_MARK, struct.pack(">I", number))
        self._delete(mark + attribute(_MARK_MASK, b"\xff\xff\xff\xff"))

    def forget_redirects(self, address: IpAddress) -> None:
        """Forget connections from this address to port 80: opened before a sign-in, they lead to the redirector.

        NAT rules see only the first packet. Kernels that cannot select by address (before 6.7 or so) answer with an
        error, which is passed over: the redirector closes every connection after one answer.
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
        request = tuple_orig + nested(_FILTER, attribute(_FILTER_ORIG_FLAGS, selected))
        self._delete(request, passed_over=(errno.EINVAL, errno.EOPNOTSUPP))

    def _delete(self, request: bytes, passed_over: tuple[int, ...] = ()) -> None:
        sequence = self._socket.next_sequence()
        where = netlink.Address(socket.AF_INET, version=1)  # version 1: only this address family
        self._socket.send([netlink.message(_DELETE, netlink.NLM_F_ACK, sequence, where, request)])
        answer = next(self._socket.receive(sequence))
        number = answer.errno()
        if number not in (0, errno.ENOENT, *passed_over):
            reason = errno.errorcode.get(number, str(number))
            raise OutsideFailure(f"The kernel did not end tracked connections ({reason}).")
