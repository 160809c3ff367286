"""How long the metrics of a fleet take, against a Collector of prometheus_client that tells the same series.

    python -m benchmarks.exporter --json

25 series for each access point (tier core). `render_ratio_*` compares the CPU time of one scrape when the exporter
has written every look that came before it: the join of bytes. It says nothing of the looks themselves, so the other
ratios do: `minute_ratio_*` has one scrape and the looks at all access points that a minute brings, `cold_ratio_*` the
first scrape after a start. Neither way reads a database here: both have the same objects at hand.

`prometheus` is the real one: how long it says that its first scrape took, with all series new, and its later ones,
while every access point is looked at once a minute; ours in shards of 5,000, the Collector on its one page. Each way
runs in a process of its own; memory is that of the process with the fleet's objects in it.
"""

import argparse
import contextlib
import json
import platform
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks.exporter_ways import SHARD_SIZE, WAYS
from benchmarks.measuring import load_average, resident_mb
from tests.lab.prometheus import Prometheus, running_prometheus

RATIO_MIN = 40.0
SIZES = {"1k": 1_000, "10k": 10_000, "100k": 100_000}
_SCRAPE_SECONDS, _STEADY_SCRAPES = 10, 3
_CONFIG = """
global: {{scrape_interval: {seconds}s, scrape_timeout: {seconds}s}}
scrape_configs:
{jobs}
"""
_JOB = '  - {{job_name: "{number}", metrics_path: "/{number}", static_configs: [{{targets: ["127.0.0.1:{port}"]}}]}}'


def rendered(way: str, count: int, repeats: int) -> dict[str, Any]:
    """What a process of its own measured."""
    words = ["render", way, str(count), "--repeats", str(repeats)]
    said = subprocess.run(_command(*words), capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(said.stdout)
    return found


def compared(count: int, repeats: int) -> tuple[dict[str, float], dict[str, Any]]:
    """Ratios, and what they are made of."""
    # A Collector makes everything anew each time, for up to a minute: its first rendering is as good as any.
    found = {way: rendered(way, count, repeats if way == "ours" else 0) for way in WAYS}
    ours, theirs = found["ours"], found["collector"]
    minutes = [each["update_seconds"] + each["page_seconds"] for each in (ours, theirs)]
    ratios = {
        "render_ratio": theirs["page_seconds"] / ours["page_seconds"],
        "minute_ratio": minutes[1] / minutes[0],
        "cold_ratio": theirs["cold_seconds"] / ours["cold_seconds"],
    }
    return {name: round(ratio, 1) for name, ratio in ratios.items()}, found


def scraped(way: str, count: int, folder: Path) -> dict[str, float]:
    """Seconds of the real Prometheus' first and later scrapes of all pages, its memory and that of the way."""
    pages = 1 if way == "collector" else -(-count // SHARD_SIZE)
    with _served(way, count) as port:
        jobs = "\n".join(_JOB.format(number=number, port=port) for number in range(pages))
        config = _CONFIG.format(seconds=_SCRAPE_SECONDS, jobs=jobs)
        with running_prometheus(config, folder / f"{way}-{count}") as prometheus:
            first = _scrapes(prometheus, pages, 1)[0]
            later = _scrapes(prometheus, pages, 1 + _STEADY_SCRAPES)[1:]
            memory = resident_mb(prometheus.process)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/memory") as answer:
            own = float(answer.read())
    return {
        "first_seconds": round(first, 3),
        "steady_seconds": round(sum(later) / len(later), 3),
        "prometheus_mb": round(memory),
        "served_by_mb": round(own),
    }


def _scrapes(prometheus: Prometheus, pages: int, wanted: int) -> list[float]:
    """Seconds of the first scrapes, all pages together, once there are so many of each."""

    def found(it: Prometheus) -> list[list[float]]:
        rows = it.query("scrape_duration_seconds[10m]")
        values = [[float(value) for _at, value in row["values"]] for row in rows]
        return values if len(values) == pages and all(len(each) >= wanted for each in values) else []

    values = prometheus.wait_for(f"{wanted} scrapes", found, 30 + 3 * _SCRAPE_SECONDS * wanted)
    return [sum(each) for each in zip(*(row[:wanted] for row in values), strict=True)]


@contextlib.contextmanager
def _served(way: str, count: int) -> Iterator[int]:
    process = subprocess.Popen(_command("serve", way, str(count)), stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        process.wait()
        process.stdout and process.stdout.close()


def _command(*words: str) -> list[str]:
    return [sys.executable, "-m", "benchmarks.exporter_ways", *words]


def measure(sizes: list[str], scraped_sizes: list[str], repeats: int, folder: Path) -> dict[str, Any]:
    """All figures."""
    figures: dict[str, Any] = {"load_before": load_average(), "sizes": {}, "prometheus": {}}
    for name in sizes:
        ratios, figures["sizes"][name] = compared(SIZES[name], repeats)
        figures |= {f"{ratio}_{name}": value for ratio, value in ratios.items()}
    for name in scraped_sizes:
        figures["prometheus"][name] = {way: scraped(way, SIZES[name], folder) for way in WAYS}
    versions = {"python": platform.python_version(), "prometheus_client": version("prometheus-client")}
    return figures | {"versions": versions, "load_after": load_average()}


def main() -> None:
    """Print the figures; the last line is one JSON object. Exits with 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--sizes", nargs="*", choices=SIZES, default=[*SIZES])
    parser.add_argument("--scraped", nargs="*", choices=SIZES, default=["1k", "10k"], help="by a real Prometheus")
    parser.add_argument("--repeats", type=int, default=5)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        figures = measure(chosen.sizes, chosen.scraped, chosen.repeats, Path(folder))
    judged = [f"render_ratio_{name}" for name in chosen.sizes if name != "1k"]
    figures["targets_met"] = all(figures[name] >= RATIO_MIN for name in judged)
    if not chosen.json:
        for name, value in figures.items():
            print(f"{name:20} {value}")
    print(json.dumps(figures))
    raise SystemExit(0 if figures["targets_met"] else 1)


if __name__ == "__main__":
    main()
