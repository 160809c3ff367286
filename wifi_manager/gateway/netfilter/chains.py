"""What chains a table has: enough to see that somebody else has changed them.

Attribute numbers are those of linux/netfilter/nf_tables.h.
"""

from dataclasses import dataclass

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket

_NFPROTO_INET = 1
_GETCHAIN = 10 << 8 | 4  # NFNL_SUBSYS_NFTABLES
_TABLE, _NAME, _POLICY, _USE = 1, 3, 5, 6


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain; `uses` counts its rules and the jumps to it, `policy` is None in a chain without a hook."""

    name: str
    uses: int
    policy: int | None


def chains(sock: NetfilterSocket, table: str) -> frozenset[Chain]:
    """All chains of one `inet` table; none where there is no such table. Raises OutsideFailure."""
    sequence = sock.next_sequence()
    sock.send([netlink.message(_GETCHAIN, netlink.NLM_F_DUMP, sequence, netlink.Address(_NFPROTO_INET))])
    found = set()
    for answer in sock.receive(sequence):
        if answer.kind == netlink.NLMSG_ERROR:
            raise OutsideFailure(f"The kernel's chains cannot be read (errno {answer.errno()}).")
        if answer.kind == netlink.NLMSG_DONE:
            break
        fields = answer.attributes()
        if fields[_TABLE] == netlink.text(table):
            found.add(_chain(fields))
    return frozenset(found)


def _chain(fields: dict[int, bytes]) -> Chain:
    policy = fields.get(_POLICY)
    return Chain(
        name=fields[_NAME].rstrip(b"\0").decode(),
        uses=int.from_bytes(fields[_USE], "big"),
        policy=None if policy is None else int.from_bytes(policy, "big"),
    )
