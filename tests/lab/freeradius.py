"""A real FreeRADIUS with a few users on a port of loopback, its files all in a folder of the test."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PROGRAM = shutil.which("freeradius") or shutil.which("radiusd")
_PATIENCE_SECONDS = 60.0
_USERS = """\
mina Cleartext-Password := "correct horse"
    Session-Timeout := 1800, Filter-Id := "staff"
juno@university.example Cleartext-Password := "battery staple"
"""
# Before 3.2.5 FreeRADIUS signs an answer only where it is told so.
_CONFIGURATION = """\
prefix = /usr
libdir = /usr/lib/freeradius
logdir = {folder}
run_dir = {folder}
pidfile = {folder}/pid
log {{
    destination = files
    file = {folder}/log
}}
security {{
    reject_delay = 0
}}
thread pool {{
    start_servers = 1
    max_servers = 2
}}
client portal {{
    ipaddr = 127.0.0.1
    secret = "{secret}"
    require_message_authenticator = yes
}}
modules {{
    pap {{
    }}
    files {{
        filename = {folder}/users
    }}
}}
server portal {{
    listen {{
        type = auth
        ipaddr = 127.0.0.1
        port = {port}
    }}
    authorize {{
        files
        pap
    }}
    authenticate {{
        pap
    }}
    post-auth {{
        update reply {{
            Message-Authenticator := 0x00
        }}
        Post-Auth-Type REJECT {{
            update reply {{
                Message-Authenticator := 0x00
            }}
        }}
    }}
}}
"""


@contextmanager
def running(folder: Path, secret: str) -> Iterator[str]:
    """Its address, once it listens there."""
    assert PROGRAM is not None
    port = _free_port()
    (folder / "users").write_text(_USERS)
    (folder / "radiusd.conf").write_text(_CONFIGURATION.format(folder=folder, secret=secret, port=port))
    command = [PROGRAM, "-d", str(folder), "-f", "-l", str(folder / "log")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(process, folder / "log")
            yield f"127.0.0.1:{port}"
        finally:
            process.terminate()


def _wait_for(process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while not (log.exists() and "Ready to process requests" in log.read_text(errors="replace")):
        if process.poll() is not None or time.monotonic() > deadline:
            raise AssertionError(log.read_text(errors="replace") if log.exists() else "FreeRADIUS did not start")
        time.sleep(0.05)


def _free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        found: int = line.getsockname()[1]
        return found
