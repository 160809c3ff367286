"""Tries what this kernel can do, inside a throw-away network namespace; prints one JSON object of names and truths.

`python -m wifi_manager.gateway.checking.probe`. Never by comparing versions: distributions carry features back.
"""

import errno
import json
import shutil
import socket
import struct
import subprocess
import sys
from collections.abc import Callable

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.elements import Element, ElementTable, Operation, Verb
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket, attribute, nested

TABLE = "wifi_probe"
_SET = "one"
_RULES = f"table inet {TABLE} {{ set {_SET} {{ type mark; size 16; flags timeout; counter; }}\n}}\n"
_KEY = struct.pack("=I", 1)
_OTHER_KEY = struct.pack("=I", 2)
_NAMES = attribute(1, netlink.text(TABLE)) + attribute(2, netlink.text(_SET))  # NFTA_SET_ELEM_LIST_TABLE and _SET
_HOUR_MS = 3_600_000
_SECONDS = 20
_LEAF = ("dev", "lo", "parent", "1:", "classid", "1:1", "htb", "rate", "1mbit")
_FAIR = ("dev", "lo", "parent", "1:1", "fq_codel")
_END_SECONDS = 1.0  # how long an acknowledgement of BATCH_END may take; old kernels never send it
_NFTABLES = 10  # NFNL_SUBSYS_NFTABLES
_BATCH_BEGIN, _BATCH_END = 0x10, 0x11
_GET_AND_RESET = _NFTABLES << 8 | 33  # NFT_MSG_GETSETELEM_RESET
_DELETE_TRACKED = 1 << 8 | 2  # IPCTNL_MSG_CT_DELETE
_FILTER, _FILTER_ORIG_FLAGS, _MATCH_SRC = 25, 1, 1 << 0  # CTA_FILTER
_TUPLE_ORIG, _TUPLE_IP, _IP_V4_SRC = 1, 1, 1


def renews(sock: NetfilterSocket) -> bool:
    """Adding an element again renews its timeout (Linux 6.12)."""
    for life_ms in (_HOUR_MS, 2 * _HOUR_MS):
        _add(sock, life_ms)
    found = ElementTable(sock, TABLE).get(_SET, _KEY)
    return found is not None and (found.left_ms or 0) > _HOUR_MS


def _add(sock: NetfilterSocket, life_ms: int) -> None:
    """Add the element whether it is there or not, which ElementTable never does."""
    begin, added, end = (sock.next_sequence() for _ in range(3))
    batch = netlink.Address(resource=socket.htons(_NFTABLES))
    item = nested(1, nested(1, attribute(1, _KEY)), attribute(4, struct.pack(">Q", life_ms)))  # NFTA_SET_ELEM_TIMEOUT
    flags = netlink.NLM_F_CREATE | netlink.NLM_F_ACK
    sock.send(
        [
            netlink.message(_BATCH_BEGIN, 0, begin, batch),
            netlink.message(Verb.ADD.value, flags, added, netlink.Address(1), _NAMES + nested(3, item)),
            netlink.message(_BATCH_END, 0, end, batch),
        ]
    )
    next(sock.receive(added))


def destroys(sock: NetfilterSocket) -> bool:
    """Removing an element that is not there is no error (Linux 6.3)."""
    try:
        ElementTable(sock, TABLE, destroys=True).apply([Operation(Verb.DESTROY, Element(_SET, _OTHER_KEY))])
    except OutsideFailure:
        return False
    return True


def resets(sock: NetfilterSocket) -> bool:
    """Counters can be read and set to zero in one step (Linux 6.5)."""
    wanted = nested(3, nested(1, nested(1, attribute(1, _KEY))))  # NFTA_SET_ELEM_LIST_ELEMENTS
    sequence = sock.next_sequence()
    sock.send([netlink.message(_GET_AND_RESET, netlink.NLM_F_ACK, sequence, netlink.Address(1), _NAMES + wanted)])
    for answer in sock.receive(sequence):
        if answer.kind == netlink.NLMSG_ERROR:
            return answer.errno() == 0
    raise AssertionError  # receive() never ends by itself


def acknowledges_end(sock: NetfilterSocket) -> bool:
    """The end of a batch is acknowledged (Linux 6.10)."""
    begin, end = sock.next_sequence(), sock.next_sequence()
    batch = netlink.Address(resource=socket.htons(_NFTABLES))
    sock.send(
        [
            netlink.message(_BATCH_BEGIN, 0, begin, batch),
            netlink.message(_BATCH_END, netlink.NLM_F_ACK, end, batch),
        ]
    )
    try:
        return next(sock.receive(end)).errno() == 0
    except OutsideFailure:  # nothing came
        return False


def selects_tracked(sock: NetfilterSocket) -> bool:
    """Tracked connections can be deleted by one end's address alone."""
    source = nested(_TUPLE_ORIG, nested(_TUPLE_IP, attribute(_IP_V4_SRC, bytes([192, 0, 2, 1]))))
    chosen = nested(_FILTER, attribute(_FILTER_ORIG_FLAGS, struct.pack("=I", _MATCH_SRC)))
    sequence = sock.next_sequence()
    ipv4 = netlink.Address(socket.AF_INET, version=1)
    sock.send([netlink.message(_DELETE_TRACKED, netlink.NLM_F_ACK, sequence, ipv4, source + chosen)])
    return next(sock.receive(sequence)).errno() in {0, errno.ENOENT}


def _works(*words: str, text: str = "") -> bool:
    if shutil.which(words[0]) is None:
        return False
    done = subprocess.run(words, input=text, capture_output=True, text=True, check=False, timeout=_SECONDS)
    return done.returncode == 0


def _in_the_filter() -> dict[str, Callable[[NetfilterSocket], bool]]:
    return {
        "renew": renews,
        "destroy": destroys,
        "reset": resets,
        "select": selects_tracked,
    }


def probe() -> dict[str, bool]:
    """All answers. Raises OutsideFailure where the kernel has no nf_tables, or this process may not use it."""
    if not _works("nft", "-f", "-", text=_RULES):
        raise OutsideFailure("The kernel takes no table of nftables from us.")
    with NetfilterSocket() as sock:
        found = {name: tried(sock) for name, tried in _in_the_filter().items()}
    with NetfilterSocket(answer_seconds=_END_SECONDS) as sock:
        found["end"] = acknowledges_end(sock)
    found["bridge"] = _works("nft", "add", "table", "bridge", TABLE)
    found["htb"] = _works("tc", "qdisc", "add", "dev", "lo", "root", "handle", "1:", "htb", "default", "0")
    found["fq_codel"] = _works("tc", "class", "add", *_LEAF) and _works("tc", "qdisc", "add", *_FAIR)
    found["policy_routing"] = _works("ip", "rule", "add", "iif", "lo", "fwmark", "1", "prohibit")
    return found


if __name__ == "__main__":
    try:
        print(json.dumps(probe()))  # noqa: T201 - this is the whole of what it does
    except OutsideFailure as problem:
        sys.exit(str(problem))
