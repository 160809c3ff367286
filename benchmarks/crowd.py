"""Many phones that sign in like people do: each with its own MAC address, its own IP address, and no cookie.

They live in one network namespace as macvlan interfaces that cannot see each other; every socket is bound to its
phone's interface, so one process can be all of them. Arrivals are open-loop: nobody waits for the one before.
"""

import asyncio
import re
import socket
import ssl
import time
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from dataclasses import dataclass
from typing import TypeVar
from urllib.parse import urlencode, urlsplit

from tests.lab.citizen import PROBE, read_forms
from tests.lab.city import CITY_ADDRESS, INTERNET_ADDRESS, LAN_ADDRESS, PORTAL_NAME, LabCity
from tests.lab.internet import ECHO_PORT

MOST_PHONES = 5000
_GIVE_UP_SECONDS = 20.0
_PROBE_SECONDS = 0.004
_HEADERS = "User-Agent: Mozilla/5.0\r\nAccept: text/html\r\nAccept-Language: en\r\n"
T = TypeVar("T")
_SYSCTLS = ("all.rp_filter=0", "default.rp_filter=0", "all.arp_ignore=1", "all.arp_announce=2")


@dataclass(slots=True)
class Walk:
    """One sign-in, in seconds. `failed` names the step that did not come to its end."""

    redirect: float = 0.0  # from connecting until the gateway's 302
    page: float = 0.0  # from connecting to the portal, TLS included, until its first page
    answered: float = 0.0  # from sending the tap until the 303
    first_packet: float = 0.0  # from sending the tap until the first answer of the internet
    failed: str = ""


@dataclass(frozen=True, slots=True)
class _Response:
    status: int
    location: str
    body: str


class Crowd:
    """`size` phones behind one port of the gateway's LAN."""

    def __init__(self, lab: LabCity, size: int) -> None:
        if size > MOST_PHONES:
            raise SystemExit(f"{size} phones are too many for one machine: ask for at most {MOST_PHONES}.")
        self._home = lab.add_phone("crowd").namespace
        self._tls = ssl.create_default_context(cafile=str(lab.authority.root))
        self._next = 0
        self._home.check(["sysctl", "-qw", *(f"net.ipv4.conf.{each}" for each in _SYSCTLS)])
        lines = "\n".join(line for number in range(size) for line in _make(number))
        self._home.check(["ip", "-batch", "-"], input=lines)

    def sign_in(self, rate: float, seconds: float) -> list[Walk]:
        """So many new phones a second come for so many seconds; returns when the last one is done."""
        return self._home.call(lambda: asyncio.run(self._arrive(rate, round(rate * seconds))))

    async def _arrive(self, rate: float, phones: int) -> list[Walk]:
        began, walks = time.perf_counter(), []
        for number in range(phones):
            await asyncio.sleep(max(0.0, began + number / rate - time.perf_counter()))
            walks.append(asyncio.create_task(_walk(_Phone(self._next, self._tls))))
            self._next += 1
        return await asyncio.gather(*walks)


class _Phone:
    def __init__(self, number: int, tls: ssl.SSLContext) -> None:
        self._interface = f"p{number}".encode()
        self._tls = tls

    def socket(self, kind: socket.SocketKind) -> socket.socket:
        made = socket.socket(socket.AF_INET, kind)
        made.setblocking(False)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, self._interface)
        return made

    async def connect(self, address: str, port: int, name: str = "") -> "_Connection":
        sock = self.socket(socket.SOCK_STREAM)
        try:
            await asyncio.get_running_loop().sock_connect(sock, (address, port))
            if name:
                sock = self._tls.wrap_socket(sock, server_hostname=name, do_handshake_on_connect=False)
                await _when_ready(sock, sock.do_handshake)
        except BaseException:
            sock.close()
            raise
        return _Connection(sock)

    async def first_packet(self) -> float:
        """When the internet first answered; it is asked every 4 ms."""
        with self.socket(socket.SOCK_DGRAM) as sock:
            sock.connect((INTERNET_ADDRESS, ECHO_PORT))
            answer = asyncio.create_task(_when_ready(sock, lambda: sock.recv(64)))
            try:
                while not answer.done():
                    with suppress(ConnectionRefusedError):  # a gateway says no by ICMP until it says yes
                        sock.send(b"?")
                    await asyncio.wait([answer], timeout=_PROBE_SECONDS)
                return time.perf_counter()
            finally:
                answer.cancel()


