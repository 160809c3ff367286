"""A stand-in for control that speaks its whole protocol over real HTTPS: for tests of a gateway alone.

It keeps grants in memory, proves each request's signature with the key that the gateway enrolled, answers long polls
and remembers every report.
"""

import ipaddress
import json
import ssl
import threading
import time
from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tests.lab.authority import Certificate
from tests.lab.city import CITY_ADDRESS, CONTROL_NAME, PORTAL_NAME
from tests.lab.namespaces import Namespace, wait_for
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.blocks import Block
from wifi_manager.domain.errors import WifiError
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.domain.passes import PassPolicy
from wifi_manager.wire.enrolment import Enrolled, EnrolmentRequest, enrolled_to_json, enrolment_from_json
from wifi_manager.wire.grants import GrantList, grants_to_json
from wifi_manager.wire.reports import Report, report_from_json
from wifi_manager.wire.requests import Request, verify_request

GATEWAY = "park-east-1"
CITY = "lab-city"


class ControlSimulator:
    """Control, alone. `token` enrols once; `admit` and `end` return when the gateway says that its kernel obeys."""

    def __init__(self, namespace: Namespace, certificate: Certificate, port: int = 8443) -> None:
        self.token = "one-time-token"
        self.url = f"https://{CONTROL_NAME}:{port}"
        self.enrolled: EnrolmentRequest | None = None
        self.reports: list[Report] = []
        self._where = (namespace, port)
        self._certificate = certificate
        self.policy: PassPolicy | None = None  # told with the next answer
        self._grants: tuple[Grant, ...] = ()
        self._blocked: tuple[Block, ...] = ()
        self._revision = 1
        self._changed = threading.Condition()
        self._server: ThreadingHTTPServer | None = None
        self.start()

    def start(self) -> None:
        """Listen (again)."""
        namespace, port = self._where
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self._certificate.chain, self._certificate.key)
        self._server = _Server((CITY_ADDRESS, port), _handler(self), bind_and_activate=False)
        self._server.socket.close()
        plain = namespace.listen(CITY_ADDRESS, port)
        self._server.socket = context.wrap_socket(plain, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True).start()

    def stop(self) -> None:
        """Go away, as a control that is down: open long polls end too."""
        server, self._server = self._server, None
        if server is not None:
            server.shutdown()
            server.server_close()
            with self._changed:
                self._changed.notify_all()

    @property
    def is_down(self) -> bool:
        """Whether it answers nobody now."""
        return self._server is None

    @property
    def revision(self) -> int:
        return self._revision

    def change(self, *grants: Grant, end: Collection[str] = ()) -> int:
        """Add or replace grants by their visits, and end visits, in one step; the new revision."""
        with self._changed:
            changed = {grant.visit for grant in grants} | set(end)
            self._grants = (*(grant for grant in self._grants if grant.visit not in changed), *grants)
            self._revision += 1
            self._changed.notify_all()
            return self._revision

    def admit(self, *grants: Grant, within_seconds: float = 20.0) -> None:
        """Grant, and return when the gateway says that its kernel lets them through."""
        self._wait_for(self.change(*grants), within_seconds)

    def end(self, *visits: str, within_seconds: float = 20.0) -> None:
        """End visits, and return when the gateway says that its kernel stops them."""
        self._wait_for(self.change(end=visits), within_seconds)

    def block(self, *blocks: Block) -> None:
        """Block exactly these devices, and return when the gateway says that its kernel does."""
        self._blocked = blocks
        self._wait_for(self.change(), 20.0)

    def _wait_for(self, revision: int, within_seconds: float) -> None:
        def is_acknowledged() -> bool:
            return any(report.revision >= revision for report in tuple(self.reports))

        wait_for("the gateway's acknowledgement", is_acknowledged, within_seconds)

    def used_at_end(self, visit: str) -> Usage:
        """End a visit, and what it had used by then: the last that will ever be told of it."""
        self.end(visit)
        return self.usage(visit)

    def usage(self, visit: str) -> Usage:
        """The newest usage that the gateway told of this visit."""
        found = [usage for report in tuple(self.reports) for usage in report.usage if usage.visit == visit]
        return found[-1] if found else Usage(visit, 0, 0)

    def enrol(self, body: Any) -> dict[str, Any] | None:
        request = enrolment_from_json(body)
        if request.token != self.token or self.enrolled is not None:
            return None
        self.enrolled = request
        return enrolled_to_json(Enrolled(GATEWAY, CITY, f"https://{PORTAL_NAME}"))

    def answer_poll(self, after: int, wait_seconds: float) -> dict[str, Any]:
        end = time.monotonic() + wait_seconds
        with self._changed:
            while self._revision <= after and (left := end - time.monotonic()) > 0 and self._server is not None:
                self._changed.wait(left)
            answer = GrantList(self._revision, self._grants, datetime.now(UTC), self._blocked, self.policy)
            return grants_to_json(answer)


def a_grant(number: int, mac: str, address: str, seconds: float = 3600, visit: str = "", **limits: Any) -> Grant:
    """A grant as control makes it: numbers are the devices' own."""
    return Grant(
        visit or f"visit-{number}",
        number,
        MacAddress.parse(mac),
        ipaddress.ip_address(address),
        datetime.now(UTC) + timedelta(seconds=seconds),
        **limits,
    )


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_: object) -> None:
        """A gateway that was killed in the middle of a request is no news."""


def _handler(control: ControlSimulator) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60
        disable_nagle_algorithm = True  # head and body are two writes

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if self.path == "/v1/enrol":
                answer = control.enrol(json.loads(body))
                self._say(403 if answer is None else 200, answer or {"error": "used or unknown token"})
            elif self.path == "/v1/report" and self._is_proven(body):
                control.reports.append(report_from_json(json.loads(body)))
                self._say(204, None)
            else:
                self._say(403, {"error": "not enrolled"})

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path != "/v1/grants" or not self._is_proven(b""):
                self._say(403, {"error": "not enrolled"})
                return
            asked = parse_qs(parts.query)
            self._say(200, control.answer_poll(int(asked["after"][0]), float(asked["wait"][0])))

        def _is_proven(self, body: bytes) -> bool:
            if control.enrolled is None:
                return False
            request = Request(self.command, self.path, body)
            try:
                verify_request(
                    control.enrolled.public_key, self.headers.get("Authorization", ""), request, datetime.now(UTC)
                )
            except WifiError:
                return False
            return True

        def _say(self, status: int, body: dict[str, Any] | None) -> None:
            if control.is_down:
                self.close_connection = True  # one that was kept open must not outlive it
                return
            data = b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            if status != 204:
                self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
