"""A city whose access points are simulated, and all else is real: database, exporter process, Prometheus.

    with monitored_city(tmp_path, 300) as city:
        city.prometheus.query('sum by (district) (wifi_radio_clients * on (ap) group_left (district) wifi_ap_info)')

On entering, every access point has been looked at and scraped more than once, so rates have values too.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import httpx

from tests.builders import A_CITY, A_MASTER_KEY
from tests.fakes.simulated_access_points import SimulatedFleet
from tests.lab.prometheus import PATIENCE_SECONDS, Prometheus, running_prometheus, shipped_config
from wifi_manager import shipped
from wifi_manager.clock import SystemClock
from wifi_manager.storage import migrate
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

_LATE = timedelta(milliseconds=1)  # Prometheus keeps moments as floats of seconds


@dataclass(frozen=True)
class MonitoredCity:
    """Everything that runs. `exporter` is its host:port."""

    store: Store
    fleet: SimulatedFleet
    exporter: str
    prometheus: Prometheus

    def enrol_up_to(self, count: int) -> None:
        """Put more access points into the inventory, until there are so many. Nobody has looked at them yet."""
        more = SimulatedFleet(count, SystemClock().now())
        more.points = {each: point for each, point in more.points.items() if each not in self.fleet.points}
        more.enrol(self.store)
        self.fleet.points |= more.points

    def look(self, only: Iterable[str] | None = None) -> float:
        """Look at all access points (or at these) now; when that was, in Unix time."""
        at = SystemClock().now()
        self.fleet.look(self.store, at, only)
        return at.timestamp()

    def look_until_scraped(self, seconds: float = PATIENCE_SECONDS) -> None:
        """Look at all, and wait until Prometheus has what was found of each that is up."""
        since = self.look() - _LATE.total_seconds()
        up = sum(not each.is_down for each in self.fleet.points.values())
        seen = f"count(wifi_ap_last_seen_timestamp_seconds >= {since!r})"
        self.prometheus.wait_for(f"a scrape of {up} looks", lambda it: it.number(seen) == up, seconds)


@contextmanager
def monitored_city(
    folder: Path,
    count: int,
    *,
    shard_size: int = 5000,
    every: str | None = "3s",
    rules: Iterable[Path] = (),
    looks: int = 2,
    database: Path | None = None,
) -> Iterator[MonitoredCity]:
    """Start it; all ends with the block. `every`: how often Prometheus scrapes, None: as shipped.

    `rules` are rule files beside the shipped ones; `database`: a copy of it is used, with today's tables.
    """
    url = f"sqlite:///{_database(folder, database)}"
    engine = open_engine(url)
    store = Store(engine, A_CITY.slug, Vault(A_MASTER_KEY, A_CITY.slug))
    fleet = SimulatedFleet(count, SystemClock().now())
    fleet.enrol(store)
    config = shipped_config(address := f"127.0.0.1:{_free_port()}", every)
    _put_rules(folder / "prometheus", rules)
    patience = PATIENCE_SECONDS + count / 50
    with (
        _running_exporter(folder, url, address, shard_size),
        running_prometheus(_with_rules(config, rules), folder / "prometheus") as prometheus,
    ):
        city = MonitoredCity(store, fleet, address, prometheus)
        for _ in range(looks):
            city.look_until_scraped(patience)
        yield city
    store.dispose()


def _database(folder: Path, template: Path | None) -> Path:
    path = folder / "city.db"
    if template is not None:
        path.write_bytes(template.read_bytes())
        return path
    engine = open_engine(f"sqlite:///{path}")
    migrate.upgrade(engine, A_CITY)
    engine.dispose()
    return path


def _put_rules(folder: Path, rules: Iterable[Path]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for path in (*(shipped.configs() / "prometheus").glob("*.rules.yml"), *rules):
        (folder / path.name).write_bytes(path.read_bytes())


def _with_rules(config: str, rules: Iterable[Path]) -> str:
    lines = "".join(f"  - {path.name}\n" for path in rules if f"- {path.name}\n" not in config)
    return config.replace("rule_files:\n", f"rule_files:\n{lines}")


@contextmanager
def _running_exporter(folder: Path, url: str, address: str, shard_size: int) -> Iterator[None]:
    """`wifi-manager exporter run`, which tells all access points in shards."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("WIFI_MANAGER_")} | {
        "WIFI_MANAGER_CITY_SLUG": A_CITY.slug,
        "WIFI_MANAGER_DATABASE_URL": url,
        "WIFI_MANAGER_EXPORTER_PORT": address.rpartition(":")[2],
        "WIFI_MANAGER_EXPORTER_WHOLE_UP_TO": "0",
        "WIFI_MANAGER_EXPORTER_SHARD_SIZE": str(shard_size),
        "WIFI_MANAGER_EXPORTER_PAGE_SECONDS": "0",
    }
    with (folder / "exporter.log").open("wb") as said:
        command = [sys.executable, "-m", "wifi_manager", "exporter", "run"]
        process = subprocess.Popen(command, cwd=folder, env=environ, stdout=said, stderr=said)
    try:
        _wait_until_it_answers(f"http://{address}/healthz")
        yield
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)


def _wait_until_it_answers(url: str) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            httpx.get(url, timeout=5).raise_for_status()
        except httpx.HTTPError:
            if time.monotonic() >= deadline:
                raise
            time.sleep(0.1)
        else:
            return


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
