"""A phone of the benchmarks: every socket is bound to its interface, so one process can be all of them."""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode

from tests.lab.city import INTERNET_ADDRESS
from tests.lab.internet import ECHO_PORT

T = TypeVar("T")
_GIVE_UP_SECONDS = 20.0
_PROBE_SECONDS = 0.004
_HEADERS = "User-Agent: Mozilla/5.0\r\nAccept: text/html\r\nAccept-Language: en\r\n"


@dataclass(slots=True)
class Walk:
    """One sign-in, in seconds. `failed` names the step that did not come to its end."""

    redirect: float = 0.0  # from connecting until the gateway's redirect
    page: float = 0.0  # from connecting to the portal, TLS included, until its first page
    answered: float = 0.0  # from sending the tap until its answer
    first_packet: float = 0.0  # from sending the tap until the first answer of the internet
    failed: str = ""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered."""

    status: int
    location: str
    body: str


class Phone:
    """A phone by its network interface; it trusts what `tls` trusts."""

    def __init__(self, interface: str, tls: ssl.SSLContext | None = None) -> None:
        self._interface = interface.encode()
        self._tls = tls

    def socket(self, kind: socket.SocketKind) -> socket.socket:
        """A socket that speaks from this phone's interface alone."""
        made = socket.socket(socket.AF_INET, kind)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self._interface)
        return made

    async def connect(self, address: str, port: int, name: str = "") -> "Connection":
        """A new connection, over TLS if it is to a name."""
        sock = self.socket(socket.SOCK_STREAM)
        try:
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
            if name and self._tls:
                sock = self._tls.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
                await _when_ready(sock, sock.do_handshake)
        except BaseException:
            sock.close()
            raise
        return Connection(sock)

    async def first_packet(self) -> float:
        """When the internet first answered; it is asked every 4 ms."""
        with self.socket(socket.SOCK_DGRAM) as sock:
            sock.connect((INTERNET_ADDRESS, ECHO_PORT))
            heard = asyncio.create_task(_when_ready(sock, lambda: _answer(sock)))
            try:
                while not heard.done():
                    with suppress(OSError):  # the gateway's refusal of the one before
                        sock.send(b"?")
                    await asyncio.wait([heard], timeout=_PROBE_SECONDS)
                return heard.result()
            finally:
                heard.cancel()
                await asyncio.wait([heard])  # its socket must not be watched any more when it closes


@dataclass(frozen=True, slots=True)
class Connection:
    """To one server. Without asyncio's streams: their TLS costs a phone more than its sign-in costs the portal."""

    sock: socket.socket

    def close(self) -> None:
        """Hang up."""
        self.sock.close()

    async def ask(self, host: str, path: str, form: dict[str, str] | None = None, *, once: bool = False) -> Response:
        """A GET, or a POST of a form. `once` says that no other question follows on this connection."""
        body = urlencode(form or {})
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if form else ""
        first = f"{'POST' if form else 'GET'} {path} HTTP/1.1\r\nHost: {host}\r\n"
        last = "Connection: close\r\n" if once else ""
        request = f"{first}{_HEADERS}{last}{kind}\r\n{body}".encode()
        await _when_ready(self.sock, lambda: self.sock.sendall(request))  # fits any socket's empty buffer
        head, found = await self._until(b"\r\n\r\n")
        said = head.decode("latin-1")
        length = re.search(r"(?im)^content-length: *(\d+)", said)
        location = re.search(r"(?im)^location: *(\S+)", said)
        while length and len(found) < int(length[1]):
            found += await self._more()
        while once and not length:  # its end is the end of the connection
            try:
                found += await self._more()
            except EOFError:
                break
        return Response(int(said.split()[1]), location[1] if location else "", found.decode())

    async def _until(self, end: bytes) -> tuple[bytes, bytes]:
        found = b""
        while end not in found:
            found += await self._more()
        head, _, rest = found.partition(end)
        return head, rest

    async def _more(self) -> bytes:
        data = await _when_ready(self.sock, lambda: self.sock.recv(65536))
        if not data:
            raise EOFError
        return data


async def _when_ready(sock: socket.socket, attempt: Callable[[], T]) -> T:
    """The result of the attempt, as soon as the socket has what it takes."""
    loop = asyncio.get_running_loop()
    while True:
        try:
            return attempt()
        except (BlockingIOError, ssl.SSLWantReadError):
            ready = loop.create_future()
            loop.add_reader(sock.fileno(), _set, ready)
            try:
                await ready
            finally:
                loop.remove_reader(sock.fileno())


def _answer(sock: socket.socket) -> float:
    """When an answer came: now. A gateway's refusals (ICMP) come as errors of the socket, and are none."""
    while True:
        try:
            sock.recv(64)
        except BlockingIOError:
            raise
        except OSError:
            continue
        return time.perf_counter()


def _set(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)


async def walked(steps: Callable[[Walk], Awaitable[None]]) -> Walk:
    """A sign-in from its first step to its last, or to the one that failed; after 20 s it has failed."""
    walk = Walk()
    try:
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            await steps(walk)
    except (OSError, EOFError, TimeoutError, ValueError) as problem:
        walk.failed = f"{walk.failed}: {type(problem).__name__}"
    return walk


async def submit(phone: Phone, walk: Walk, send: Callable[[], Awaitable[T]]) -> T:
    """The tap: from sending it on the phone asks the internet until that answers."""
    walk.failed = "tap"
    sent, packet = time.perf_counter(), asyncio.create_task(phone.first_packet())
    try:
        answer = await send()
        walk.answered = time.perf_counter() - sent
        walk.failed = "first packet"
        walk.first_packet = await packet - sent
    finally:
        packet.cancel()
        with suppress(asyncio.CancelledError):
            await packet
    return answer


def expect(status: int, response: Response) -> Response:
    """The response, which has this status. Raises ValueError when it has another one."""
    if response.status != status:
        raise ValueError(f"{response.status} instead of {status}")
    return response
