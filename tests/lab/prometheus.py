"""A real Prometheus on a free port of the loopback, asked until it answers as wanted."""

import re
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from wifi_manager import shipped

PATIENCE_SECONDS = 90
_SHIPPED_EXPORTER = "127.0.0.1:8003"


def shipped_config(exporter: str, every: str | None = None) -> str:
    """Our prometheus.yml that reads this exporter (host:port); `every` replaces all intervals and timeouts."""
    text = (shipped.configs() / "prometheus" / "prometheus.yml").read_text(encoding="utf-8")
    text = text.replace(_SHIPPED_EXPORTER, exporter)
    if every is None:
        return text
    return re.sub(r"(scrape_interval|scrape_timeout|refresh_interval): .*", rf"\1: {every}", text)


@dataclass(frozen=True)
class Prometheus:
    """One that runs."""

    client: httpx.Client
    program: subprocess.Popen[bytes]
    log: Path

    @property
    def process(self) -> int:
        """Its number."""
        return self.program.pid

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an instant query; those of a scalar are none."""
        return self._asked("/query", {"query": expression})

    def query_range(self, expression: str, **span: str) -> list[dict[str, Any]]:
        """The series of a query over a time: `start` and `end` in Unix time, `step` in seconds."""
        return self._asked("/query_range", {"query": expression, **span})

    def _asked(self, way: str, given: dict[str, str]) -> list[dict[str, Any]]:
        answer = self.client.post(way, data=given).json()
        if answer["status"] != "success":
            raise AssertionError(f"{given['query']}: {answer['error']}")
        found: list[dict[str, Any]] = answer["data"]["result"]
        return found

    def number(self, expression: str) -> float | None:
        """The value of a query with one sample."""
        found = self.query(expression)
        return float(found[0]["value"][1]) if found else None

    def targets(self) -> list[dict[str, Any]]:
        """Those that it scrapes."""
        found: list[dict[str, Any]] = self.client.get("/targets").json()["data"]["activeTargets"]
        return found

    def wait_for(self, what: str, is_so: Callable[["Prometheus"], Any], seconds: float = PATIENCE_SECONDS) -> Any:
        """What `is_so` gives as soon as it is true. Raises AssertionError when that takes too long."""
        deadline, last = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            try:
                last = is_so(self)
            except (httpx.TransportError, ValueError) as failure:  # it starts
                if self.program.poll() is not None:
                    raise AssertionError(f"Prometheus has ended: {self.log.read_text()}") from failure
                last = failure
            if last and not isinstance(last, Exception):
                return last
            time.sleep(0.2)
        raise AssertionError(f"{what} did not come: {last!r}")


@contextmanager
def running_prometheus(config: str, folder: Path) -> Iterator[Prometheus]:
    """Prometheus with this configuration; its data is in the folder. Rule files are looked for beside it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "prometheus.yml").write_text(config, encoding="utf-8")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    command = [
        "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address={address}",
        "--log.level=error",
    ]
    with (folder / "prometheus.log").open("wb") as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
    try:
        with httpx.Client(base_url=f"http://{address}/api/v1", timeout=30) as client:
            yield Prometheus(client, process, folder / "prometheus.log")
    finally:
        process.terminate()
        process.wait(PATIENCE_SECONDS)
