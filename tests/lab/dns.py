"""DNS and time servers of the lab's internet, and questions to such, out of any namespace."""

import contextlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator

from scapy.layers.dns import DNS, DNSQR

from tests.lab.namespaces import Namespace

A, NULL, TXT, AAAA, HTTPS = 1, 10, 16, 28, 65
_SINCE_1900 = 2_208_988_800  # of the Unix epoch (RFC 5905, 6)


def question(name: str, kind: int = A, number: int = 1, edns: bool = False) -> bytes:
    """A query as a phone sends it; with `edns` it takes answers of 4096 bytes."""
    query = bytes(DNS(id=number & 0xFFFF, rd=1, qd=DNSQR(qname=name, qtype=kind), arcount=int(edns)))
    return query + struct.pack(">BHHIH", 0, 41, 4096, 0, 0) if edns else query


def ask(
    namespace: Namespace, server: str, name: str, kind: int = A, *, tcp: bool = False, port: int = 53
) -> DNS | None:
    """The answer, or None where there was none after a few tries."""
    return namespace.call(lambda: _ask(server, question(name, kind), tcp, port))


def addresses(answer: DNS | None) -> list[str]:
    """What an answer says, records of addresses only."""
    return [str(record.rdata) for record in (answer.an or [] if answer else []) if record.type in {A, AAAA}]


def _ask(server: str, query: bytes, tcp: bool, port: int) -> DNS | None:
    family = socket.AF_INET6 if ":" in server else socket.AF_INET
    place = socket.getaddrinfo(server, port, family, socket.SOCK_STREAM)[0][4]
    for _ in range(5):
        with socket.socket(family, socket.SOCK_STREAM if tcp else socket.SOCK_DGRAM) as sock:
            sock.settimeout(3)
            with contextlib.suppress(OSError):
                sock.connect(place)
                if tcp:
                    sock.sendall(struct.pack(">H", len(query)) + query)
                    return DNS(read_tcp(sock))
                sock.send(query)
                return DNS(sock.recv(4096))
    return None


def read_tcp(sock: socket.socket) -> bytes:
    """One message with its length before it (RFC 1035, 4.2.2). Raises ConnectionError at the end."""
    (length,) = struct.unpack(">H", _exactly(sock, 2))
    return _exactly(sock, length)


def _exactly(sock: socket.socket, size: int) -> bytes:
    data = b""
    while len(data) < size:
        if not (more := sock.recv(size - len(data))):
            raise ConnectionError("the other end closed")
        data += more
    return data


def tunnel_answer(query: bytes) -> bytes:
    """What the server of a DNS tunnel answers: as many bytes as the record can carry, never to be cached."""
    name = query.index(0, 12) + 1
    kind = int.from_bytes(query[name : name + 2], "big")
    records = {
        A: [bytes((198, 19, 0, n)) for n in range((500 - name) // 16)],
        AAAA: [bytes((32, 1, 0, 2, *[n] * 12)) for n in range(40)],  # longer than it was told to send
        TXT: [(b"\xfa" + b"x" * 250) * 4],
        NULL: [b"x" * 1000],
    }.get(kind, [])
    head = query[:2] + struct.pack(">HHHHH", 0x8580, 1, len(records), 0, 0) + query[12 : name + 4]
    return head + b"".join(struct.pack(">HHHIH", 0xC00C, kind, 1, 0, len(data)) + data for data in records)


@contextlib.contextmanager
def serving(namespace: Namespace, address: str, port: int, answer: Callable[[bytes], bytes]) -> Iterator[None]:
    """A UDP server at this address: each datagram is answered by `answer`. Over TCP too, if it is a DNS server."""
    stop = threading.Event()
    udp = namespace.call(lambda: _bound(address, port))
    tcp = namespace.listen(address, port)
    tcp.settimeout(0.2)
    threads = [
        threading.Thread(target=_serve_udp, args=(udp, answer, stop)),
        threading.Thread(target=_serve_tcp, args=(tcp, answer, stop)),
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join()
        udp.close()
        tcp.close()


def _bound(address: str, port: int) -> socket.socket:
    sock = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind((address, port))
    sock.settimeout(0.2)
    return sock


def _serve_udp(sock: socket.socket, answer: Callable[[bytes], bytes], stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            query, client = sock.recvfrom(2048)
            sock.sendto(answer(query), client)


def _serve_tcp(server: socket.socket, answer: Callable[[bytes], bytes], stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(OSError):
            client, _ = server.accept()
            threading.Thread(target=_serve_connection, args=(client, answer)).start()


def _serve_connection(client: socket.socket, answer: Callable[[bytes], bytes]) -> None:
    with client, contextlib.suppress(OSError):
        client.settimeout(2)
        while True:
            reply = answer(read_tcp(client))
            client.sendall(struct.pack(">H", len(reply)) + reply)


def time_answer(wrong_by_seconds: float) -> Callable[[bytes], bytes]:
    """A time server of stratum 1 whose clock is wrong by so much (RFC 5905, 7.3)."""

    def answer(query: bytes) -> bytes:
        now = _timestamp(time.time() + wrong_by_seconds)
        head = struct.pack(">BBbbII4s", 0x24, 1, 6, -20, 0, 0, b"GPS\0")
        return head + now + query[40:48] + now + now

    return answer


def ask_time(namespace: Namespace, server: str) -> tuple[int, float] | None:
    """Stratum and time (Unix, seconds) of a time server, or None where it does not answer."""

    def work() -> tuple[int, float] | None:
        family = socket.AF_INET6 if ":" in server else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as sock, contextlib.suppress(OSError):
            sock.settimeout(2)
            sock.connect((server, 123))
            sock.send(b"\x23" + bytes(39) + _timestamp(time.time()))
            answer = sock.recv(512)
            seconds, fraction = struct.unpack(">II", answer[40:48])
            return answer[1], seconds - _SINCE_1900 + fraction / 2**32
        return None

    return namespace.call(work)


def _timestamp(moment: float) -> bytes:
    since = moment + _SINCE_1900
    return struct.pack(">II", int(since), int(since % 1 * 2**32))
