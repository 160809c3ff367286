"""An application on a free port of loopback, for a browser, with the list of requests it got."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


@dataclass(frozen=True, slots=True)
class Served:
    """Where it is, and the request lines so far."""

    url: str
    requests: list[str]


@contextmanager
def served(app: Flask) -> Iterator[Served]:
    """Serve the application from a thread until the block ends."""
    requests: list[str] = []

    class Handler(WSGIRequestHandler):
        def log_request(self, code: object = "-", size: object = "-") -> None:
            requests.append(self.requestline)

    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, name="served portal")
    thread.start()
    try:
        yield Served(f"http://127.0.0.1:{server.server_port}", requests)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
