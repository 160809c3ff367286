"""Tells a phone at once that its connections have ended when its grant has.

The ruleset resets a connection when the phone sends its next packet; one that only waits for data would hang until
its own time-out. So we send it a segment outside its window: it must answer with an ACK (RFC 9293, 3.10.7.4), and
that ACK meets the ruleset, whose reset has the right sequence number. We need not know any.
"""

import contextlib
import os
import socket
import struct
from collections.abc import Iterator
from typing import Protocol, Self

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.netfilter.conntrack import Connection

_IPV4 = 0x0800
_ACK = 0x10
_HALF = 1 << 31  # of the sequence numbers: of two that lie so far apart one is outside any window
_NO_DATA_WORDS = 5 << 4  # TCP header of five words


class Farewell(Protocol):
    """Tells a device that a connection is over."""

    def say(self, device: MacAddress, connection: Connection) -> None: ...


class LanFarewell:
    """Sends segments out of the LAN interface, past the connection tracking of this machine."""

    def __init__(self, interface: str) -> None:
        self._socket = socket.socket(
            socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_NONBLOCK, 0
        )  # 0: receives nothing
        self._socket.bind((interface, 0))
        self._own: bytes = self._socket.getsockname()[4]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def say(self, device: MacAddress, connection: Connection) -> None:
        """Best effort: a frame that cannot be sent leaves the connection to end when the phone next sends."""
        for packet in segments(connection, int.from_bytes(os.urandom(4), "big")):
            with contextlib.suppress(OSError):
                self._socket.send(device.octets + self._own + struct.pack(">H", _IPV4) + packet)


def segments(connection: Connection, sequence: int) -> Iterator[bytes]:
    """Two empty IPv4 TCP segments from the server's end to the phone, half the sequence space apart."""
    (phone, phone_port), (server, server_port) = connection.phone, connection.server
    for number in (sequence, sequence ^ _HALF):
        header = struct.pack(">HHIIBBHHH", server_port, phone_port, number, 0, _NO_DATA_WORDS, _ACK, 0, 0, 0)
        pseudo = server.packed + phone.packed + struct.pack(">BBH", 0, socket.IPPROTO_TCP, len(header))
        tcp = header[:16] + struct.pack(">H", checksum(pseudo + header)) + header[18:]
        bare = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(tcp), 0, 0, 64, socket.IPPROTO_TCP, 0)
        bare += server.packed + phone.packed
        yield bare[:10] + struct.pack(">H", checksum(bare)) + bare[12:] + tcp


def checksum(data: bytes) -> int:
    """The Internet checksum (RFC 1071) of an even number of bytes."""
    total: int = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
