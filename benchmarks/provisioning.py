"""What a drift check and a safe push cost the controller, beside netmiko, the OpenSSH client and Ansible.

    python -m benchmarks.provisioning --json [--quick] [--access-points N]

Ours, the OpenSSH client and Ansible's `raw` change lab access points: real dropbear, real shell, no SFTP, no Python.
What needs more than an access point has changes hosts with OpenSSH and Python, fewer of them: netmiko as documented
(ConnectHandler, then SFTP) and Ansible's `copy` and `command`. All of it in one network namespace of this machine
(root only), at no distance and at a round trip of 100 ms. Ours pushes to all of them at once, for a push mostly
waits, and checks sixteen at once, as `collect run` does; peers do ten: more of theirs starve one another on two
processors. A push of ours is confirmed over a connection of its own, and undoes itself if it is not; none of the
peers' does that.

CPU time is of the client alone, for each target, and is what scales; the targets run on the same processors, so hosts
a second are a floor. What bounds them is the machine's CPU time for each target; what the client alone could do is
said as hosts a second for each core of it. The last line is one JSON object; under "missed" are the targets that were
not met, and then the exit status is 1.
"""

import argparse
import json
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from benchmarks import measuring, provisioning_plan
from benchmarks.provisioning_fleet import Fleet, Target, distant, fleet
from benchmarks.provisioning_ways import (
    ANSIBLE_MISSING,
    FORKS,
    Ansible,
    Ours,
    Result,
    archive,
    files,
    measured,
    netmiko_sftp,
    on_all,
    openssh,
)

ROUTERS, HOSTS = "access points (dropbear)", "hosts (OpenSSH)"
CHECKS_AT_ONCE = 16  # the default of `collect run` and of `provision drift check`
TIMES = 3  # ours on each target, one after the other
PUSHES = 8  # a push waits for seconds: of few in a row, the last ones' waits would be most of what is measured
CHECK = "sha256sum /etc/config/*"
TAKE = "mkdir -p /tmp/sent && tar -xzf - -C /tmp/sent"
TARGETS: dict[str, Callable[[float], bool]] = {
    "drift_hosts_per_second": lambda found: found >= 60,
    "confirmed_pushes_per_second": lambda found: found >= 15,
    "drift_cpu_ms": lambda found: found <= 8,
    "push_cpu_ms": lambda found: found <= 30,
    "cpu_ratio_ansible_copy": lambda found: found >= 10,
    "plan_10k_seconds": lambda found: found <= 10,
    "plan_10k_mb": lambda found: found <= 500,
}


@dataclass(frozen=True, slots=True)
class Effort:
    """How much is measured: access points, all at once; hosts for what needs more or takes long; and those planned.

    A push waits some four seconds for its access point: it takes many access points to see how many a second go.
    """

    routers: int
    hosts: int
    planned: int
    round_trips_ms: tuple[float, ...] = (0.0, 100.0)


WHOLE, QUICK = Effort(80, 10, 10_000), Effort(3, 3, 200)
_Results = dict[str, Result]


@contextmanager
def prepared(effort: Effort) -> Iterator[tuple[Fleet, Ours]]:
    """The fleet, each access point of which has been spoken to and pushed to once: nobody pays for first times."""
    with tempfile.TemporaryDirectory() as folder, fleet(effort.routers, effort.hosts, Path(folder)) as found:
        ours = Ours(found.routers)
        on_all(found.routers, effort.routers, lambda each: ours.confirmed_push(each, "first"))
        yield found, ours


def measure_at(round_trip_ms: float, found: Fleet, ours: Ours, ansible: Ansible | None) -> _Results:
    """Every way at this distance."""
    tag = f"{round_trip_ms:.0f} ms"
    with distant(found.routers, round_trip_ms) as routers, distant(found.hosts, round_trip_ms) as hosts:

        def some(targets: Sequence[Target], of: str, work: Callable[[Any], Any]) -> Result:
            return measured(targets, of, FORKS, lambda: on_all(targets, FORKS, work))

        def often(at_once: int, work: Callable[[Any, int], Any], times: int = TIMES) -> Result:
            def all_times(target: Target) -> None:
                for time in range(times):
                    work(target, time)

            return measured(routers, ROUTERS, at_once, lambda: on_all(routers, at_once, all_times), times)

        few = routers[: len(hosts)]
        ways: dict[str, Callable[[], Result]] = {
            "ours_inspection": lambda: often(CHECKS_AT_ONCE, lambda each, _: ours.inspection(each)),
            "ours_drift_check": lambda: often(CHECKS_AT_ONCE, lambda each, _: ours.drift_check(each)),
            "ours_confirmed_push": lambda: often(
                len(routers), lambda each, time: ours.confirmed_push(each, f"{tag} {time}"), PUSHES
            ),
            "openssh_check": lambda: some(routers, ROUTERS, lambda each: openssh(each, CHECK)),
            "openssh_send": lambda: some(
                routers, ROUTERS, lambda each: openssh(each, TAKE, archive(files(each, tag)))
            ),
            "netmiko_sftp": lambda: some(hosts, HOSTS, lambda each: netmiko_sftp(each, tag)),
        }
        if ansible:
            copied = files(hosts[0], tag)
            ways["ansible_raw"] = lambda: measured(few, ROUTERS, FORKS, lambda: ansible.raw(few, CHECK))
            ways["ansible_copy_command"] = lambda: measured(
                hosts, HOSTS, FORKS, lambda: ansible.copy_and_command(hosts, copied)
            )
        return {way: _told(way, run()) for way, run in ways.items()}


