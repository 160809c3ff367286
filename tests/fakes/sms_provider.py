"""A provider of text messages on loopback: a real HTTP server that takes messages, or fails as it is told to."""

import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Taken:
    """One request, as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def code(self) -> str:
        """The first six digits of the message's text."""
        found = re.search(r"(?<!\d)\d{6}(?!\d)", json.loads(self.body)["text"])
        assert found is not None
        return found.group()


@dataclass(slots=True)
class SimulatedProvider:
    """`mode` is works, fails (500), refuses (200, but says no), moves (302), drips (a byte at a time) or hangs."""

    url: str = ""
    mode: str = "works"
    taken: list[Taken] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    @property
    def code(self) -> str:
        return self.taken[-1].code


@contextmanager
def provider(certificate: Path | None = None, key: Path | None = None) -> Iterator[SimulatedProvider]:
    """Serve until the block ends, over TLS where a certificate is given."""
    made = SimulatedProvider()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    server.daemon_threads = False
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    made.url = f"{'http' if certificate is None else 'https'}://127.0.0.1:{server.server_port}/v1/messages"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), name="simulated provider")
    thread.start()
    try:
        yield made
    finally:
        made.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _handler(made: SimulatedProvider) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.0"

        def handle(self) -> None:
            try:
                super().handle()
            except OSError:  # who called has given up, or does not trust the certificate
                self.close_connection = True

        def finish(self) -> None:
            try:
                super().finish()
            except OSError:
                self.close_connection = True

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            made.taken.append(Taken(self.command, self.path, dict(self.headers), body))
            if made.mode == "hangs":
                made.over.wait(120)
                return
            self.send_response({"fails": 500, "moves": 302}.get(made.mode, 200))
            self.send_header("Location", "/elsewhere")
            self.end_headers()
            if made.mode == "drips":
                while not made.over.wait(0.02):
                    self.wfile.write(b".")
                    self.wfile.flush()
            self.wfile.write(b'{"status":"no credit"}' if made.mode == "refuses" else b'{"status":"queued"}')

        def do_PUT(self) -> None:
            self.do_POST()

        def log_message(self, *_given: object) -> None:
            """Say nothing."""

    return Handler
