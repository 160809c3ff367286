"""How long a waiting gateway waits for new grants, and what waiting costs control.

`python -m benchmarks.long_polls --gateways 200 --database sqlite --json` runs `wifi-manager control run` on loopback,
lets so many gateways wait, changes the grants of one after the other, and measures from the commit of each change
until its gateway has read the answer. One visit a gateway; client and server share the machine.
"""

import argparse
import asyncio
import base64
import contextlib
import json
import os
import random
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from benchmarks.measuring import cpu_seconds, resident_mb
from tests.builders import A_CITY, a_plan, a_visit, an_asker
from tests.plugins.postgres import find_binaries, running_server
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.storage import migrate
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.grants import answer_from_json
from wifi_manager.wire.requests import Request, sign_request

IDLE_SECONDS = 10


@dataclass(frozen=True)
class Bench:
    url: str
    store: Store
    keys: dict[str, Ed25519PrivateKey]
    committed: dict[str, float]  # by gateway: when its last change was committed, on the monotonic clock
    seconds: list[float]


async def follow(bench: Bench, http: httpx.AsyncClient, gateway: str) -> None:
    """One gateway's agent, without a firewall."""
    after, wait = 0, 0
    while True:
        path = f"/v1/grants?after={after}&wait={wait}"
        proof = sign_request(bench.keys[gateway], gateway, Request("GET", path), datetime.now(UTC))
        answer = await http.get(path, headers={"Authorization": proof})
        at = time.monotonic()
        answer.raise_for_status()
        after, wait = answer_from_json(answer.json()).revision, 25
        if gateway in bench.committed:
            bench.seconds.append(at - bench.committed.pop(gateway))


async def measure(bench: Bench, server: int, changes: int, rate: float) -> dict[str, Any]:
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(base_url=bench.url, timeout=60, limits=limits) as http:
        agents = [asyncio.create_task(follow(bench, http, gateway)) for gateway in bench.keys]
        await asyncio.sleep(5)  # until all of them wait
        before = cpu_seconds(server)
        await asyncio.sleep(IDLE_SECONDS)
        idle = (cpu_seconds(server) - before) / IDLE_SECONDS
        before, began = cpu_seconds(server), time.monotonic()
        for gateway in random.choices(list(bench.keys), k=changes):
            if gateway not in bench.committed:
                await asyncio.to_thread(bump, bench, gateway)
            await asyncio.sleep(random.expovariate(rate))
        busy = (cpu_seconds(server) - before) / (time.monotonic() - began)
        await asyncio.sleep(1)
        for agent in agents:
            agent.cancel()
        await asyncio.gather(*agents, return_exceptions=True)
    cuts = statistics.quantiles(bench.seconds, n=100)
    return {
        "changes": len(bench.seconds),
        "p50_ms": round(cuts[49] * 1000, 1),
        "p99_ms": round(cuts[98] * 1000, 1),
        "idle_cpu": round(idle, 3),
        "busy_cpu": round(busy, 3),
        "resident_mb": round(resident_mb(server)),
    }


def bump(bench: Bench, gateway: str) -> None:
    with bench.store.begin() as tx:
        tx.changes.note_all(gateway, datetime.now(UTC))
        bench.committed[gateway] = time.monotonic()  # just before the commit: its cost is counted


def fill(store: Store, gateways: int) -> dict[str, Ed25519PrivateKey]:
    keys = {f"gw-{number}": Ed25519PrivateKey.generate() for number in range(gateways)}
    now = datetime.now(UTC)
    with store.begin() as tx:
        tx.plans.save(a_plan())
        for number, (name, key) in enumerate(keys.items()):
            tx.gateways.add(name, None, name.encode(), now + timedelta(hours=1))
            tx.gateways.enrol(name.encode(), StoredKeys(key.public_key().public_bytes_raw(), b"unused"), now)
            device = MacAddress(b"\x02" + number.to_bytes(5, "big"))
            tx.visits.add(
                a_visit(
                    public_id=secrets.token_hex(8),
                    number=tx.visits.device_number(device, now),
                    gateway=name,
                    asker=an_asker(gateway=name, device=device),
                    opened_at=now,
                    expires_at=now + timedelta(hours=1),
                )
            )
    return keys


@contextlib.contextmanager
def control(folder: Path, database: str, polls: int) -> Iterator[tuple[str, int]]:
    """URL and worker process of a running control."""
    port, metrics_port = free_port(), free_port()
    settings = {
        "CITY_SLUG": A_CITY.slug,
        "DATABASE_URL": database,
        "CONTROL_PORT": str(port),
        "CONTROL_METRICS_PORT": str(metrics_port),
        "CONTROL_POLLS": str(polls),
        "KEYS_MASTER_KEY_FILE": str(folder / "master.key"),
        "LOG_LEVEL": "WARNING",
    }
    environ = {**os.environ, **{f"WIFI_MANAGER_{name}": value for name, value in settings.items()}}
    process = subprocess.Popen([sys.executable, "-m", "wifi_manager", "control", "run"], env=environ)
    url = f"http://127.0.0.1:{port}"
    try:
        while process.poll() is None:
            with contextlib.suppress(httpx.TransportError):
                httpx.get(f"{url}/healthz")
                break
            time.sleep(0.1)
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        yield url, int(children[0])
    finally:
        process.terminate()
        process.wait(30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def database_url(kind: str, folder: Path) -> Iterator[str]:
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'bench.db'}"
        return
    binaries = find_binaries()
    if binaries is None:
        raise SystemExit("PostgreSQL is not installed: run tests/lab/system_packages.sh")
    with running_server(binaries) as server, server.fresh_database() as url:
        yield url


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gateways", type=int, default=200)
    parser.add_argument("--changes", type=int, default=500)
    parser.add_argument("--rate", type=float, default=20, help="changes a second")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name, database_url(asked.database, Path(name)) as url:
        master_key, folder = secrets.token_bytes(32), Path(name)
        (folder / "master.key").touch(mode=0o600)
        (folder / "master.key").write_bytes(base64.b64encode(master_key))
        engine = open_engine(url)
        migrate.upgrade(engine, A_CITY)
        store = Store(engine, A_CITY.slug, Vault(master_key, A_CITY.slug))
        keys = fill(store, asked.gateways)
        with control(folder, url, asked.gateways + 8) as (address, server):
            bench = Bench(address, store, keys, {}, [])
            found = asyncio.run(measure(bench, server, asked.changes, asked.rate))
        store.dispose()
    result = {"database": asked.database, "gateways": asked.gateways, "rate": asked.rate, **found}
    print(json.dumps(result) if asked.json else "\n".join(f"{name}: {value}" for name, value in result.items()))


if __name__ == "__main__":
    main()
