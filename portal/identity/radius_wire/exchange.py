"""One request to one server over UDP, and the wait for its answer."""

import socket
import time
from collections.abc import Callable

from pyrad.packet import AuthPacket

from portal.identity.radius_wire.packets import verified

_LARGEST = 4096  # octets of a packet (RFC 2865 section 3)


def exchange(
    address: tuple[str, int], asked: AuthPacket, seconds: float, sendings: int, dropped: Callable[[], None]
) -> AuthPacket | None:
    """The server's answer, or None when there was none in that time. Raises OSError: no such host, nobody listens.

    What is sent again is the same packet from the same port, so that the server knows it again (RFC 5080 section
    2.2.1). `dropped` is told of each packet that is no answer of a server that knows the secret.
    """
    with _line_to(address) as line:
        for _ in range(sendings):
            line.send(asked.RequestPacket())
            answer = _listen(line, asked, time.monotonic() + seconds / sendings, dropped)
            if answer is not None:
                return answer
    return None


def _line_to(address: tuple[str, int]) -> socket.socket:
    """Connected, so that the kernel drops what others send. Its port is random, which forgers would have to guess."""
    family, kind, protocol, _, found = socket.getaddrinfo(*address, type=socket.SOCK_DGRAM)[0]
    line = socket.socket(family, kind, protocol)
    try:
        line.connect(found)
    except OSError:
        line.close()
        raise
    return line


def _listen(line: socket.socket, asked: AuthPacket, until: float, dropped: Callable[[], None]) -> AuthPacket | None:
    while (left := until - time.monotonic()) > 0:
        line.settimeout(left)
        try:
            answer = verified(asked, line.recv(_LARGEST))
        except TimeoutError:
            return None
        if answer is not None:
            return answer
        dropped()
    return None
