"""A machine of its own for one job: another kernel under this machine's files, emulated by QEMU.

Emulated (TCG) and not virtualised, so that it also runs where there is no KVM, and in a virtual machine. Programs are
some twenty times slower in it: a job imports no more than it needs.
"""

import contextlib
import shlex
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.lab.machine.image import Image

_MEMORY_MB = 1024


@dataclass(frozen=True, slots=True)
class Finished:
    """How a job ended; `console` is what the kernel said."""

    status: int | None  # None: the machine ended or ran out of time before the job
    output: str
    console: str


def run(image: Image, command: Sequence[str], *, cwd: Path, seconds: float, **environment: str) -> Finished:
    """Run one command as root among this machine's files, which it can read and change without changing them here."""
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder)
        exports = "".join(f"export {name}={shlex.quote(value)}\n" for name, value in environment.items())
        job.joinpath("run").write_text(f"{exports}cd {shlex.quote(str(cwd))}\nexec {shlex.join(command)}\n")
        with job.joinpath("console").open("wb") as console:
            _boot(image, job, console.fileno(), seconds)
        status = _text(job / "status")
        return Finished(int(status) if status else None, _text(job / "output"), _text(job / "console"))


@dataclass(frozen=True, slots=True)
class Running:
    """A machine that runs a job without an end. `port` on this machine's 127.0.0.1 is its port 22."""

    job: Path  # the folder that is its /job
    port: int

    @property
    def console(self) -> str:
        """What kernel and job have said so far."""
        return _text(self.job / "console") + _text(self.job / "output")


@contextlib.contextmanager
def running(image: Image, job: Path, script: str) -> Iterator[Running]:
    """A machine that runs a shell script for as long as the block lasts, on a network that ends at this machine."""
    job.joinpath("run").write_text(script)
    port = _free_port()
    wire = f"user,id=wire,restrict=on,hostfwd=tcp:127.0.0.1:{port}-10.0.2.15:22"
    command = [*_command(image, job), "-netdev", wire, "-device", "virtio-net-pci,netdev=wire,romfile="]
    with job.joinpath("console").open("wb") as console:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=console, stderr=console)
        try:
            yield Running(job, port)
        finally:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _boot(image: Image, job: Path, console: int, seconds: float) -> None:
    with contextlib.suppress(subprocess.TimeoutExpired):  # what the job has written until then is told
        subprocess.run(
            _command(image, job),
            stdin=subprocess.DEVNULL,
            stdout=console,
            stderr=console,
            timeout=seconds,
            check=False,
        )


def _command(image: Image, job: Path) -> list[str]:
    shares = {"host": ("/", True), "modules": (str(image.modules), True), "job": (str(job), False)}
    return [
        *("qemu-system-x86_64", "-M", "q35", "-accel", "tcg,thread=multi", "-cpu", "max", "-smp", "1"),
        *("-m", str(_MEMORY_MB), "-nodefaults", "-no-reboot", "-display", "none", "-serial", "stdio"),
        *("-kernel", str(image.kernel), "-initrd", str(image.initramfs)),
        *("-append", "console=ttyS0 quiet mitigations=off random.trust_cpu=on tsc=reliable no_timer_check panic=-1"),
        *(word for tag, (path, is_read_only) in shares.items() for word in _share(tag, path, is_read_only)),
    ]


def _share(tag: str, path: str, is_read_only: bool) -> list[str]:
    options = f"local,path={path},mount_tag={tag},security_model=none,multidevs=remap"
    return ["-virtfs", f"{options},readonly=on" if is_read_only else options]


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
