"""What one packet costs on its way through a gateway.

One sender, 64-byte frames (22 bytes in UDP), 64 of them a system call. Over veth pairs the whole path, phone to
internet, runs in the sender's own context: CPU time of its thread / packets = cost of the path. Each figure is the
best of some repetitions, which is the one that the rest of the machine disturbed least.
"""

import ctypes
import os
import socket
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.lab.city import INTERNET_ADDRESS, LabCity
from tests.lab.namespaces import Namespace

SINK_PORT = 9
_FRAME = bytes(22)
_A_CALL = 64
_WARM_UP_CALLS = 50
_LEAST_DELIVERED = 0.98


class _Iovec(ctypes.Structure):
    _fields_ = (("base", ctypes.c_char_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):  # struct mmsghdr, sendmmsg(2)
    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint),
        ("iov", ctypes.POINTER(_Iovec)),
        ("iov_length", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
        ("sent", ctypes.c_uint),
    )


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one packet: CPU time in nanoseconds, and thousands of them in a second from one sender."""

    nanoseconds: float
    kpps: float


def sink(lab: LabCity) -> socket.socket:
    """Swallows what is sent to it, as long as it is open: without it every packet would be answered by an error."""

    def listening() -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.bind((INTERNET_ADDRESS, SINK_PORT))
        return sock

    return lab.internet.call(listening)


def cost(lab: LabCity, phone: Namespace, packets: int, repetitions: int) -> Cost:
    """Of packets from this phone to the sink. Raises RuntimeError when the gateway does not let them all through."""
    before = _arrived(lab)
    found = phone.call(lambda: _best(packets, repetitions))
    sent = _A_CALL * (_WARM_UP_CALLS + packets // _A_CALL * repetitions)
    delivered = (_arrived(lab) - before) / sent
    if delivered < _LEAST_DELIVERED:
        raise RuntimeError(f"Only {delivered:.1%} of the packets came through: their cost says nothing.")
    return found


def _best(packets: int, repetitions: int) -> Cost:
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # of this thread, which ends afterwards
    library = ctypes.CDLL(None, use_errno=True)
    iovec = _Iovec(_FRAME, len(_FRAME))
    messages = (_Message * _A_CALL)(*(_Message(iov=ctypes.pointer(iovec), iov_length=1) for _ in range(_A_CALL)))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.connect((INTERNET_ADDRESS, SINK_PORT))

        def send(calls: int) -> None:
            left = calls * _A_CALL
            while left > 0:
                sent = library.sendmmsg(sock.fileno(), messages, min(left, _A_CALL), 0)
                if sent < 0:
                    raise OSError(ctypes.get_errno(), "sendmmsg")
                left -= sent

        send(_WARM_UP_CALLS)  # neighbours, the connection's entry, caches
        return min((_timed(send, packets // _A_CALL) for _ in range(repetitions)), key=lambda each: each.nanoseconds)


def _timed(send: Any, calls: int) -> Cost:
    cpu, wall = time.thread_time_ns(), time.perf_counter_ns()
    send(calls)
    cpu, wall = time.thread_time_ns() - cpu, time.perf_counter_ns() - wall
    return Cost(cpu / (calls * _A_CALL), calls * _A_CALL / wall * 1e6)


def _arrived(lab: LabCity) -> int:
    """Packets that came from the gateway so far."""
    return int(lab.internet.check(["cat", "/sys/class/net/to-gateway/statistics/rx_packets"]))


def summary(rounds: Sequence[Mapping[str, Cost]]) -> dict[str, dict[str, float]]:
    """The median of interleaved rounds by variant: nanoseconds a packet and kpps."""
    return {
        name: {
            "ns": round(statistics.median(each[name].nanoseconds for each in rounds)),
            "kpps": round(statistics.median(each[name].kpps for each in rounds)),
        }
        for name in rounds[0]
    }


def ratio(rounds: Sequence[Mapping[str, Cost]], variant: str, reference: str) -> float:
    """How many times the reference a variant costs: the median of what the rounds say, for machines change pace."""
    return round(statistics.median(each[variant].nanoseconds / each[reference].nanoseconds for each in rounds), 2)