@dataclass(frozen=True, slots=True)
class _Connection:
    """Sockets without asyncio's streams: their TLS costs a phone more than its sign-in costs the portal."""

    sock: socket.socket

    def close(self) -> None:
        self.sock.close()

    async def ask(self, host: str, path: str, form: dict[str, str] | None = None) -> _Response:
        body = urlencode(form or {})
        kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n" if form else ""
        first = f"{'POST' if form else 'GET'} {path} HTTP/1.1\r\nHost: {host}\r\n"
        request = f"{first}{_HEADERS}{kind}\r\n{body}".encode()
        await _when_ready(self.sock, lambda: self.sock.sendall(request))  # fits any socket's empty buffer
        head, found = await self._until(b"\r\n\r\n")
        said = head.decode("latin-1")
        length = re.search(r"(?im)^content-length: *(\d+)", said)
        location = re.search(r"(?im)^location: *(\S+)", said)
        while length and len(found) < int(length[1]):
            found += await self._more()
        return _Response(int(said.split()[1]), location[1] if location else "", found.decode())

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
            loop.add_reader(sock, _set, ready)
            try:
                await ready
            finally:
                loop.remove_reader(sock)
        except ConnectionRefusedError:
            if sock.type != socket.SOCK_DGRAM:
                raise


def _set(ready: "asyncio.Future[None]") -> None:
    if not ready.done():
        ready.set_result(None)


async def _walk(phone: _Phone) -> Walk:
    """From the probe to the page that says online, as a browser goes."""
    walk = Walk()
    try:
        async with asyncio.timeout(_GIVE_UP_SECONDS):
            await _steps(phone, walk)
    except (OSError, EOFError, TimeoutError, ValueError) as problem:
        walk.failed = f"{walk.failed}: {type(problem).__name__}"
    return walk


async def _steps(phone: _Phone, walk: Walk) -> None:
    walk.failed = "redirect"
    link, walk.redirect = await _timed(lambda: _probe(phone))
    walk.failed = "page"
    begun = time.perf_counter()
    with closing(await phone.connect(CITY_ADDRESS, 443, PORTAL_NAME)) as portal:
        page = _expect(200, await portal.ask(PORTAL_NAME, f"/?{urlsplit(link).query}"))
        walk.page = time.perf_counter() - begun
        walk.failed = "tap"
        where, form = next(each for each in read_forms(page.body).items() if each[0].startswith("/connect"))
        sent, packet = time.perf_counter(), asyncio.create_task(phone.first_packet())
        try:
            answer = _expect(303, await portal.ask(PORTAL_NAME, where, form))
            walk.answered = time.perf_counter() - sent
            walk.failed = "first packet"
            walk.first_packet = await packet - sent
        finally:
            packet.cancel()
            with suppress(asyncio.CancelledError):
                await packet
        walk.failed = "last page"
        last = await portal.ask(PORTAL_NAME, answer.location)
        # Who was late is asked to look again: by a page that does so, or, when it is done meanwhile, by one more 303.
        _expect(200, await portal.ask(PORTAL_NAME, last.location) if last.status == 303 else last)
    walk.failed = ""


async def _probe(phone: _Phone) -> str:
    probe = urlsplit(PROBE)
    with closing(await phone.connect(INTERNET_ADDRESS, 80)) as gateway:
        return _expect(302, await gateway.ask(probe.netloc, probe.path)).location


async def _timed(work: Callable[[], Awaitable[str]]) -> tuple[str, float]:
    begun = time.perf_counter()
    return await work(), time.perf_counter() - begun


def _expect(status: int, response: _Response) -> _Response:
    if response.status != status:
        raise ValueError(f"{response.status} instead of {status}")
    return response


def _make(number: int) -> tuple[str, ...]:
    high, low = divmod(number, 250)
    name, mac, address = f"p{number}", f"02:98:00:00:{high:02x}:{low:02x}", f"10.99.{8 + high}.{1 + low}"
    return (
        f"link add {name} link eth0 address {mac} type macvlan mode private",
        f"addr add {address}/18 dev {name}",
        f"link set {name} up",
        f"route add default via {LAN_ADDRESS} dev {name} metric {1 + number}",
    )
