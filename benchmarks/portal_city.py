"""A portal to be measured: a database, worker processes on loopback, and gateways that acknowledge at once.

Control and gateways are not what is measured: one process stands for all of them. Every 10 ms it looks for gateways
that are wanted to enforce something new and writes for each, in one transaction, that they do, as control does with
their reports. It needs nearly no processor, as machines elsewhere would.
"""

import base64
import multiprocessing
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import sqlalchemy as sa

from benchmarks.measuring import Database
from tests.builders import A_CITY, a_plan
from tests.lab.authority import Authority
from tests.lab.city import program_options
from wifi_manager.storage import migrate
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault

NAME = "localhost"  # what its certificate says
GATEWAYS = tuple(f"gw-{number}" for number in range(50))
_LOOK_SECONDS = 0.01
_START_SECONDS = 60.0
_ACKNOWLEDGE = "UPDATE gateway SET acknowledged = revision WHERE acknowledged < revision"
_NOW = {"sqlite": "datetime('now', '-2 days')", "postgresql": "now() - interval '2 days'"}
_RANDOM = {"sqlite": "randomblob(32)", "postgresql": "sha256(n::text::bytea)"}
_PAST = (
    """
    INSERT INTO device (city_id, pseudonym, first_seen_at)
    WITH RECURSIVE count(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM count WHERE n < {visits})
    SELECT (SELECT min(id) FROM city), {random}, {then} FROM count
    """,
    """
    INSERT INTO visit (city_id, public_id, device_id, gateway_id, plan_id, method, terms_version, terms_language,
                       opened_at, expires_at, up_bytes, down_bytes, ended_at, end_reason, network)
    SELECT city_id, 'past-' || id, id, (SELECT min(id) FROM gateway) + id % {gateways}, (SELECT min(id) FROM plan),
           'click_through', '2026-11', 'en', {then}, {then}, 0, 0, {then}, 'expired', 'guests' FROM device
    """,
    "ANALYZE",
)


@dataclass(frozen=True, slots=True)
class City:
    """A running portal. `ticket_key` is every gateway's; `workers` and `server` are processes."""

    store: Store
    database: Database
    port: int
    root: Path | None  # whom its certificate comes from; None where it speaks plain HTTP
    ticket_key: bytes
    workers: tuple[int, ...]

    @property
    def processes(self) -> dict[str, list[int]]:
        """What works for a sign-in, by name."""
        return {"portal": list(self.workers), "database": [self.database.server] if self.database.server else []}


@contextmanager
def running(folder: Path, database: Database, workers: int, *, tls: bool) -> Iterator[City]:
    """A city with one plan, many gateways and nobody in it."""
    master_key, ticket_key = secrets.token_bytes(32), secrets.token_bytes(32)
    (folder / "master.key").touch(mode=0o600)
    (folder / "master.key").write_bytes(base64.b64encode(master_key))
    authority = Authority(folder) if tls else None
    engine, vault = open_engine(database.url), Vault(master_key, A_CITY.slug)
    migrate.upgrade(engine, A_CITY)
    store = Store(engine, A_CITY.slug, vault)
    _add_gateways(store, vault.seal(TICKET_KEY_PURPOSE, ticket_key))
    store.dispose()  # before processes are forked
    try:
        with _acknowledging(database.url), _portal(folder, database.url, workers, authority) as (port, found):
            yield City(store, database, port, authority and authority.root, ticket_key, found)
    finally:
        store.dispose()


def add_past_visits(city: City, visits: int) -> None:
    """So many visits that ended two days ago, each of a device of its own."""
    engine = open_engine(city.database.url)
    kind = engine.dialect.name
    given = {"visits": visits, "gateways": len(GATEWAYS), "then": _NOW[kind], "random": _RANDOM[kind]}
    with engine.begin() as connection:
        for statement in _PAST:
            connection.execute(sa.text(statement.format(**given)))
    if kind == "sqlite":  # else the portal would pay for what came before it
        with engine.connect() as connection:
            connection.connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()


def _add_gateways(store: Store, ticket_key_sealed: bytes) -> None:
    now = datetime.now(UTC)
    with store.begin() as tx:
        tx.plans.save(a_plan())
        for name in GATEWAYS:
            tx.gateways.add(name, None, name.encode(), now + timedelta(hours=1))
            tx.gateways.enrol(name.encode(), StoredKeys(bytes(32), ticket_key_sealed), now)


@contextmanager
def _acknowledging(url: str) -> Iterator[None]:
    process = multiprocessing.get_context("spawn").Process(target=_acknowledge_for_ever, args=(url,), daemon=True)
    process.start()
    try:
        yield
    finally:
        process.terminate()
        process.join()


def _acknowledge_for_ever(url: str) -> None:
    engine = open_engine(url)
    with engine.execution_options(isolation_level="AUTOCOMMIT", reading=True).connect() as connection:
        while True:
            with suppress(sa.exc.OperationalError):  # busy
                connection.exec_driver_sql(_ACKNOWLEDGE)
                connection.commit()
            time.sleep(_LOOK_SECONDS)


@contextmanager
def _portal(
    folder: Path, url: str, workers: int, authority: Authority | None
) -> Iterator[tuple[int, tuple[int, ...]]]:
    port, metrics_port = free_ports(1), free_ports(workers)
    settings = {
        "CITY_SLUG": A_CITY.slug,
        "DATABASE_URL": url,
        "PORTAL_PORT": str(port),
        "PORTAL_METRICS_PORT": str(metrics_port),
        "PORTAL_WORKERS": str(workers),
        "KEYS_MASTER_KEY_FILE": str(folder / "master.key"),
    }
    if authority is not None:
        own = authority.certificate(NAME)
        settings |= {"PORTAL_CERTIFICATE_FILE": str(own.chain), "PORTAL_KEY_FILE": str(own.key)}
    options = program_options()
    environ = {**options.pop("env"), **{f"WIFI_MANAGER_{name}": value for name, value in settings.items()}}
    with (folder / "portal.log").open("wb") as log:
        command = [sys.executable, "-m", "wifi_manager", "portal", "run"]
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log, **options)
    try:
        _wait_for_workers(process, f"http{'s' if authority else ''}://{NAME}:{port}/healthz", metrics_port, workers)
        yield port, _children(process.pid)
    finally:
        process.terminate()
        process.wait(_START_SECONDS)


def _wait_for_workers(process: "subprocess.Popen[bytes]", url: str, metrics_port: int, workers: int) -> None:
    wanted = [url, *(f"http://127.0.0.1:{metrics_port + number}/metrics" for number in range(workers))]
    end = time.monotonic() + _START_SECONDS
    while wanted:
        if process.poll() is not None or time.monotonic() > end:
            raise SystemExit(f"The portal does not answer at {wanted[0]}.")
        try:
            httpx.get(wanted[0], verify=False, trust_env=False)
            wanted.pop(0)
        except httpx.TransportError:
            time.sleep(0.1)


def _children(pid: int) -> tuple[int, ...]:
    return tuple(map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split()))


def free_ports(count: int) -> int:
    """The first of so many free ports in a row."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first: int = probe.getsockname()[1]
        if all(_is_free(first + number) for number in range(count)):
            return first


def _is_free(port: int) -> bool:
    with socket.socket() as probe, suppress(OSError, OverflowError):
        probe.bind(("127.0.0.1", port))
        return True
    return False
