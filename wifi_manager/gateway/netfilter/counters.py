"""Reads the named counters of a table of nf_tables.

Attribute numbers are those of linux/netfilter/nf_tables.h.
"""

import struct

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket, attribute, attributes

_GETOBJ = 10 << 8 | 19  # NFNL_SUBSYS_NFTABLES
_TABLE, _NAME, _TYPE, _DATA = 1, 2, 3, 4
_COUNTER = struct.pack(">I", 1)
_PACKETS = 2


def read_packets(sock: NetfilterSocket, family: int, table: str) -> dict[str, int]:
    """How many packets each named counter has counted; empty where the table has none, or is not there.

    Raises OutsideFailure when the kernel does not answer.
    """
    sequence = sock.next_sequence()
    wanted = attribute(_TABLE, netlink.text(table)) + attribute(_TYPE, _COUNTER)
    sock.send([netlink.message(_GETOBJ, netlink.NLM_F_DUMP, sequence, netlink.Address(family), wanted)])
    found = {}
    for answer in sock.receive(sequence):
        if answer.kind == netlink.NLMSG_ERROR:
            raise OutsideFailure(f"The counters of the kernel's table {table!r} cannot be read.")
        if answer.kind == netlink.NLMSG_DONE:
            break
        fields = answer.attributes()
        data = dict(attributes(fields[_DATA]))
        found[fields[_NAME].rstrip(b"\0").decode()] = int.from_bytes(data[_PACKETS], "big")
    return found
