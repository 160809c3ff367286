"""The lab's certificate authority that speaks ACME (RFC 8555): Debian's pebble."""

import json
import os
import ssl
import subprocess
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from tests.control.server import free_port, is_open
from tests.lab.authority import Certificate
from tests.lab.namespaces import Namespace, wait_for

PROGRAM = "/usr/bin/pebble"
REFUSED_NAME = "refused.example"
_START_SECONDS = 30.0
_ATTEMPTS = 5


@dataclass(slots=True)
class AcmeServer:
    """Pebble on loopback. It forgets accounts, orders and its own key when it ends. A context manager.

    It looks challenges up at the name server whose port is given. Without further wishes it is as unkind as pebble is
    by default: it rejects one nonce in twenty, and it asks for half of all names again that it has seen proved.
    """

    folder: Path
    files: Certificate  # of its own API on 127.0.0.1
    trust: Path  # the root of these files
    dns_port: int
    lifetime_seconds: int = 3600
    port: int = 0
    inner_port: int = 0
    process: "subprocess.Popen[Any] | None" = None
    more: dict[str, str] = field(default_factory=dict)
    namespace: Namespace | None = None  # None: the machine's own

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def directory_url(self) -> str:
        return f"https://127.0.0.1:{self.port}/dir"

    def start(self) -> None:
        """Start it on a free port, or on the one that it had before."""
        for _ in range(1 if self.port else _ATTEMPTS):  # somebody else may take a free port first
            port, inner_port = self.port or free_port(), self.inner_port or free_port()
            self._run(port, inner_port)
            wait_for("an answer of pebble", lambda port=port: self._ended() or self._is_open(port), _START_SECONDS)
            if not self._ended():
                self.port, self.inner_port = port, inner_port
                return
        raise AssertionError(f"pebble did not start: {(self.folder / 'pebble.log').read_text()[-2000:]}")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(_START_SECONDS)
            self.process = None

    def log(self) -> str:
        return (self.folder / "pebble.log").read_text()

    def root(self) -> bytes:
        """The root (PEM) that phones would have to trust; another one after each start."""
        context = ssl.create_default_context(cafile=str(self.trust))
        url = f"https://127.0.0.1:{self.inner_port}/roots/0"

        def fetch() -> bytes:
            with urllib.request.urlopen(url, timeout=20, context=context) as answer:
                return bytes(answer.read())

        return fetch() if self.namespace is None else self.namespace.call(fetch)

    def _run(self, port: int, inner_port: int) -> None:
        settings = {
            "listenAddress": f"127.0.0.1:{port}",
            "managementListenAddress": f"127.0.0.1:{inner_port}",
            "certificate": str(self.files.chain),
            "privateKey": str(self.files.key),
            "httpPort": 5002,  # of challenges that nobody takes here
            "tlsPort": 5001,
            "certificateValidityPeriod": self.lifetime_seconds,
            "domainBlocklist": [REFUSED_NAME],
        }
        path = self.folder / "pebble.json"
        path.write_text(json.dumps({"pebble": settings}))
        command = [PROGRAM, "-config", str(path), "-dnsserver", f"127.0.0.1:{self.dns_port}"]
        command = command if self.namespace is None else self.namespace.command(command)
        environ = {**os.environ, "PEBBLE_VA_NOSLEEP": "1", **self.more}
        with (self.folder / "pebble.log").open("ab") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, env=environ)

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _is_open(self, port: int) -> bool:
        return is_open(port) if self.namespace is None else self.namespace.call(lambda: is_open(port))
