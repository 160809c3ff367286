"""The lab's internet: one web server that is every host that phones ask when they look whether they are online.

Run inside the internet's namespace: `python -m tests.lab.internet ADDRESS ...`. On each address it listens on port 80,
and echoes UDP on port 9999. `/endless` is a download that never ends by itself.
"""

import socket
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tests.lab.probes import PROBES

TRUE_ANSWERS = {(probe.host, probe.path): probe for probe in PROBES}
# What other hosts answer, and these to who names no host.
ANSWERS = {
    "/generate_204": (204, b""),
    "/gen_204": (204, b""),
    "/hotspot-detect.html": (200, b"<HTML><HEAD><TITLE>Success</TITLE></HEAD><BODY>Success</BODY></HTML>"),
    "/connecttest.txt": (200, b"Microsoft Connect Test"),
    "/ncsi.txt": (200, b"Microsoft NCSI"),
    "/success.txt": (200, b"success\n"),
}
HELLO = b"<!doctype html><title>Internet</title><h1>This is the internet</h1>\n"
ECHO_PORT = 9999
_CHUNK = bytes(16 * 1024)


class Page(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/endless":
            self._endless()
            return
        path = self.path.partition("?")[0]
        true = TRUE_ANSWERS.get((self.headers.get("Host", ""), path))
        status, body = (true.status, true.body.encode()) if true else ANSWERS.get(path, (200, HELLO))
        self.send_response(status)
        for name, value in (true.headers if true else {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html")
        if status != 204:
            self.send_header("Content-Length", str(len(body)))
        self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _endless(self) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            while True:
                self.wfile.write(_CHUNK)
                time.sleep(0.02)
        except OSError:
            self.close_connection = True  # the phone went away, or was cut off

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def echo(address: str) -> None:
    with socket.socket(_family(address), socket.SOCK_DGRAM) as sock:
        sock.bind((address, ECHO_PORT))
        while True:
            data, sender = sock.recvfrom(2048)
            sock.sendto(data, sender)


def serve(address: str) -> None:
    threading.Thread(target=echo, args=(address,), daemon=True).start()
    kind = type("Server", (ThreadingHTTPServer,), {"address_family": _family(address), "daemon_threads": True})
    kind((address, 80), Page).serve_forever()


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


if __name__ == "__main__":
    for each in sys.argv[2:]:
        threading.Thread(target=serve, args=(each,), daemon=True).start()
    serve(sys.argv[1])
