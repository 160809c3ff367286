"""A UDP server that answers Access-Requests as it is told. It writes its packets itself, octet by octet."""

import hashlib
import hmac
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

SECRET = b"a secret / with %signs: in it"
ACCEPT, REJECT, CHALLENGE = 2, 3, 11
MESSAGE_AUTHENTICATOR = 80
HEADER = struct.Struct("!BBH16s")


def attribute(kind: int, value: bytes) -> bytes:
    return bytes([kind, len(value) + 2]) + value


def attributes_of(packet: bytes) -> list[tuple[int, bytes]]:
    """In their order."""
    found, rest = [], packet[HEADER.size :]
    while rest:
        found.append((rest[0], rest[2 : rest[1]]))
        rest = rest[rest[1] :]
    return found


def message_authenticator(packet: bytes, authenticator: bytes, secret: bytes = SECRET) -> bytes:
    """RFC 3579 section 3.2: over the packet with the request's authenticator and 16 octets of zeros in its place."""
    blank = b"".join(
        attribute(kind, bytes(16) if kind == MESSAGE_AUTHENTICATOR else value)
        for kind, value in attributes_of(packet)
    )
    return hmac.digest(secret, packet[:4] + authenticator + blank, "md5")


def signed(code: int, request: bytes, *more: bytes, secret: bytes = SECRET) -> bytes:
    """An answer with a Message-Authenticator at its end, where older servers put it."""
    unsigned = HEADER.pack(code, request[1], HEADER.size + sum(map(len, more)) + 18, request[4:20])
    draft = unsigned + b"".join(more) + attribute(MESSAGE_AUTHENTICATOR, bytes(16))
    signature = message_authenticator(draft, request[4:20], secret)
    return _responded(draft[:-16] + signature, secret)


def unsigned(code: int, request: bytes, *more: bytes) -> bytes:
    """With the Response Authenticator of RFC 2865 alone, which CVE-2024-3596 can forge."""
    length = HEADER.size + sum(map(len, more))
    return _responded(HEADER.pack(code, request[1], length, request[4:20]) + b"".join(more), SECRET)


def _responded(packet: bytes, secret: bytes) -> bytes:
    return packet[:4] + hashlib.md5(packet + secret).digest() + packet[HEADER.size :]


def password_in(request: bytes, secret: bytes = SECRET) -> bytes:
    """RFC 2865 section 5.2, for one of at most 16 octets."""
    hidden = dict(attributes_of(request))[2]
    pad = hashlib.md5(secret + request[4:20]).digest()
    return bytes(a ^ b for a, b in zip(hidden, pad, strict=True)).rstrip(b"\0")


@dataclass
class RadiusServer:
    """`answers` makes the packets that it sends for one that it has received."""

    line: socket.socket
    answers: Callable[[bytes], list[bytes]] = lambda request: [signed(ACCEPT, request)]
    received: list[bytes] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.line.getsockname()[1]}"

    def serve(self) -> None:
        while (request := self.line.recvfrom(4096))[0]:
            self.received.append(request[0])
            for answer in self.answers(request[0]):
                self.line.sendto(answer, request[1])


@contextmanager
def answering() -> Iterator[RadiusServer]:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        server = RadiusServer(line)
        thread = threading.Thread(target=server.serve)
        thread.start()
        try:
            yield server
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
                last.sendto(b"", line.getsockname())  # an empty packet ends it
            thread.join()
