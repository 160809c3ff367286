"""The gateway, side by side with Debian's openNDS package and with bare connection tracking.

    tests/lab/system_packages.sh opennds iptables wrk
    python -m benchmarks.gateway --json [--quick]

Brings up cities of network namespaces one after the other (needs root) and measures, with the load on the same
processors: redirects a second; complete sign-ins (redirect, new TLS connection, page, tap, grant acknowledged by the
gateway, 303, first packet) a second, and the time from tap to first packet at a fixed rate; what a packet costs with
0 to 100,000 visits; what the kernel takes to learn of visits. Takes about four minutes; `--quick` half of one.
The last line is one JSON object. It says under "missed" which of the project's own targets were not met.
"""

import argparse
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import measuring, opennds, packets, redirects, visits_in_kernel
from benchmarks.crowd import Crowd, sign_in
from benchmarks.measuring import milliseconds, percentile
from benchmarks.opennds import OpenNds
from benchmarks.phones import Walk
from benchmarks.routers import OurRouter, a_stranger, bare_conntrack, our_router
from tests.lab.city import LabCity
from tests.lab.phone import Phone
from tests.lab.shared_kernel import room_for_all
from tests.lab.whole_city import WholeCity

_UNBRAKED = "\n[limits]\nnew_connections = 65536\n"
TARGETS: dict[str, Callable[[float], bool]] = {
    "redirects_per_second": lambda found: found >= 5000,
    "sign_ins_per_second": lambda found: found >= 300,
    "sign_in_p99_seconds": lambda found: found <= 0.25,
    "packet_cost_ratio": lambda found: found <= 1.7,
    "packet_cost_spread": lambda found: found <= 1.1,
    "kernel_batch_ms": lambda found: found <= 0.2,
}
LIFTED = ["redirects: [limits] new_connections = 65536 instead of 200 a second, for one phone stands for many"]


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured."""

    redirect_seconds: int
    rate: float  # new phones a second
    rate_seconds: float
    together: int  # phones that sign in at any moment, as fast as they can
    phones: int  # of these
    visits: tuple[int, ...]
    packets: int
    repetitions: int
    rounds: int
    bulk: int  # visits at once
    peers_phones: int  # that sign in through openNDS
    peers_clients: int  # whose rules are added to it


WHOLE = Effort(6, 100.0, 10.0, 32, 2000, (1, 100, 1000, 10_000, 100_000), 20_000, 6, 3, 10_000, 8, 1000)
QUICK = Effort(1, 10.0, 3.0, 8, 60, (1, 100), 5_000, 3, 2, 1000, 2, 100)


def measure(effort: Effort) -> dict[str, Any]:
    """All figures."""
    with ExitStack() as stack:
        folders = [Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="wifi-bench-"))) for _ in range(4)]
        city = _city(folders[0], effort)
        bare = Measured(*stack.enter_context(bare_conntrack(folders[1])), effort)
        ours = _router(stack.enter_context(our_router(folders[2])), bare, effort)
        if not opennds.is_installed():
            return {**city, **ours, "opennds": "not installed"}
        peer = stack.enter_context(opennds.running(folders[3], effort.peers_phones))
        return {**city, **ours, "opennds": _peer(peer, bare, effort)}


def _city(folder: Path, effort: Effort) -> dict[str, Any]:
    """Redirects and sign-ins of a whole city of ours."""
    phones = round(effort.rate * effort.rate_seconds) + effort.phones + effort.together
    with WholeCity(folder, log_level="WARNING") as city:
        city.prepare()
        city.start_servers("portal", "control")
        braked = city.lab.gateway_config.read_text()
        city.lab.gateway_config.write_text(braked + _UNBRAKED)
        city.start_gateway()
        led = redirects.measure(a_stranger(city.lab), city.processes["gateway"].pid, effort.redirect_seconds)
        city.processes["gateway"].terminate()
        city.processes["gateway"].wait(30)
        city.lab.gateway_config.write_text(braked)
        city.start_gateway()
        return {"redirects": led, **_sign_ins(city, Crowd(city.lab, phones), effort)}


def _sign_ins(city: WholeCity, crowd: Crowd, effort: Effort) -> dict[str, Any]:
    crowd.together(effort.together, effort.together, sign_in)  # the first ones find everything cold
    rated = crowd.at(effort.rate, effort.rate_seconds, sign_in)
    processes = {name: process.pid for name, process in city.processes.items()}
    before, begun = {name: measuring.cpu_seconds(pid) for name, pid in processes.items()}, time.perf_counter()
    own = time.process_time()
    walks = crowd.together(effort.together, effort.phones, sign_in)
    took, done = time.perf_counter() - begun, sum(not walk.failed for walk in walks)
    spent = {name: measuring.cpu_seconds(pid) - before[name] for name, pid in processes.items()}
    spent["phones"] = time.process_time() - own
    return {
        "sign_ins": {
            "at_rate": {"rate": effort.rate, **figures(rated)},
            "as_fast_as_possible": {
                "together": effort.together,
                "per_second": round(done / took, 1),
                **figures(walks),
            },
            "cpu_ms_a_sign_in": {name: round(each * 1000 / len(walks), 2) for name, each in spent.items()},
        },
        "resident_mb": {name: round(measuring.resident_mb(pid)) for name, pid in processes.items()},
    }


def figures(walks: Sequence[Walk]) -> dict[str, Any]:
    """Milliseconds of each step, and what failed."""
    done, failed = [walk for walk in walks if not walk.failed], [walk.failed for walk in walks if walk.failed]
    steps = {
        f"{step}_ms": {
            name: milliseconds(percentile([getattr(walk, step) for walk in done], share))
            for name, share in (("p50", 0.5), ("p99", 0.99))
        }
        for step in ("redirect", "page", "answered", "first_packet")
    }
    return {"phones": len(walks), "failed": {each: failed.count(each) for each in sorted(set(failed))}, **steps}


@dataclass(frozen=True, slots=True)
class Measured:
    """A gateway whose packets are measured."""

    lab: LabCity
    phone: Phone
    effort: Effort

    def cost(self) -> packets.Cost:
        """Of one packet, now."""
        return packets.cost(self.lab, self.phone.namespace, self.effort.packets, self.effort.repetitions)

    def beside(self, bare: "Measured") -> dict[str, Any]:
        """In turns with bare connection tracking, for the machine changes its pace."""
        rounds = [{"bare": bare.cost(), "this": self.cost()} for _ in range(self.effort.rounds)]
        return {**packets.summary(rounds), "ratio": packets.ratio(rounds, "this", "bare")}


def _router(router: OurRouter, bare: Measured, effort: Effort) -> dict[str, Any]:
    """What visits cost, in packets and in the kernel's time."""
    kernel = visits_in_kernel.measure(router, effort.bulk)
    router.clear()
    here = Measured(router.lab, router.phone, effort)
    router.open_garden()
    by_visits = {"0": here.beside(bare)}
    router.close_garden()
    for visits in effort.visits:
        router.hold(visits)
        by_visits[str(visits)] = here.beside(bare)
    kernel[f"add_one_beside_{router.visits}_ms"] = visits_in_kernel.add_one(router)
    return {"packets": by_visits, "kernel": kernel}


