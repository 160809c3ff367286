"""A Linux access point without radios: this machine's own programs in namespaces, with an /etc and a /run of its own."""

import subprocess
import tempfile
import time
from types import TracebackType
from typing import Self

from provisioning.link import Reply, Then

_PREPARE = """
mount -t tmpfs tmpfs "$1"; mkdir "$1/upper" "$1/work"
mount -t overlay overlay -o "lowerdir=/etc,upperdir=$1/upper,workdir=$1/work" /etc
mount -t tmpfs tmpfs /run; mkdir /run/lock; mount -t sysfs sysfs /sys
ip link set lo up; ip link add eth0 type veth peer name street; ip link set street up; ip link set eth0 up
ip addr add 192.0.2.9/24 dev eth0; ip route add default via 192.0.2.1
echo ready; exec sleep infinity
"""


class LinuxAccessPoint:
    """It is its own `link.Link`: a command is run in it as one over SSH would be. Its address is 192.0.2.9/24."""

    def __init__(self) -> None:
        """Make it; `with` takes it away again."""
        self._folder = tempfile.TemporaryDirectory()
        self._process: subprocess.Popen[str] | None = None

    def run(self, command: str, stdin: bytes = b"") -> Reply:
        """Run a command as root in it."""
        done = subprocess.run(self._words(command), input=stdin, capture_output=True, timeout=60, check=False)
        return Reply(done.returncode, done.stdout, done.stderr)

    def converse(self, command: str, until: bytes, then: Then) -> Reply:
        """Run a command that says something, and reads what `then` makes of that."""
        pipe = subprocess.PIPE
        with subprocess.Popen(self._words(command), stdin=pipe, stdout=pipe, stderr=pipe) as running:
            assert running.stdout
            said = b""
            while not said.endswith(until) and (line := running.stdout.readline()):
                said += line
            stdout, stderr = running.communicate(then(said), timeout=60)
        return Reply(running.returncode, stdout, stderr)

    def _words(self, command: str) -> list[str]:
        assert self._process, "it is not there yet"
        return ["nsenter", "-t", str(self._process.pid), "-n", "-m", "-u", "sh", "-c", command]

    def said(self, command: str) -> str:
        """What a command says; raises AssertionError where it fails."""
        reply = self.run(command)
        assert reply.status == 0, (reply.stdout, reply.stderr)
        return reply.stdout.decode()

    def __enter__(self) -> Self:
        words = ["setpriv", "--pdeathsig", "KILL", "unshare", "--net", "--mount", "--uts", "sh", "-ec", _PREPARE]
        self._process = subprocess.Popen([*words, "sh", self._folder.name], stdout=subprocess.PIPE, text=True)
        assert self._process.stdout
        assert self._process.stdout.readline() == "ready\n"
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._process
        self.run("kill $(cat /run/prov/pid /run/prov-net/*.pid) 2>/dev/null")
        with self._process:
            self._process.kill()
        self._folder.cleanup()


def until(access_point: LinuxAccessPoint, command: str) -> None:
    """Wait until a command succeeds in it."""
    deadline = time.monotonic() + 40
    while access_point.run(command).status:
        assert time.monotonic() < deadline, f"in vain: {command}"
        time.sleep(0.1)
