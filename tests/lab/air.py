"""A machine with real 802.11 of its own: Linux's mac80211 on simulated radios, hostapd, wpa_supplicant, and SSH.

    with air_machine() as air:
        air.run("iw dev")

wlan0 is the access point's radio; the others are moved to namespaces, one for each station or further access point.
Nothing is left of what a test wrote when the machine ends.
"""

import base64
import contextlib
import hashlib
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provisioning.transport import SshLink, TimeLimits, load_client_key
from tests.lab.machine import qemu
from tests.lab.machine.image import image
from wifi_manager.domain.access_points import Management

_SCRIPT = Path(__file__).with_name("machine") / "air"
_PATIENCE_SECONDS = 240.0  # emulated, on a machine that may be busy
LIMITS = TimeLimits(connect=5.0, handshake=60.0, answer=_PATIENCE_SECONDS)


@dataclass
class Air:
    """The running machine."""

    machine: qemu.Running
    management: Management
    client_key: Path
    _given: int = field(default=0, init=False)

    def link(self) -> SshLink:
        """A line to it, as the program has it to an access point."""
        return SshLink(self.management, load_client_key(self.client_key), LIMITS)

    def run(self, script: str) -> str:
        """What a shell script says in the machine; raises AssertionError where it fails. Not for several threads."""
        name = f"{self._given}"
        self._given += 1
        order, status = self.machine.job / "do" / name, self.machine.job / "status" / name
        order.with_name(f".{name}").write_text(script)
        order.with_name(f".{name}").rename(order)
        _wait_for(status, self.machine)
        said = (self.machine.job / "said" / name).read_text(errors="replace")
        assert status.read_text().strip() == "0", f"{said}\n{self.machine.console[-1000:]}"
        return said


@contextlib.contextmanager
def air_machine(radios: int = 14) -> Iterator[Air]:
    """Boot one: some ten seconds on a machine with nothing else to do."""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder)
        host_key, client_key = _host_key(job), _client_key(job)
        job.joinpath("radios").write_text(f"{radios}\n")
        for name in ("do", "said", "status"):
            (job / name).mkdir()
        with qemu.running(image(), job, _SCRIPT.read_text()) as machine:
            _wait_for(job / "ready", machine)
            yield Air(machine, Management("127.0.0.1", machine.port, "root", host_key), client_key)


def _wait_for(file: Path, machine: qemu.Running) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not file.exists():
        if time.monotonic() > deadline:
            raise TimeoutError(machine.console[-4000:])
        time.sleep(0.1)


def _host_key(job: Path) -> str:
    said = subprocess.run(
        ["dropbearkey", "-t", "ed25519", "-f", str(job / "host_key")], check=True, capture_output=True, text=True
    ).stdout
    blob = base64.b64decode(next(line for line in said.splitlines() if line.startswith("ssh-ed25519")).split()[1])
    return "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")


def _client_key(job: Path) -> Path:
    key = Ed25519PrivateKey.generate()
    file = job / "client_key"
    file.touch(mode=0o600)
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.OpenSSH, serialization.NoEncryption()
        )
    )
    public = key.public_key().public_bytes(serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH)
    job.joinpath("authorized_keys").write_bytes(public + b"\n")
    return file
