"""One tree for several LANs: what goes down to phones passes one more interface, so that all share one uplink.

An `ifb` interface sends nothing by itself. What leaves a LAN's interface is led there first, waits for its turn,
and then goes on where it was going. Structures and numbers are those of linux/pkt_cls.h and linux/tc_act/tc_mirred.h.
"""

import errno
import struct
from collections.abc import Iterable, Sequence

from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.netlink import attribute, nested
from wifi_manager.gateway.shaping import tc
from wifi_manager.gateway.shaping.route import Refused, Request, Route, link_header
from wifi_manager.gateway.shaping.tree import Tree

GATHERING = "wifi-down"
_NEW_LINK, _DELETE_LINK = 16, 17
_NAME, _LINK_INFO, _LINK_KIND = 3, 18, 1
_NEW_FILTER, _DELETE_FILTER = 44, 45
_KIND, _OPTIONS = 1, 2
_CLSACT, _CLSACT_PARENT, _EGRESS = 0xFFFF0000, 0xFFFFFFF1, 0xFFFFFFF3
_FIRST_AND_EVERY_PROTOCOL = 1 << 16 | 0x0300  # priority 1; ETH_P_ALL in network order
_FIRST_RULE = 0x80000800
_SELECTOR, _ACTIONS = 5, 7
_EVERY_PACKET = struct.pack(
    "=BBBxHHhhIIIii", 1, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0
)  # terminal; one key, which all match
_ACTION_KIND, _ACTION_OPTIONS, _MIRRED = 1, 2, 2
_STOLEN, _EGRESS_REDIRECT = 4, 1
_NOT_THERE = frozenset({errno.ENOENT, errno.EINVAL, errno.ENODEV})


class GatheredTree(Tree):
    """The tree at the interface through which all LANs are led."""

    def __init__(self, route: Route, lans: Sequence[str]) -> None:
        super().__init__(route, GATHERING)
        self._led = dict.fromkeys(lans, 0)  # index of each as it was led here, 0 where it was missing

    def is_unchanged(self) -> bool:
        """As of a tree; and no LAN went or came."""
        return super().is_unchanged() and all(self._route.index(lan) == led for lan, led in self._led.items())

    def plant(self) -> None:
        """As a tree is planted; and lead here each LAN that is there. A LAN that comes later is a change."""
        make_gathering(self._route)
        super().plant()
        for lan in self._led:
            self._led[lan] = self._route.index(lan)
            if self._led[lan]:
                self._drop_own_tree(self._led[lan])
                self._route.change(_lead(self._led[lan], self._index))

    def _drop_own_tree(self, lan: int) -> None:
        """If the LAN had a tree of its own, its classes would slow packets a second time."""
        own = Request(tc.DELETE_QDISC, tc.header(lan, tc.TREE, tc.ROOT))
        self._route.change([own], passed_over=_NOT_THERE)


def make_gathering(route: Route) -> None:
    """Make the interface where it is missing, and switch it on. Raises Refused where the kernel has no `ifb`."""
    if not route.index(GATHERING):
        kind = nested(_LINK_INFO, attribute(_LINK_KIND, b"ifb"))
        name = attribute(_NAME, netlink.text(GATHERING))
        route.change([Request(_NEW_LINK, link_header() + name + kind, netlink.NLM_F_CREATE | netlink.NLM_F_EXCL)])
    route.change([Request(_NEW_LINK, link_header(route.index(GATHERING), up=True))])


def can_gather(route: Route) -> bool:
    """True where the kernel has such an interface and can lead packets. It is tried, at that interface itself."""
    try:
        make_gathering(route)
        trial = route.index(GATHERING)
        route.change(_lead(trial, trial))
        route.change([_filter(trial, _DELETE_FILTER), _hook(trial, tc.DELETE_QDISC)])
    except Refused:
        return False
    return True


def ungather(route: Route, lans: Iterable[str]) -> None:
    """Let each LAN go its own way again, before the interface goes: a redirect to nowhere would drop everything."""
    if not (gathering := route.index(GATHERING)):
        return
    there = [index for lan in lans if (index := route.index(lan))]
    route.change([_filter(lan, _DELETE_FILTER) for lan in there], passed_over=_NOT_THERE)
    route.change([Request(_DELETE_LINK, link_header(gathering))])


def _lead(lan: int, target: int) -> list[Request]:
    return [_hook(lan, tc.NEW_QDISC), _filter(lan, _NEW_FILTER, _redirect(target))]


def _hook(lan: int, verb: int) -> Request:
    where = tc.header(lan, _CLSACT, _CLSACT_PARENT) + _kind("clsact")
    return Request(verb, where, netlink.NLM_F_CREATE if verb == tc.NEW_QDISC else 0)


def _filter(lan: int, verb: int, options: bytes = b"") -> Request:
    where = struct.pack("=BxxxiIII", 0, lan, _FIRST_RULE, _EGRESS, _FIRST_AND_EVERY_PROTOCOL)
    return Request(verb, where + _kind("u32") + options, netlink.NLM_F_CREATE if options else 0)


def _redirect(target: int) -> bytes:
    onward = struct.pack("=IIiiiiI", 0, 0, _STOLEN, 0, 0, _EGRESS_REDIRECT, target)
    action = nested(1, attribute(_ACTION_KIND, b"mirred\0"), nested(_ACTION_OPTIONS, attribute(_MIRRED, onward)))
    return nested(_OPTIONS, attribute(_SELECTOR, _EVERY_PACKET), nested(_ACTIONS, action))


def _kind(name: str) -> bytes:
    return attribute(_KIND, netlink.text(name))
