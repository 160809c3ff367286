"""How many citizens a second the portal lets in, and how long each of them waits for the answer to their tap.

    python -m benchmarks.portal --json [--database sqlite|postgresql|both] [--way one_tap|code|voucher|all] [--quick]

Runs `wifi-manager portal run` with two workers on loopback. A sign-in is a new connection, the first page, and what
its way in asks for, up to the 303 that says: your gateway lets you through. Every citizen is another device; they run
on the same processors. PostgreSQL runs with its usual durable commits, SQLite in WAL mode as the product opens it.
Control and gateways are stood in for by one process (see portal_city.py): benchmarks/gateway.py measures the real
ones. Connections are plain HTTP, as behind a balancer; one run of each database is over TLS, spoken by the portal.

Processor time is given a sign-in: of the portal's workers, of a PostgreSQL server, and of the citizens, who seal
their ticket as a gateway would, connect, speak HTTP and TLS (a whole handshake each, for each is another device) and
read the forms. `by_cpu_per_second` is what the processors could do if all of them did nothing else.

Then the same against 1,000,000 past visits, in turns with an empty database beside it. The last line is one JSON
object; it says under "missed" which targets were not met, and then the exit status is 1.
"""

import argparse
import json
import os
import statistics
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import measuring, portal_city
from benchmarks.first_page import weigh
from benchmarks.measuring import cpu_seconds, milliseconds, percentile
from benchmarks.portal_citizens import Found, Portal, Run, crowd
from benchmarks.portal_city import City
from benchmarks.portal_ways import WAYS, WayIn

