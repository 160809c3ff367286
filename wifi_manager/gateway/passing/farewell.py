"""Tells a phone at once that its connections have ended when its grant has.

The ruleset resets a connection when the phone sends its next packet; one that only waits for data would hang until
its own time-out. So we send it a segment outside its window: it must answer with an ACK (RFC 9293, 3.10.7.4), and
that ACK meets the ruleset, whose reset has the right sequence number. We need not know any.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterable, Iterator
from typing import Protocol, Self

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.netfilter.conntrack import Connection
from wifi_manager.gateway.settings import Network

_ETHERTYPE = {4: 0x0800, 6: 0x86DD}
_ACK = 0x10
_HALF = 1 << 31  # of the sequence numbers: of two that lie so far apart one is outside any window
_NO_DATA_WORDS = 5 << 4  # TCP header of five words
_HOPS = 64


class Farewell(Protocol):
    """Tells a device that a connection is over."""

    def say(self, device: MacAddress, connection: Connection) -> None: ...


class LanFarewell:
    """Sends segments out of the interface of the phone's network, past the connection tracking of this machine."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._stack = contextlib.ExitStack()
        try:
            self._ways = [(network, self._stack.enter_context(_sender(network.interface))) for network in networks]
        except BaseException:
            self._stack.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def say(self, device: MacAddress, connection: Connection) -> None:
        """Best effort: a frame that cannot be sent leaves the connection to end when the phone next sends."""
        phone = connection.phone[0]
        for network, sender in self._ways:
            if any(phone in prefix for prefix in network.prefixes):
                own: bytes = sender.getsockname()[4]
                head = device.octets + own + struct.pack(">H", _ETHERTYPE[phone.version])
                for packet in segments(connection, int.from_bytes(os.urandom(4), "big")):
                    with contextlib.suppress(OSError):
                        sender.send(head + packet)


def _sender(interface: str) -> socket.socket:
    sender = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0)  # 0: receives nothing
    try:
        sender.bind((interface, 0))
    except OSError:
        sender.close()
        raise
    return sender


def segments(connection: Connection, sequence: int) -> Iterator[bytes]:
    """Two empty TCP segments from the server's end to the phone, half the sequence space apart."""
    (phone, phone_port), (server, server_port) = connection.phone, connection.server
    ends = server.packed + phone.packed
    for number in (sequence, sequence ^ _HALF):
        header = struct.pack(">HHIIBBHHH", server_port, phone_port, number, 0, _NO_DATA_WORDS, _ACK, 0, 0, 0)
        pseudo = ends + struct.pack(">II", len(header), socket.IPPROTO_TCP)  # RFC 8200, 8.1; the same sum as IPv4's
        tcp = header[:16] + struct.pack(">H", checksum(pseudo + header)) + header[18:]
        yield (_ipv4_header(len(tcp), ends) if phone.version == 4 else _ipv6_header(len(tcp), ends)) + tcp  # noqa: PLR2004 - versions of IP


def _ipv4_header(payload: int, ends: bytes) -> bytes:
    bare = struct.pack(">BBHHHBBH", 0x45, 0, 20 + payload, 0, 0, _HOPS, socket.IPPROTO_TCP, 0) + ends
    return bare[:10] + struct.pack(">H", checksum(bare)) + bare[12:]


def _ipv6_header(payload: int, ends: bytes) -> bytes:
    return struct.pack(">IHBB", 6 << 28, payload, socket.IPPROTO_TCP, _HOPS) + ends


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