def _told(way: str, result: Result) -> Result:
    """What is measured so far, for whoever waits."""
    each = f"{result.cpu_ms} ms, of the machine {result.machine_cpu_ms} ms"
    print(f"{way}: {result.per_second} hosts/s, {each}", file=sys.stderr)
    return result


def measure(effort: Effort) -> dict[str, Any]:
    """All figures."""
    with prepared(effort) as (found, ours):
        ansible = Ansible(found.folder) if Ansible.is_installed() else None
        results = {f"{ms:.0f}": measure_at(ms, found, ours, ansible) for ms in effort.round_trips_ms}
        ansible_version = ansible.version() if ansible else ANSIBLE_MISSING
    planned = provisioning_plan.measure(effort.planned)
    return {
        **summary(results["0"], planned),
        "results": {
            distance: {way: each.document() for way, each in ways.items()} for distance, ways in results.items()
        },
        "plan": planned,
        "load_average": round(measuring.load_average(), 2),
        "versions": {**_versions(), "ansible": ansible_version},
    }


def summary(near: _Results, planned: dict[str, float]) -> dict[str, Any]:
    """The figures that are promised, and which of them were missed; None for what was not measured."""
    drift, push = near["ours_drift_check"], near["ours_confirmed_push"]
    copy = near.get("ansible_copy_command")
    figures = {
        "drift_hosts_per_second": drift.per_second,
        "confirmed_pushes_per_second": push.per_second,
        "drift_cpu_ms": drift.cpu_ms,
        "push_cpu_ms": push.cpu_ms,
        "cpu_ratio_ansible_copy": round(copy.cpu_ms / push.cpu_ms, 1) if copy else None,
        "cpu_ratio_netmiko_sftp": round(near["netmiko_sftp"].cpu_ms / push.cpu_ms, 2),
        "drift_machine_cpu_ms": drift.machine_cpu_ms,
        "push_machine_cpu_ms": push.machine_cpu_ms,
        "drift_hosts_per_second_and_client_core": drift.per_client_core,
        "confirmed_pushes_per_second_and_client_core": push.per_client_core,
        "plan_10k_seconds": planned["seconds"],
        "plan_10k_mb": planned["peak_mb"],
    }
    missed = [name for name, met in TARGETS.items() if (value := figures[name]) is not None and not met(value)]
    return {**figures, "missed": missed}


def _versions() -> dict[str, str]:
    said = subprocess.run(["ssh", "-V"], check=True, capture_output=True, text=True).stderr.strip()
    libraries = {name: version(name) for name in ("netmiko", "paramiko", "cryptography")}
    return {"python": platform.python_version(), "kernel": platform.release(), "openssh": said, **libraries}


def _show(figures: dict[str, Any]) -> None:
    for distance, ways in figures["results"].items():
        print(f"\nRound trip {distance} ms      targets  hosts/s  CPU ms each: client  machine")
        for way, each in ways.items():
            costs = f"{each['cpu_ms']:19} {each['machine_cpu_ms']:8}"
            print(f"{way:24} {each['targets']:7} {each['per_second']:8} {costs}  {each['of']}")
    print("\nPlan:", figures["plan"], "\nVersions:", figures["versions"])


def main() -> None:
    """Print the figures; the last line is one JSON object. Exits with 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--quick", action="store_true", help="three targets of each kind, to see that it works")
    parser.add_argument("--access-points", type=int, help="so many of them, and at most as many hosts")
    chosen = parser.parse_args()
    effort = QUICK if chosen.quick else WHOLE
    if chosen.access_points:
        effort = Effort(chosen.access_points, min(chosen.access_points, effort.hosts), effort.planned)
    figures = measure(effort)
    if not chosen.json:
        _show(figures)
    print(json.dumps(figures))
    raise SystemExit(1 if figures["missed"] and not chosen.quick else 0)


if __name__ == "__main__":
    main()