WORKERS = 2
ONE_TAP = WAYS["one_tap"]
WARM_UP = Run(60)
BRAKES_LIFTED: Sequence[str] = ()
TARGETS: dict[str, Callable[[float], bool]] = {
    "sign_ins_per_second": lambda found: found >= 300,
    "sign_in_p99_seconds": lambda found: found <= 0.25,
    "first_page_bytes": lambda found: found <= 14 * 1024,
    "first_page_requests": lambda found: found == 1,
    "past_visits_cost": lambda found: found <= 1.1,
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    citizens: int  # as fast as they can
    rate: float  # a second, at a steady rate
    at_rate: int  # citizens of these
    past_visits: int
    turns: int
    a_turn: int  # citizens of each


WHOLE = Effort(3000, 100.0, 1500, 1_000_000, 3, 600)
QUICK = Effort(60, 20.0, 40, 2000, 1, 30)


def measure(kind: str, ways: Sequence[str], effort: Effort) -> dict[str, Any]:
    """All figures of one kind of database."""
    with _city(kind, tls=False) as city:
        page = weigh(_portal(city))
        found = {name: _both(city, WAYS[name], effort) for name in ways}
        past = _with_a_past(kind, city, effort)
        version = city.database.version
    with _city(kind, tls=True) as city:
        over_tls = _both(city, ONE_TAP, effort)
    return {"database": kind, "version": version, "page": page, **found, "one_tap_over_tls": over_tls, "past": past}


@contextmanager
def _city(kind: str, *, tls: bool) -> Iterator[City]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wifi-bench-")))
        database = stack.enter_context(measuring.database(kind, folder))
        methods = [way.method for way in WAYS.values()]
        city = stack.enter_context(portal_city.running(folder, database, WORKERS, methods, tls=tls))
        _figures(city, ONE_TAP, WARM_UP)
        yield city


def _both(city: City, way: WayIn, effort: Effort) -> dict[str, Any]:
    return {
        "as_fast_as_possible": _figures(city, way, Run(effort.citizens)),
        "at_rate": {"rate": effort.rate, **_figures(city, way, Run(effort.at_rate, effort.rate))},
    }


def _with_a_past(kind: str, empty: City, effort: Effort) -> dict[str, Any]:
    """In turns, so that whatever else the machine does meets both alike; compared by processor time a sign-in."""
    with _city(kind, tls=False) as city:
        portal_city.add_past_visits(city, effort.past_visits)
        _figures(city, ONE_TAP, WARM_UP)
        turns = [[_figures(each, ONE_TAP, Run(effort.a_turn)) for each in (empty, city)] for _ in range(effort.turns)]
    before, after = (list(column) for column in zip(*turns, strict=True))
    return {
        "past_visits": effort.past_visits,
        "cost": round(_middle(after) / _middle(before), 3),
        "without": {"per_second": [each["per_second"] for each in before], "cpu_ms": _middle(before)},
        "with": {"per_second": [each["per_second"] for each in after], "cpu_ms": _middle(after)},
    }


def _middle(turns: Sequence[dict[str, Any]]) -> float:
    """Of portal and database, in milliseconds a sign-in."""
    return round(statistics.median(each["cpu_ms"]["portal"] + each["cpu_ms"]["database"] for each in turns), 2)


def _figures(city: City, way: WayIn, run: Run) -> dict[str, Any]:
    prepared = way.prepared(city, run.citizens)
    load, before = measuring.load_average(), _cpu(city)
    found = crowd(_portal(city), prepared, run)
    spent = {name: after - before[name] for name, after in _cpu(city).items()} | {"citizens": found.cpu_seconds}
    cpu_ms = {name: round(seconds * 1000 / run.citizens, 2) for name, seconds in spent.items()}
    return {
        **times(found),
        "cpu_ms": cpu_ms,
        "by_cpu_per_second": by_cpu(cpu_ms),
        "load_average_before": round(load, 2),
    }


def by_cpu(cpu_ms: Mapping[str, float]) -> float | None:
    """Sign-ins a second that all processors could do if they did nothing else: says more on a busy machine."""
    spent, processors = sum(cpu_ms.values()), os.cpu_count() or 1
    return round(processors * 1000 / spent, 1) if spent else None


def times(found: Found) -> dict[str, Any]:
    """What a run says; sign-ins that failed are named by the step, and have no times."""
    done = [each for each in found.visits if not each.failed]
    answered, pages = [each.answered for each in done], [each.page for each in done]
    return {
        "per_second": round(len(done) / found.seconds, 1),
        "failed": dict(Counter(each.failed for each in found.visits if each.failed)),
        "answered_ms": {f"p{share}": milliseconds(percentile(answered, share / 100)) for share in (50, 99)},
        "page_ms": {f"p{share}": milliseconds(percentile(pages, share / 100)) for share in (50, 99)},
    }


def _cpu(city: City) -> dict[str, float]:
    return {name: sum(map(cpu_seconds, processes)) for name, processes in city.processes.items()}


def _portal(city: City) -> Portal:
    return Portal(city.port, city.root, city.ticket_key)


def summary(results: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """The figures that have targets, one tap on the first database, and which of them were missed."""
    first = results[0]
    p99 = first["one_tap"]["at_rate"]["answered_ms"]["p99"]
    found = {
        "sign_ins_per_second": first["one_tap"]["as_fast_as_possible"]["per_second"],
        "sign_in_p99_seconds": None if p99 is None else p99 / 1000,
        "first_page_bytes": first["page"]["compressed_bytes"],
        "first_page_requests": first["page"]["requests"],
        "past_visits_cost": max(each["past"]["cost"] for each in results),
    }
    missed = [name for name, is_met in TARGETS.items() if found[name] is None or not is_met(found[name])]
    return {**found, "missed": missed}


def main() -> None:
    """Print the figures; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--database", choices=["sqlite", "postgresql", "both"], default="both")
    parser.add_argument("--way", choices=["all", *WAYS], default="all")
    parser.add_argument("--quick", action="store_true", help="a short run, to see that it runs")
    asked = parser.parse_args()
    kinds = ["sqlite", "postgresql"] if asked.database == "both" else [asked.database]
    ways = list(WAYS) if asked.way == "all" else sorted({"one_tap", asked.way})
    results = []
    for kind in kinds:
        results.append(measure(kind, ways, QUICK if asked.quick else WHOLE))
        if not asked.json:
            print(json.dumps(results[-1], indent=2))
    said = summary(results)
    about = {
        "results": results,
        "workers": WORKERS,
        "brakes_lifted": list(BRAKES_LIFTED),
        "versions": measuring.versions(),
        "processors": os.cpu_count(),
    }
    print(json.dumps({**about, **said}))
    raise SystemExit(1 if said["missed"] and not asked.quick else 0)


if __name__ == "__main__":
    main()