def _peer(peer: OpenNds, bare: Measured, effort: Effort) -> dict[str, Any]:
    """The same of openNDS. Its redirects come last: it does not always outlive them."""
    begun, walks = time.perf_counter(), peer.sign_in(effort.peers_phones)
    took, done = time.perf_counter() - begun, sum(not walk.failed for walk in walks)
    peer.sign_in_measured_phone()
    here = Measured(peer.lab, peer.phone, effort)
    by_clients = {"1": here.beside(bare)}
    peer.add_clients(effort.peers_clients)
    by_clients[str(1 + effort.peers_clients)] = here.beside(bare)
    return {
        "version": opennds.version(),
        "mended": opennds.MENDED,
        "sign_ins": {"together": 1, "per_second": round(done / took, 2), **figures(walks)},
        "packets": by_clients,
        "resident_mb": round(measuring.resident_mb(peer.process), 1),
        "redirects": redirects.measure(peer.stranger, peer.process, effort.redirect_seconds),
        "lives_after_redirects": Path(f"/proc/{peer.process}").exists(),
    }


def summary(found: dict[str, Any]) -> dict[str, Any]:
    """The figures that the project promises, and which of its targets are missed."""
    sign_ins, ratios = found["sign_ins"], [found["packets"][key]["ratio"] for key in found["packets"] if key != "0"]
    said = {
        "redirects_per_second": found["redirects"][-1]["per_second"],
        "sign_ins_per_second": sign_ins["as_fast_as_possible"]["per_second"],
        "sign_in_p99_seconds": _seconds(sign_ins["at_rate"]["first_packet_ms"]["p99"]),
        "packet_cost_ratio": max(ratios),
        "packet_cost_spread": round(max(ratios) / min(ratios), 3),
        "kernel_batch_ms": found["kernel"]["add_one_ms"],
    }
    missed = [name for name, is_met in TARGETS.items() if said[name] is None or not is_met(said[name])]
    return {**said, "missed": missed}


def _seconds(milliseconds: float | None) -> float | None:
    return None if milliseconds is None else round(milliseconds / 1000, 4)


def main() -> None:
    """Print the figures; the last line is one JSON object."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument(
        "--quick", action="store_true", help="a short run, to see that it works: its figures are rough"
    )
    asked = parser.parse_args()
    if shutil.which("wrk") is None:
        raise SystemExit("wrk is not installed: run tests/lab/system_packages.sh opennds iptables wrk")
    load, begun = measuring.load_average(), time.monotonic()
    with room_for_all() as room:
        found = measure(QUICK if asked.quick else WHOLE)
    if not asked.json:
        print(json.dumps(found, indent=2))
    about = {
        "brakes_lifted": LIFTED,
        "host": room,
        "versions": measuring.versions(),
        "processors": os.cpu_count(),
        "load_average_before": round(load, 2),
        "seconds": round(time.monotonic() - begun),
    }
    print(json.dumps({**summary(found), **found, **about}))


if __name__ == "__main__":
    main()
