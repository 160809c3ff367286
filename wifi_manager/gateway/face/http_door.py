"""A small HTTP/1.1 server for one question and one answer a connection. Bounded in time, size and number.

Every answer closes its connection: one that was opened before a sign-in must not go on being redirected after it.
"""

import asyncio
import contextlib
import ipaddress
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus

from wifi_manager.domain.addresses import IpAddress

_HEAD_BYTES = 16 * 1024
_QUESTION_SECONDS = 10.0
_ANSWER_SECONDS = 10.0
_LINGER_SECONDS = 1.0
_LINGER_BYTES = 64 * 1024
_MOST_CONNECTIONS = 4096
_IP_FREEBIND, _IPV6_FREEBIND = 15, 78  # linux/in.h, linux/in6.h
_ALWAYS = {
    "Cache-Control": "private, no-store",
    "Connection": "close",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


@dataclass(frozen=True, slots=True)
class Question:
    """A request without its body. `path` is without its query; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    peer: IpAddress

    @property
    def is_plain(self) -> bool:
        """True for GET and HEAD."""
        return self.method in {"GET", "HEAD"}


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, body and headers of an answer; length, caching and closing are added."""

    status: HTTPStatus | int
    body: bytes
    media_type: str = "text/html; charset=utf-8"
    headers: Mapping[str, str] = field(default_factory=dict)

    def encode(self, *, with_body: bool) -> bytes:
        """The bytes on the wire. For HEAD the same headers go without the body (RFC 9110, 9.3.2)."""
        phrase = HTTPStatus(self.status).phrase
        headers = {"Content-Type": self.media_type, "Content-Length": str(len(self.body)), **_ALWAYS, **self.headers}
        lines = [f"HTTP/1.1 {int(self.status)} {phrase}", *(f"{name}: {value}" for name, value in headers.items())]
        return "\r\n".join([*lines, "", ""]).encode("latin-1") + (self.body if with_body else b"")


Answering = Callable[[Question], Awaitable[Reply]]
BAD_REQUEST = Reply(HTTPStatus.BAD_REQUEST, b"This is not a request that a browser makes.\n", "text/plain")


class Door:
    """Answers every connection with what `answering` says."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._open = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, from its first byte to its end; what goes wrong on it ends it and nothing else."""
        if self._open >= _MOST_CONNECTIONS:
            writer.close()
            return
        self._open += 1
        try:
            with contextlib.suppress(TimeoutError, OSError, asyncio.IncompleteReadError):
                await self._exchange(reader, writer)
        finally:
            self._open -= 1
            with contextlib.suppress(TimeoutError, OSError):
                writer.close()
                async with asyncio.timeout(_ANSWER_SECONDS):
                    await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            async with asyncio.timeout(_QUESTION_SECONDS):
                head = await reader.readuntil(b"\r\n\r\n")
        except asyncio.LimitOverrunError:
            head = b""
        question = parse(head, ipaddress.ip_address(writer.get_extra_info("peername")[0]))
        reply = BAD_REQUEST if question is None else await self._answering(question)
        writer.write(reply.encode(with_body=question is None or question.method != "HEAD"))
        async with asyncio.timeout(_ANSWER_SECONDS):
            await writer.drain()
        if question is None or not question.is_plain:
            await _linger(reader, writer)


async def open_door(
    answering: Answering, address: IpAddress, port: int, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Listen on an address, also where the interface has it only later. Raises OSError where somebody else does."""
    return await asyncio.start_server(
        Door(answering).serve,
        sock=_bound(address, port),
        limit=_HEAD_BYTES,
        backlog=1024,
        ssl=tls,
        ssl_handshake_timeout=_QUESTION_SECONDS if tls else None,
        ssl_shutdown_timeout=_LINGER_SECONDS if tls else None,
    )


def _bound(address: IpAddress, port: int) -> socket.socket:
    is_ipv4 = address.version == 4  # noqa: PLR2004 - versions of IP
    sock = socket.socket(socket.AF_INET if is_ipv4 else socket.AF_INET6, socket.SOCK_STREAM)
    try:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        free = (socket.IPPROTO_IP, _IP_FREEBIND) if is_ipv4 else (socket.IPPROTO_IPV6, _IPV6_FREEBIND)
        sock.setsockopt(*free, 1)
        sock.bind((str(address), port))
    except OSError:
        sock.close()
        raise
    return sock


def parse(head: bytes, peer: IpAddress) -> Question | None:
    """Read the head of a request (RFC 9112, 3); None where it is none."""
    first, *lines = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1.") or not parts[0].isalpha():  # noqa: PLR2004 - method, target, version
        return None
    pairs = (line.partition(":") for line in lines if line)
    headers = {name.strip().lower(): value.strip() for name, _, value in pairs}
    return Question(parts[0].upper(), parts[1].partition("?")[0], headers, peer)


async def _linger(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Read what the client still sends: closing on unread data resets the connection and may destroy our answer."""
    if writer.can_write_eof():
        writer.write_eof()
    async with asyncio.timeout(_LINGER_SECONDS):
        left = _LINGER_BYTES
        while left > 0 and (data := await reader.read(left)):
            left -= len(data)
