"""Traffic of known size between a phone and the internet: TCP as fast as it goes, and UDP counted by the byte."""

import contextlib
import random
import socket
import struct
import threading
import time
from collections.abc import Iterator

from tests.lab.namespaces import Namespace

_CHUNK = bytes(64 * 1024)
_TICK_SECONDS = 0.01
_SO_MEMINFO = 55
_LARGE = 4 * 1024 * 1024
IPV4_UDP, IPV6_UDP = 20 + 8, 40 + 8  # bytes of the headers that layer 3 counts


class Flow:
    """One TCP connection that a phone opened, full of bytes in one direction until it is closed."""

    def __init__(self, phone: Namespace, internet: Namespace, address: str, *, down: bool) -> None:
        with internet.listen(address) as listener:
            port = listener.getsockname()[1]
            phones_end = phone.call(lambda: socket.create_connection((address, port), timeout=20))
            internets_end, _ = listener.accept()
        self._ends = (phones_end, internets_end)
        self._sender, self._receiver = (internets_end, phones_end) if down else (phones_end, internets_end)
        self._sender.settimeout(None)
        self._receiver.settimeout(None)
        self.received = 0
        self._threads = [threading.Thread(target=work, daemon=True) for work in (self._send, self._receive)]
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        for end in self._ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(20)
        for end in self._ends:
            end.close()

    def _send(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._sender.sendall(_CHUNK)

    def _receive(self) -> None:
        with contextlib.suppress(OSError):
            while part := self._receiver.recv(len(_CHUNK)):
                self.received += len(part)


@contextlib.contextmanager
def flows(*opened: Flow) -> Iterator[None]:
    """Close them all in the end."""
    try:
        yield
    finally:
        for flow in opened:
            flow.close()


def bits_a_second(*measured: Flow, seconds: float = 3.0) -> list[float]:
    """How fast each flow was for a while: payload that arrived."""
    before, start = [flow.received for flow in measured], time.monotonic()
    time.sleep(seconds)
    took = time.monotonic() - start
    return [(flow.received - was) * 8 / took for flow, was in zip(measured, before, strict=True)]


class Talk:
    """Datagrams of random size both ways between a phone and the internet, and what of them arrived."""

    def __init__(self, phone: Namespace, internet: Namespace, address: str, own_address: str = "") -> None:
        """`own_address` is which of its addresses the phone speaks from, if it has several."""
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        self._headers = IPV6_UDP if family == socket.AF_INET6 else IPV4_UDP
        self._internet = internet.call(lambda: _datagrams(family, address))
        self._phone = phone.call(lambda: _datagrams(family, own_address))
        self._phone.connect((address, self._internet.getsockname()[1]))
        self._way_back: object = None
        self.words = 1  # each way, every 10 ms
        self.up_bytes = self.down_bytes = 0  # that arrived, with their headers
        self.sent_up_bytes = self.sent_down_bytes = 0  # with their headers, whether or not they were let through

    def speak(self) -> None:
        """Datagrams up, and as many down as soon as something came up."""
        for _ in range(self.words):
            with contextlib.suppress(OSError):  # refused: the visit is over
                self.sent_up_bytes += self._phone.send(bytes(random.randrange(1, 1400))) + self._headers
            with contextlib.suppress(OSError):
                if self._way_back:
                    sent = self._internet.sendto(bytes(random.randrange(1, 1400)), self._way_back)
                    self.sent_down_bytes += sent + self._headers

    def hear(self) -> None:
        """Count what has arrived."""
        while arrived := _arrived(self._internet):
            self.up_bytes += arrived[0] + self._headers
            self._way_back = arrived[1]
        while arrived := _arrived(self._phone):
            self.down_bytes += arrived[0] + self._headers

    def close(self) -> None:
        assert _dropped(self._phone) == _dropped(self._internet) == 0  # counted by the gateway and not here
        self._phone.close()
        self._internet.close()


class Chatter:
    """All talks of a test, kept going by one thread."""

    def __init__(self) -> None:
        self._talks: list[Talk] = []
        self._lock = threading.Lock()
        self._speaks = self._hears = True
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def begin(self, talk: Talk) -> Talk:
        with self._lock:
            self._talks.append(talk)
        return talk

    def silence(self) -> None:
        """Nobody speaks any more; what is on its way is still heard."""
        with self._lock:
            self._speaks = False

    def close(self) -> None:
        self._hears = False
        self._thread.join(20)
        for talk in self._talks:
            talk.close()

    def _run(self) -> None:
        while self._hears:
            with self._lock:
                for talk in self._talks:
                    if self._speaks:
                        talk.speak()
                    talk.hear()
            time.sleep(_TICK_SECONDS)


def _datagrams(family: socket.AddressFamily, address: str) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _LARGE)
    sock.setblocking(False)
    sock.bind((address, 0))
    return sock


def _arrived(sock: socket.socket) -> tuple[int, object] | None:
    while True:
        try:
            data, sender = sock.recvfrom(2048)
        except BlockingIOError:
            return None
        except OSError:  # an ICMP refusal, which is read like a datagram
            continue
        return len(data), sender


def _dropped(sock: socket.socket) -> int:
    """Datagrams that came and found no room."""
    meminfo = sock.getsockopt(socket.SOL_SOCKET, _SO_MEMINFO, 9 * 4)
    dropped: int = struct.unpack("=9I", meminfo)[8]
    return dropped
