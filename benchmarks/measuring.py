"""What the benchmarks share: percentiles, the CPU time of running programs, and a database of either kind."""

import contextlib
import math
import os
import platform
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.plugins.postgres import find_binaries, running_server

_DURABLE = ("shared_buffers=64MB",)  # nothing else is changed: a commit waits for the disk


@dataclass(frozen=True, slots=True)
class Database:
    """A database to measure on. `server` is the process that serves it, or None where it is a file."""

    kind: str
    url: str
    version: str
    server: int | None = None


def percentile(values: Sequence[float], share: float) -> float | None:
    """The smallest value that so large a share of all values does not exceed; None without values."""
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)] if values else None


def milliseconds(seconds: float | None) -> float | None:
    """Seconds as they are printed."""
    return None if seconds is None else round(seconds * 1000, 1)


def cpu_seconds(process: int) -> float:
    """CPU time of a process, of its running children and of those that it has waited for."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    own = sum(int(ticks) for ticks in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(_cpu_seconds_if_running(child) for child in _children(process))


def resident_mb(process: int) -> float:
    """Memory of a process, without that of its children, in millions of bytes."""
    return int(Path(f"/proc/{process}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def load_average() -> float:
    """Of the last minute: what else the machine was busy with."""
    return os.getloadavg()[0]


def versions() -> dict[str, str]:
    """Of what the figures depend on."""
    nft = subprocess.run(["nft", "--version"], capture_output=True, text=True, check=True).stdout
    return {"kernel": platform.release(), "python": platform.python_version(), "nft": nft.split()[1]}


@contextlib.contextmanager
def database(kind: str, folder: Path) -> Iterator[Database]:
    """An empty database: an SQLite file in the folder, or a PostgreSQL server of its own with commits that last."""
    if kind == "sqlite":
        yield Database(kind, f"sqlite:///{folder / 'bench.db'}", sqlite3.sqlite_version)
        return
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL is not installed: run tests/lab/system_packages.sh")
    postgres = shutil.which("postgres", path=binaries)
    said = subprocess.run([str(postgres), "--version"], capture_output=True, text=True, check=True).stdout
    with running_server(binaries, _DURABLE) as server, server.fresh_database() as url:
        pid = int((server.folder / "data" / "postmaster.pid").read_text().split()[0])
        yield Database(kind, url, said.split()[2], pid)


def _cpu_seconds_if_running(process: int) -> float:
    """Nothing for one that has just ended: its parent counts it from now on."""
    try:
        return cpu_seconds(process)
    except (FileNotFoundError, ProcessLookupError):
        return 0.0


def _children(process: int) -> Iterator[int]:
    for task in Path(f"/proc/{process}/task").iterdir():
        with contextlib.suppress(FileNotFoundError):  # a thread that has just ended
            yield from map(int, (task / "children").read_text().split())
