"""OpenSSH's own server, with its SFTP, for one client key: what is no access point, and a peer's target."""

import base64
import hashlib
import shutil
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.lab.namespaces import sh, wait_for

_SFTP = "/usr/lib/openssh/sftp-server"
_CONFIG = """\
ListenAddress {address}:{port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
PrintMotd no
MaxStartups 100
LogLevel ERROR
Subsystem sftp {sftp}
{more}
"""


class OpenSshServer:
    """One sshd in the caller's network. It dies with the thread that started it."""

    def __init__(self, folder: Path, address: str, port: int, public_key: bytes, *, only: str = "") -> None:
        """`only`: the one command that every client gets, whatever it asks for."""
        self.folder, self.address, self.port = folder, address, port
        folder.mkdir(parents=True)
        (folder / "authorized_keys").write_bytes(public_key)
        sh("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / "host_key"))
        more = f"ForceCommand {only}" if only else ""
        (folder / "sshd_config").write_text(
            _CONFIG.format(address=address, port=port, folder=folder, sftp=_SFTP, more=more)
        )
        blob = base64.b64decode((folder / "host_key.pub").read_text().split()[1])
        self.host_key_fingerprint = "SHA256:" + base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        Path("/run/sshd").mkdir(exist_ok=True)  # it insists on that folder
        sshd = shutil.which("sshd", path="/usr/sbin:/usr/bin")
        assert sshd, "openssh-server is not installed; see tests/lab/system_packages.sh"
        words = ["setpriv", "--pdeathsig", "KILL", sshd, "-D", "-e", "-f", str(self.folder / "sshd_config")]
        with (self.folder / "log").open("wb") as log:
            self._process = subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        wait_for(f"sshd: {(self.folder / 'log').read_text()}", self._listens)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process
        self._process.terminate()
        self._process.wait(20)

    def _listens(self) -> bool:
        import socket

        with socket.socket() as probe:
            return probe.connect_ex((self.address, self.port)) == 0
