"""HTB and the queues under its classes, as bytes that traffic control (tc) takes and tells. Nothing is sent here.

Structures and numbers are those of linux/rtnetlink.h and linux/pkt_sched.h. Rates are bytes a second. An identifier
of a class has 16 bits that name its tree and 16 that name the class in it, its minor.
"""

import struct
from dataclasses import dataclass
from enum import Enum

from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.netlink import attribute, attributes, nested

NEW_QDISC, DELETE_QDISC, GET_QDISC = 36, 37, 38
NEW_CLASS, DELETE_CLASS, GET_CLASS = 40, 41, 42
ROOT = 0xFFFFFFFF
TREE = 1 << 16  # the identifier 1:0
HTB = "htb"
MOST_RATE = 2**32 - 1  # bytes a second that a class can be told: 34 Gbit/s

_HEADER = struct.Struct("=BxxxiIII")  # family, interface, identifier, parent, info
_KIND, _OPTIONS = 1, 2
_HTB_PARAMETERS, _HTB_INIT, _HTB_DIRECT_QUEUE = 1, 2, 5
_UNSHAPED_PACKETS = 1000  # that may wait for the interface
_HTB_VERSION, _RATE_TO_QUANTUM = 3, 10
_RATE = struct.Struct("=BBHhHI")  # cell log, link layer, overhead, cell align, least unit, rate
_CLASS = struct.Struct(f"={_RATE.size}s{_RATE.size}sIIIII")  # rate, ceiling, their bursts, quantum, level, priority
_ETHERNET = 1  # no table of rates is wanted for it
_TICK_NANOSECONDS = 64
_LEAST_BURST_BYTES = 15_000
_BURST_SECONDS = 0.004
_QUEUE_SECONDS = 0.05
_LEAST_QUEUE_BYTES = 16_000
_CODEL_TARGET, _CODEL_LIMIT, _CODEL_FLOWS, _CODEL_MEMORY = 1, 2, 5, 9
_CODEL_PACKETS = 1000
_FLOWS = 64  # of one visit; the kernel's own 1024 would take 68 kB for each class
_LEAST_TARGET_SECONDS = 0.005
_LARGEST_FRAME_BYTES = 1514


class Leaf(Enum):
    """What queues under a class, by the kernel's name: fair among a visit's connections, or first in, first out."""

    FQ_CODEL = "fq_codel"
    BFIFO = "bfifo"


@dataclass(frozen=True, slots=True)
class HtbClass:
    """One class: sure of `rate`, never above `ceil`, and in between it borrows from its `parent` (0: from nobody).

    Rates are from 1 to MOST_RATE. Of those who borrow, each is served `quantum` bytes in turn.
    """

    minor: int
    rate: int
    ceil: int
    quantum: int
    parent: int = 0

    @property
    def queue_bytes(self) -> int:
        """What may wait in its leaf: 50 ms of its ceiling, and ten frames at the least."""
        return max(_LEAST_QUEUE_BYTES, round(self.ceil * _QUEUE_SECONDS))


@dataclass(frozen=True, slots=True)
class Told:
    """A class as the kernel tells it."""

    shape: HtbClass
    has_leaf: bool


def header(interface: int, identifier: int = 0, parent: int = 0) -> bytes:
    """What every message about queues and classes begins with."""
    return _HEADER.pack(0, interface, identifier, parent, 0)


def new_tree(interface: int) -> bytes:
    """Body that puts an empty tree at the interface's root. What belongs to no class passes unshaped."""
    start = struct.pack("=IIIII", _HTB_VERSION, _RATE_TO_QUANTUM, 0, 0, 0)
    waiting = struct.pack("=I", _UNSHAPED_PACKETS)
    options = nested(_OPTIONS, attribute(_HTB_INIT, start), attribute(_HTB_DIRECT_QUEUE, waiting))
    return header(interface, TREE, ROOT) + _kind(HTB) + options


def new_class(interface: int, shape: HtbClass) -> bytes:
    """Body that makes a class, or changes the one that is there and keeps what waits in it."""
    options = nested(_OPTIONS, attribute(_HTB_PARAMETERS, _parameters(shape)))
    return header(interface, TREE | shape.minor, TREE | shape.parent) + _kind(HTB) + options


def new_leaf(interface: int, shape: HtbClass, leaf: Leaf, *, is_there: bool) -> bytes:
    """Body that puts a queue under a class, or changes the one that is there."""
    where = header(interface, shape.minor << 16, TREE | shape.minor)
    if leaf is Leaf.BFIFO:
        return where + _kind(leaf.value) + attribute(_OPTIONS, struct.pack("=I", shape.queue_bytes))
    return where + _kind(leaf.value) + nested(_OPTIONS, *_codel(shape, is_there=is_there))


def kind_of(payload: bytes) -> str:
    """Kind of the queue in a kernel's answer."""
    found = dict(attributes(payload[_HEADER.size :]))
    return found.get(_KIND, b"").rstrip(b"\0").decode()


def identifier_of(payload: bytes) -> int:
    """Identifier of the queue or class in a kernel's answer."""
    identifier: int = _HEADER.unpack_from(payload)[2]
    return identifier


def read_class(payload: bytes) -> Told:
    """A class of HTB out of a kernel's answer."""
    _, _, identifier, parent, leaf = _HEADER.unpack_from(payload)
    options = dict(attributes(dict(attributes(payload[_HEADER.size :]))[_OPTIONS]))
    rate, ceil, _, _, quantum, _, _ = _CLASS.unpack_from(options[_HTB_PARAMETERS])
    shape = HtbClass(
        minor=identifier & 0xFFFF,
        rate=_RATE.unpack(rate)[-1],
        ceil=_RATE.unpack(ceil)[-1],
        quantum=quantum,
        parent=0 if parent == ROOT else parent & 0xFFFF,
    )
    return Told(shape, has_leaf=leaf != 0)


def _kind(name: str) -> bytes:
    return attribute(_KIND, netlink.text(name))


def _parameters(shape: HtbClass) -> bytes:
    rate, ceil = shape.rate, shape.ceil
    return _CLASS.pack(_rate(rate), _rate(ceil), _burst(rate), _burst(ceil), shape.quantum, 0, 0)


def _rate(bytes_a_second: int) -> bytes:
    return _RATE.pack(0, _ETHERNET, 0, -1, 0, bytes_a_second)


def _burst(rate: int) -> int:
    """How long the burst takes at this rate, in ticks: that is how the kernel wants to know it."""
    nanoseconds = max(_LEAST_BURST_BYTES, rate * _BURST_SECONDS) * 1_000_000_000 / rate
    return min(int(nanoseconds / _TICK_NANOSECONDS), MOST_RATE)


def _codel(shape: HtbClass, *, is_there: bool) -> list[bytes]:
    """RFC 8289, 4.4: the target is no shorter than a frame and a half take to send."""
    target = max(_LEAST_TARGET_SECONDS, 1.5 * _LARGEST_FRAME_BYTES / shape.ceil)
    settings = {
        _CODEL_TARGET: int(target * 1_000_000),
        _CODEL_LIMIT: _CODEL_PACKETS,
        _CODEL_MEMORY: 4 * shape.queue_bytes,  # it bounds itself by time, long before
    }
    if not is_there:  # the kernel takes the number of flows once
        settings[_CODEL_FLOWS] = _FLOWS
    return [attribute(kind, struct.pack("=I", value)) for kind, value in settings.items()]
