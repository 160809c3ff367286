"""A real `wifi-manager control run` on loopback, and a gateway that talks to it without a firewall."""

import base64
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from tests.builders import A_CITY, A_MASTER_KEY
from wifi_manager.wire import enrolment, requests
from wifi_manager.wire.grants import GrantChanges, GrantList, answer_from_json
from wifi_manager.wire.reports import Report, report_to_json

START_SECONDS = 60  # generous: a loaded machine starts it late
TICKET_KEY = b"t" * 32
ATTEMPTS = 5


@dataclass(slots=True)
class ControlProcess:
    """One control of the example city. `more` are further settings, by the end of their variable's name."""

    folder: Path
    database: str
    more: dict[str, str] = field(default_factory=dict)
    port: int = 0
    metrics_port: int = 0
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"{'https' if 'CONTROL_CERTIFICATE_FILE' in self.more else 'http'}://127.0.0.1:{self.port}"

    @property
    def metrics_url(self) -> str:
        return f"http://127.0.0.1:{self.metrics_port}/metrics"

    def start(self) -> None:
        """Start it on free ports, or on the ports it had before."""
        for _ in range(1 if self.port else ATTEMPTS):  # somebody else may take a free port first
            port, metrics_port = self.port or free_port(), self.metrics_port or free_port()
            with (self.folder / "control.log").open("ab") as output:
                self.process = subprocess.Popen(
                    [sys.executable, "-m", "wifi_manager", "control", "run"],
                    env=self._environment(port, metrics_port),
                    stdout=output,
                    stderr=output,
                )
            if self._answers(port):
                self.port, self.metrics_port = port, metrics_port
                return
        raise AssertionError(f"control did not start: {self.log()[-2000:]}")

    def kill(self) -> None:
        """As the kernel does when memory runs out: the first process only, without a warning. Its worker follows."""
        assert self.process is not None
        self.process.kill()
        self.process.wait()
        deadline = time.monotonic() + START_SECONDS
        while is_open(self.port):
            assert time.monotonic() < deadline, "the worker goes on without its parent"
            time.sleep(0.02)

    def stop(self) -> int:
        """As an operator does it; returns the exit code."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_SECONDS)

    def log(self) -> str:
        return (self.folder / "control.log").read_text(encoding="utf-8")

    def _environment(self, port: int, metrics_port: int) -> dict[str, str]:
        key = self.folder / "master.key"
        key.touch(mode=0o600)
        key.write_bytes(base64.b64encode(A_MASTER_KEY))
        given = {
            "CITY_SLUG": A_CITY.slug,
            "DATABASE_URL": self.database,
            "KEYS_MASTER_KEY_FILE": str(key),
            "CONTROL_PORT": str(port),
            "CONTROL_METRICS_PORT": str(metrics_port),
            "PORTAL_PUBLIC_URL": "https://wifi.example",
            **self.more,
        }
        return {**os.environ, **{f"WIFI_MANAGER_{name}": value for name, value in given.items()}}

    def _answers(self, port: int) -> bool:
        assert self.process is not None
        deadline = time.monotonic() + START_SECONDS
        while self.process.poll() is None and time.monotonic() < deadline:
            if is_open(port):
                return True
            time.sleep(0.05)
        return False


@contextmanager
def running_control(folder: Path, database: str, **more: str) -> Iterator[ControlProcess]:
    control = ControlProcess(folder, database, more)
    try:
        control.start()
        yield control
    finally:
        if control.process is not None and control.process.poll() is None:
            control.process.terminate()
            control.process.wait(START_SECONDS)


@dataclass(slots=True)
class TestGateway:
    """Signs and asks like an agent."""

    __test__ = False  # it is no test

    control: ControlProcess
    name: str = ""
    key: Ed25519PrivateKey = field(default_factory=Ed25519PrivateKey.generate)
    verify: Any = True

    def enrol(self, token: str) -> httpx.Response:
        wanted = enrolment.EnrolmentRequest(token, self.key.public_key().public_bytes_raw(), TICKET_KEY)
        answer = self._http("POST", "/v1/enrol", json=enrolment.enrolment_to_json(wanted))
        if answer.is_success:
            self.name = enrolment.enrolled_from_json(answer.json()).gateway
        return answer

    def poll(self, after: int, wait: int = 0) -> GrantList | GrantChanges:
        answer = self.send("GET", f"/v1/grants?after={after}&wait={wait}")
        assert answer.status_code == 200, answer.text
        return answer_from_json(answer.json())

    def report(self, revision: int, *usage: Any) -> httpx.Response:
        return self.send("POST", "/v1/report", json_bytes(report_to_json(Report(revision, usage))))

    def send(self, method: str, path: str, body: bytes = b"", at: datetime | None = None) -> httpx.Response:
        return self._http(method, path, content=body, headers={"Authorization": self.sign(method, path, body, at)})

    def sign(self, method: str, path: str, body: bytes = b"", at: datetime | None = None) -> str:
        return requests.sign_request(
            self.key, self.name, requests.Request(method, path, body), at or datetime.now(UTC)
        )

    def _http(self, method: str, path: str, **given: Any) -> httpx.Response:
        with httpx.Client(base_url=self.control.url, timeout=60, trust_env=False, verify=self.verify) as http:
            return http.request(method, path, **given)


def json_bytes(body: Any) -> bytes:
    return httpx.Request("POST", "http://test", json=body).content


def is_open(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
