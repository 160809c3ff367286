"""What a router advertisement says to phones (RFC 4861, 4.2), as bytes, and when one is due. Pure.

Lifetimes follow RFC 7772, 5: long enough that a sleeping phone need not be woken for them, and an agent that crashed
or is restarted takes the way out from nobody.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Interface

ROUTER_SOLICITATION = 133
_ROUTER_ADVERTISEMENT = 134
_HOP_LIMIT = 64
_OTHER_CONFIGURATION = 0x40  # the rest is to be had by DHCPv6 without a lease (RFC 8415, 6.1)
_ON_LINK_AND_AUTONOMOUS = 0xC0
_PREFIX_BITS = 64
ROUTER_SECONDS = 5400
VALID_SECONDS = 7200
PREFERRED_SECONDS = 5400
_LONGEST_URI_BYTES = 255 * 8 - 2

_INTERVAL_SECONDS = (600.0, 900.0)  # four to six an hour: RFC 7772, 5.1 allows seven
_INITIAL_INTERVAL_SECONDS = 16.0  # RFC 4861, 10
_INITIAL_ADVERTISEMENTS = 3
_BETWEEN_MULTICASTS_SECONDS = 3.0
_ANSWER_DELAY_SECONDS = 0.5
_ANSWERS_A_SECOND = 50  # to single phones; when more ask, one to all of them is cheaper

Chance = Callable[[float, float], float]


@dataclass(frozen=True, slots=True)
class Advertised:
    """What phones of one network are told. `address` is the gateway's own, a /64; `api_url` that of RFC 8908."""

    interface: str
    address: IPv6Interface
    api_url: str


def advertisement(told: Advertised, link_address: bytes, *, leaving: bool = False) -> bytes:
    """An ICMPv6 message with a checksum of zero, for the kernel fills it in (RFC 3542, 3.1).

    `leaving`: this router is none any more and its addresses are not to be used for anything new (RFC 4861, 6.2.5).
    """
    router, preferred = (0, 0) if leaving else (ROUTER_SECONDS, PREFERRED_SECONDS)
    head = struct.pack(">BBHBBHII", _ROUTER_ADVERTISEMENT, 0, 0, _HOP_LIMIT, _OTHER_CONFIGURATION, router, 0, 0)
    network = told.address.network
    prefix = struct.pack(
        ">BBIII16s",
        _PREFIX_BITS,
        _ON_LINK_AND_AUTONOMOUS,
        VALID_SECONDS,
        preferred,
        0,
        network.network_address.packed,
    )
    resolver = struct.pack(">HI16s", 0, router, told.address.ip.packed)
    options = [
        (1, link_address),  # source link-layer address: RFC 4861, 4.6.1
        (3, prefix),  # prefix information: RFC 4861, 4.6.2
        (25, resolver),  # RDNSS: RFC 8106, 5.1
        (37, told.api_url.encode()[:_LONGEST_URI_BYTES]),  # captive portal: RFC 8910, 2.3
    ]
    return head + b"".join(_option(kind, body) for kind, body in options)


def _option(kind: int, body: bytes) -> bytes:
    """One option, filled with zeros to a multiple of eight bytes (RFC 4861, 4.6; for option 37 RFC 8910, 2.3)."""
    eights = (len(body) + 2 + 7) // 8
    return struct.pack(">BB", kind, eights) + body.ljust(eights * 8 - 2, b"\0")


def is_solicitation(message: bytes, hop_limit: int, *, from_nowhere: bool) -> bool:
    """Whether a received message asks for an advertisement and is valid (RFC 4861, 6.1.1); the kernel has summed it.

    `from_nowhere`: its source is the unspecified address; then it names no link-layer address.
    """
    if hop_limit != 255 or len(message) < 8 or message[:2] != bytes((ROUTER_SOLICITATION, 0)):  # noqa: PLR2004 - as the RFC says
        return False
    kinds = _kinds(message[8:])
    return kinds is not None and not (from_nowhere and 1 in kinds)


def _kinds(options: bytes) -> set[int] | None:
    """The kinds of all options, or None where one has no length or runs over the end."""
    kinds, at = set(), 0
    while at < len(options):
        length = options[at + 1] * 8 if at + 1 < len(options) else 0
        if length == 0 or at + length > len(options):
            return None
        kinds.add(options[at])
        at += length
    return kinds


class Schedule:
    """When the next advertisement to all is due, and whether one phone gets its own. All moments are in seconds.

    `due` is the moment of the next multicast. Before it was told `sent`, that is at once.
    """

    def __init__(self, now: float, chance: Chance) -> None:
        """`chance` gives a number between two others, each time another one: routers must not beat in time."""
        self.due = now
        self._chance = chance
        self._initial = _INITIAL_ADVERTISEMENTS
        self._last = now - _BETWEEN_MULTICASTS_SECONDS
        self._answers, self._second = 0, 0

    def sent(self, now: float) -> None:
        """An advertisement went to all (RFC 4861, 6.2.4)."""
        pause = self._chance(*_INTERVAL_SECONDS)
        if self._initial:
            self._initial -= 1
            pause = min(pause, _INITIAL_INTERVAL_SECONDS)
        self._last, self.due = now, now + pause

    def may_answer_alone(self, now: float, *, from_nowhere: bool) -> bool:
        """Whether the phone that asks gets an answer of its own, now (RFC 7772, 5.1: it wakes nobody else).

        Otherwise one to all is brought forward; those are never closer than three seconds (RFC 4861, 6.2.6).
        """
        if int(now) != self._second:
            self._answers, self._second = 0, int(now)
        self._answers += not from_nowhere
        if not from_nowhere and self._answers <= _ANSWERS_A_SECOND:
            return True
        soon = now + self._chance(0.0, _ANSWER_DELAY_SECONDS)
        self.due = min(self.due, max(soon, self._last + _BETWEEN_MULTICASTS_SECONDS))
        return False
