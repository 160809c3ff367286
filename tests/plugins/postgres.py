"""A private PostgreSQL server for a run's worker, and the fixture that gives each test a fresh database of each kind."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest

START_SECONDS = 60  # generous: a loaded machine starts it late, an idle one within a second
UNPRIVILEGED = ("postgres", "nobody")  # PostgreSQL refuses to run as root
# The fast tests of `make check` run on SQLite alone; `make test` runs on both.
BOTH_DATABASES = ("sqlite", pytest.param("postgresql", marks=pytest.mark.slow))
UNSAFE_BUT_FAST = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "shared_buffers=16MB"),
    *("wal_level=minimal", "max_wal_senders=0", "max_wal_size=64MB"),
)
# A database for each test is a copy of some thousand files: in memory that takes a fifth of the time.
IN_MEMORY = Path("/dev/shm")
IN_MEMORY_BYTES = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A running server that is reached by a socket in its folder, and only there."""

    folder: Path

    def url(self, database: str) -> str:
        return f"postgresql://postgres@/{database}?host={self.folder}"

    @contextmanager
    def fresh_database(self, template: str = "template1") -> Iterator[str]:
        """URL of a new database that is dropped afterwards, even where connections were left open."""
        name = f"test_{uuid.uuid4().hex}"
        self.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY file_copy')
        try:
            yield self.url(name)
        finally:
            self.run(f'DROP DATABASE "{name}" WITH (FORCE)')

    def run(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True, connect_timeout=20) as connection:
            connection.execute(statement.encode())


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Started when the first test of this worker asks for it, ended and erased with the run."""
    binaries = find_binaries()
    if binaries is None:
        pytest.skip("needs PostgreSQL: run tests/lab/system_packages.sh")
    with running_server(binaries, place=_place()) as server:
        yield server


# What holds on both databases is shown where SQL is written, tests/storage and tests/migrations, and by these.
ON_BOTH = {"test_sign_in.py", "test_admission.py", "test_granting.py", "test_worker.py", "test_run.py"}
ABOVE_SQL = tuple(f"tests/{each}/" for each in ("portal", "cli", "control", "services", "exporter", "provisioning"))


@pytest.hookimpl(tryfirst=True)  # before marks select
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """On PostgreSQL only the soak runs what is not about SQL: rules, pages and commands are the same on both."""
    for item in items:
        values = getattr(getattr(item, "callspec", None), "params", {}).values()
        if item.nodeid.startswith(ABOVE_SQL) and item.path.name not in ON_BOTH and "postgresql" in values:
            item.add_marker(pytest.mark.soak)


@pytest.fixture(params=BOTH_DATABASES)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database: a test that asks for it runs twice, on SQLite and on PostgreSQL."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'test.db'}"
        return
    server: PostgresServer = request.getfixturevalue("postgres_server")
    with server.fresh_database() as url:
        yield url


def find_binaries() -> Path | None:
    """The folder with initdb and postgres: the one in PATH, else Debian's newest."""
    if found := shutil.which("initdb"):
        return Path(found).parent
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return debian[-1].parent if debian else None


@contextmanager
def running_server(
    binaries: Path, options: Sequence[str] = UNSAFE_BUT_FAST, place: Path | None = None
) -> Iterator[PostgresServer]:
    """A server with data of its own, below `place` or where temporary files are."""
    # Not below pytest's own folder: that one is closed to other users, and a socket's path has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="wifi-pg-", dir=place))
    try:
        as_user = _unprivileged(folder)
        data = folder / "data"
        initdb = [binaries / "initdb", "--pgdata", data, "--auth=trust", "--username=postgres", "--no-sync"]
        subprocess.run(
            [*as_user, *initdb, "--no-locale", "--encoding=UTF8"],
            check=True,
            capture_output=True,
            timeout=START_SECONDS,
        )
        with _started([*as_user, binaries / "postgres", "-D", data, "-k", folder], options, folder):
            yield PostgresServer(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _place() -> Path | None:
    """In memory where there is room enough for every worker of a run."""
    is_roomy = IN_MEMORY.is_dir() and shutil.disk_usage(IN_MEMORY).free >= IN_MEMORY_BYTES
    return IN_MEMORY if is_roomy else None


def _unprivileged(folder: Path) -> list[str]:
    """Words in front of a command that run it as a user who is not root and owns the folder; it ends with its parent."""
    command = ["setpriv", "--pdeathsig", "INT"]
    if os.geteuid() != 0:
        return command if shutil.which("setpriv") else []
    known = {entry.pw_name: entry for entry in pwd.getpwall()}
    user = next(known[name] for name in UNPRIVILEGED if name in known)
    os.chown(folder, user.pw_uid, user.pw_gid)
    return [*command, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]


@contextmanager
def _started(command: list[str | Path], settings: Sequence[str], folder: Path) -> Iterator[None]:
    options = [word for option in ("listen_addresses=", *settings) for word in ("-c", option)]
    with (folder / "log").open("wb") as output:
        server = subprocess.Popen([*command, *options], stdout=output, stderr=output, cwd=folder)
    try:
        _wait_until_it_answers(server, folder)
        yield
    finally:
        server.send_signal(signal.SIGINT)  # "fast": open connections are ended
        try:
            server.wait(START_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _wait_until_it_answers(server: "subprocess.Popen[bytes]", folder: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while server.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(PostgresServer(folder).url("postgres"), connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(0.05)
        else:
            return
    pytest.fail(f"PostgreSQL did not start: {(folder / 'log').read_text()[-2000:]}")
