"""The lab's authoritative name server: Debian's knot with one zone, changed by signed updates (RFC 2136, RFC 8945)."""

import base64
import secrets
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import dns.exception
import dns.message
import dns.query

from tests.control.server import free_port
from tests.lab.namespaces import Namespace, wait_for

PROGRAM = "/usr/sbin/knotd"
KEY_NAME = "certificates"
_START_SECONDS = 30.0
_ATTEMPTS = 5
_CONFIGURATION = """
server:
    rundir: "{folder}"
    listen: 127.0.0.1@{port}
database:
    storage: "{folder}/db"
log:
  - target: stderr
    any: info
key:
  - id: {key_name}
    algorithm: hmac-sha256
    secret: {secret}
acl:
  - id: challenges
    key: {key_name}
    action: update
    update-type: TXT
zone:
  - domain: {zone}
    storage: "{folder}"
    file: "{zone}.zone"
    acl: challenges
"""
_ZONE = """$ORIGIN {zone}.
$TTL 60
@ SOA ns.{zone}. hostmaster.{zone}. 1 60 60 3600 60
@ NS ns.{zone}.
ns A 127.0.0.1
"""


@dataclass(slots=True)
class NameServer:
    """Knot on loopback. Only who knows the secret may change its zone, and only TXT records. A context manager."""

    folder: Path
    zone: str
    port: int = 0
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)
    process: "subprocess.Popen[Any] | None" = None
    namespace: Namespace | None = None  # None: the machine's own

    def __enter__(self) -> Self:
        (self.folder / "db").mkdir(exist_ok=True)
        (self.folder / f"{self.zone}.zone").write_text(_ZONE.format(zone=self.zone))
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        """Start it on a free port, or on the one that it had before."""
        for _ in range(1 if self.port else _ATTEMPTS):  # somebody else may take a free port first
            port = self.port or free_port()
            self._run(port)
            wait_for("an answer of knot", lambda port=port: self._ended() or self._answers(port), _START_SECONDS)
            if not self._ended():
                self.port = port
                return
        raise AssertionError(f"knot did not start: {(self.folder / 'knot.log').read_text()[-2000:]}")

    def stop(self) -> None:
        """End it; its zone stays on the disk."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(_START_SECONDS)
            self.process = None

    def write_secret(self, path: Path) -> None:
        """The key's secret as the program reads it."""
        path.touch(mode=0o600)
        path.write_bytes(base64.b64encode(self.secret))

    def texts(self, name: str) -> set[str]:
        """The TXT records of a name."""
        answer = self._ask(name, "TXT", self.port)
        return {record.strings[0].decode() for group in answer.answer for record in group}

    def _run(self, port: int) -> None:
        values = {"folder": self.folder, "port": port, "key_name": KEY_NAME, "zone": self.zone}
        secret = base64.b64encode(self.secret).decode()
        path = self.folder / "knot.conf"
        path.write_text(_CONFIGURATION.format(secret=secret, **values))
        with (self.folder / "knot.log").open("ab") as output:
            command = [PROGRAM, "-c", str(path)]
            command = command if self.namespace is None else self.namespace.command(command)
            self.process = subprocess.Popen(command, stdout=output, stderr=output)

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _answers(self, port: int) -> bool:
        try:
            self._ask(self.zone, "SOA", port)
        except (dns.exception.DNSException, OSError):
            return False
        return True

    def _ask(self, name: str, kind: str, port: int) -> dns.message.Message:
        def ask() -> dns.message.Message:
            return dns.query.udp(dns.message.make_query(name, kind), "127.0.0.1", 5, port)

        return ask() if self.namespace is None else self.namespace.call(ask)
