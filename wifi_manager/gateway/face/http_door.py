"""A small HTTP/1.1 server for one question and one answer a connection. Bounded in time, size and number.

Every answer closes its connection: one that was opened before a sign-in must not go on being redirected after it.
"""

import asyncio
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
    query: str = ""

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
    """Answers every connection with what `answering` says; `open` is how many there are now."""

    def __init__(self, answering: Answering) -> None:
        self.answering = answering
        self.open = 0


class _Conversation(asyncio.Protocol):
    """One connection, from its first byte to its end; what goes wrong on it ends it and nothing else.

    A protocol and not a pair of streams: a square full of phones that look for the internet costs a third of that.
    """

    def __init__(self, door: Door) -> None:
        self._door = door
        self._head = bytearray()
        self._answer: asyncio.Task[None] | None = None
        self._unwanted = 0  # bytes that came after the question

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - says to the type checker what create_server does
        self._transport = transport
        self._door.open += 1
        self._alarm = asyncio.get_running_loop().call_later(_QUESTION_SECONDS, transport.abort)
        if self._door.open > _MOST_CONNECTIONS:
            transport.abort()

    def data_received(self, data: bytes) -> None:
        if self._answer is not None:
            self._unwanted += len(data)
            if self._unwanted > _LINGER_BYTES:
                self._transport.abort()
            return
        self._head += data
        end = self._head.find(b"\r\n\r\n")
        if 0 <= end <= _HEAD_BYTES:
            self._begin_to_answer(parse(bytes(self._head[: end + 2]), self._peer()))
        elif len(self._head) > _HEAD_BYTES:
            self._begin_to_answer(None)

    def eof_received(self) -> bool:
        """True keeps our half open: who asks and then ends its own still gets its answer. TLS knows no halves."""
        is_plain = self._transport.get_extra_info("sslcontext") is None
        return is_plain and self._answer is not None and not self._answer.done()

    def connection_lost(self, *_: object) -> None:
        self._door.open -= 1
        self._alarm.cancel()

    def _peer(self) -> IpAddress:
        return ipaddress.ip_address(self._transport.get_extra_info("peername")[0])

    def _begin_to_answer(self, question: Question | None) -> None:
        self._head.clear()
        self._answer = asyncio.get_running_loop().create_task(self._say(question))

    async def _say(self, question: Question | None) -> None:
        try:
            reply = BAD_REQUEST if question is None else await self._door.answering(question)
        except BaseException:
            self._transport.abort()
            raise
        self._transport.write(reply.encode(with_body=question is None or question.method != "HEAD"))
        if question is not None and question.is_plain:
            self._close()
            return
        # Read what the client still sends: closing on unread data resets the connection and may destroy our answer.
        self._at(_LINGER_SECONDS, self._close)
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def _close(self) -> None:
        """As soon as all is sent; who does not take it is not waited for."""
        self._at(_ANSWER_SECONDS, self._transport.abort)
        self._transport.close()

    def _at(self, seconds: float, what: Callable[[], None]) -> None:
        self._alarm.cancel()
        self._alarm = asyncio.get_running_loop().call_later(seconds, what)


async def open_door(
    answering: Answering, address: IpAddress, port: int, tls: ssl.SSLContext | None = None
) -> asyncio.Server:
    """Listen on an address, also where the interface has it only later. Raises OSError where somebody else does."""
    door = Door(answering)
    return await asyncio.get_running_loop().create_server(
        lambda: _Conversation(door),
        sock=_bound(address, port),
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
    path, _, query = parts[1].partition("?")
    return Question(parts[0].upper(), path, headers, peer, query)
