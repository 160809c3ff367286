"""Network namespaces for tests and for the demo: made, wired, used and surely removed. Needs root.

A name says which process made a namespace or a folder, so that whatever a killed run left behind is removed by the
next one.
"""

import contextlib
import ctypes
import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Self, TypeVar

T = TypeVar("T")

PREFIX = "wifilab"
_RUN = Path("/run/netns")
_ETC = Path("/etc/netns")
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


def wait_for(what: str, check: Callable[[], T], deadline_seconds: float = 20.0) -> T:
    """The first true answer of `check`, asked again and again. Raises TimeoutError that says what never came."""
    end = time.monotonic() + deadline_seconds
    while not (answer := check()):
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {deadline_seconds:.0f} s")
        time.sleep(0.03)
    return answer


def sh(*argv: str) -> str:
    """Run a program of this machine; its output. Raises CalledProcessError with what it said."""
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    if done.returncode:
        raise RuntimeError(f"{' '.join(argv)} failed ({done.returncode}): {done.stderr.strip()}")
    return done.stdout


class Namespace:
    """One network namespace, with `lo` up. Everything in it ends with `close()`."""

    def __init__(self, lab: str, role: str) -> None:
        self.role = role
        self.name = f"{lab}-{role}"
        self._children: list[subprocess.Popen[Any]] = []
        sh("ip", "netns", "add", self.name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *argv: str) -> str:
        """`ip` inside this namespace."""
        return sh("ip", "-netns", self.name, *argv)

    def command(self, argv: Sequence[str]) -> list[str]:
        """What runs `argv` inside this namespace."""
        return ["ip", "netns", "exec", self.name, *argv]

    def run(self, argv: Sequence[str], **options: Any) -> subprocess.CompletedProcess[str]:
        """Run to the end, at most 60 s; output as text. It does not raise for an exit code."""
        options = {"timeout": 60, "capture_output": True, "text": True, **options}
        return subprocess.run(self.command(argv), check=False, **options)

    def check(self, argv: Sequence[str], **options: Any) -> str:
        """Like `run`, but raises with what the program said when it fails; its output."""
        done = self.run(argv, **options)
        if done.returncode:
            raise RuntimeError(f"{' '.join(argv)} in {self.role} failed ({done.returncode}): {done.stderr.strip()}")
        return done.stdout

    def start(self, argv: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":
        """Start a process that goes on; it is killed when the namespace closes. The pid is the program's own."""
        process = subprocess.Popen(self.command(argv), **{"stdin": subprocess.DEVNULL, **options})
        self._children.append(process)
        return process

    def call(self, work: Callable[[], T]) -> T:
        """Run a Python function whose sockets shall belong to this namespace; sockets it returns stay there."""
        outcome: list[Any] = []

        def work_inside() -> None:
            try:
                with inside(self.name):
                    outcome.extend((True, work()))
            except BaseException as problem:  # noqa: BLE001 - handed on to the caller's thread, whatever it is
                outcome.extend((False, problem))

        thread = threading.Thread(target=work_inside, name=f"in {self.name}")
        thread.start()
        thread.join()
        if not outcome[0]:
            raise outcome[1]
        return outcome[1]  # type: ignore[no-any-return] - it is what `work` returned

    def listen(self, address: str, port: int = 0) -> socket.socket:
        """A listening TCP socket inside this namespace, for a server that runs in this process."""
        return self.call(lambda: socket.create_server((address, port), backlog=256))

    def resolver(self, address: str) -> None:
        """The DNS server that programs in this namespace ask."""
        folder = _ETC / self.name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "resolv.conf").write_text(f"nameserver {address}\noptions timeout:2 attempts:3\n")

    def pids(self) -> list[int]:
        """Processes inside, those of others too that came in on their own."""
        found = subprocess.run(["ip", "netns", "pids", self.name], capture_output=True, text=True, check=False)
        return [int(pid) for pid in found.stdout.split()]

    def close(self) -> None:
        """Kill what runs inside, and remove the namespace with all its interfaces."""
        remove(self.name)
        for child in self._children:
            child.wait(timeout=20)
            for stream in (child.stdout, child.stderr):
                if stream:
                    stream.close()


class Namespaces:
    """All namespaces of one lab. A context manager; leaving it removes them all."""

    def __init__(self) -> None:
        remove_abandoned()
        self.lab = fresh_name()
        self._made: list[Namespace] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def add(self, role: str) -> Namespace:
        """A new namespace for this role."""
        namespace = Namespace(self.lab, role)
        self._made.append(namespace)
        return namespace

    def close(self) -> None:
        for namespace in reversed(self._made):
            namespace.close()
        self._made.clear()


def fresh_name() -> str:
    """A name that nobody else has, for a namespace or a folder of the machine's; it says which process made it."""
    return f"{PREFIX}-{os.getpid()}x{_started(os.getpid())}-{secrets.token_hex(3)}"


@contextlib.contextmanager
def inside(name: str) -> Iterator[None]:
    """The calling thread, and the threads it starts, live in this network namespace until the block ends."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)
    there = os.open(_RUN / name, os.O_RDONLY | os.O_CLOEXEC)
    try:
        _enter(there)
        yield
    finally:
        _enter(home)
        os.close(home)
        os.close(there)


def _enter(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET):  # per thread; os.setns is in Python 3.12 and later
        raise OSError(ctypes.get_errno(), "setns")


def wire(one: Namespace, one_end: str, other: Namespace, other_end: str) -> None:
    """A cable (veth pair) between two namespaces; both ends are up. It never appears in the machine's own namespace."""
    other_ns = ("netns", other.name)
    one.ip("link", "add", one_end, "type", "veth", "peer", "name", other_end, *other_ns)
    one.ip("link", "set", one_end, "up")
    other.ip("link", "set", other_end, "up")


def remove(name: str) -> None:
    """Kill what runs in a namespace and remove it; nothing happens where there is none."""
    for _ in range(3):
        found = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True, check=False)
        for pid in found.stdout.split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        if not found.stdout.strip():
            break
        time.sleep(0.05)
    subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
    shutil.rmtree(_ETC / name, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove namespaces, their processes and folders of labs whose process is gone: killed runs leave them behind."""
    for path in _abandoned(_RUN):
        remove(path.name)
    for path in _abandoned(Path(tempfile.gettempdir())):
        shutil.rmtree(path, ignore_errors=True)


def _abandoned(folder: Path) -> Iterator[Path]:
    for path in sorted(folder.glob(f"{PREFIX}-*")):
        owner = path.name.split("-")[1]
        pid, _, started = owner.partition("x")
        if pid.isdigit() and _started(int(pid)) != started:
            yield path


def _started(pid: int) -> str:
    """When a process started, in clock ticks: a pid may be used again, pid and start together may not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""
