"""The second line, outside nftables: routing rules that forward no packet without a mark.

Every packet that the table has seen has a mark. So where the table is gone (`nft flush ruleset`, another program's
mistake) nothing is forwarded, whether the agent lives or not: on every interface of phones, and on the uplink, what
has no mark is refused by the routing itself. What is meant for the gateway itself is not touched: local addresses are
looked up before.
"""

import socket
from collections.abc import Iterable
from typing import Any

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from wifi_manager.domain.errors import OutsideFailure

_PRIORITY = 1  # right after that of local addresses
_PROHIBIT = 8  # FR_ACT_PROHIBIT of linux/fib_rules.h: refused with an ICMP error
_WHOLE_MARK = 0xFFFFFFFF
_FAMILIES = (socket.AF_INET, socket.AF_INET6)


def draw(interfaces: Iterable[str]) -> None:
    """Make the rules of these interfaces, and remove ours of others. They stay when the agent ends.

    Raises OutsideFailure without CAP_NET_ADMIN. A kernel without IPv6 needs no rules for it.
    """
    wanted = set(interfaces)
    try:
        with IPRoute() as netlink:
            for family in _FAMILIES:
                if _has(family):
                    _draw(netlink, family, wanted)
    except (NetlinkError, OSError) as refused:
        raise OutsideFailure(f"The routing rules against unmarked packets cannot be made: {refused}.") from refused


def is_drawn(interfaces: Iterable[str]) -> bool:
    """Whether all of these rules are there."""
    wanted = set(interfaces)
    with IPRoute() as netlink:
        return all(wanted <= _drawn(netlink, family) for family in _FAMILIES if _has(family))


def _draw(netlink: IPRoute, family: int, wanted: set[str]) -> None:
    drawn = _drawn(netlink, family)
    for interface in wanted - drawn:
        netlink.rule("add", family=family, iifname=interface, **_OURS)
    for interface in drawn - wanted:
        netlink.rule("del", family=family, iifname=interface, **_OURS)


_OURS: dict[str, Any] = {"priority": _PRIORITY, "action": "prohibit", "fwmark": 0, "fwmask": _WHOLE_MARK}


def _drawn(netlink: IPRoute, family: int) -> set[str]:
    """Interfaces that have our rule."""
    return {
        rule.get_attr("FRA_IIFNAME")
        for rule in netlink.get_rules(family=family)
        if rule["action"] == _PROHIBIT and rule.get_attr("FRA_PRIORITY") == _PRIORITY
    } - {None}


def _has(family: int) -> bool:
    try:
        socket.socket(family, socket.SOCK_DGRAM).close()
    except OSError:
        return False
    return True
