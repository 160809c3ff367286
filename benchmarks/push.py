"""What a safe push and a drift check cost the controller, beside netmiko as it comes.

    python -m benchmarks.push --json

Access points of the lab (real dropbear, real shell) in namespaces; needs root. The figures are CPU time of this
process alone, which is what scales: wall time on one machine measures the access points as well, and a busy machine
makes all of them worse. The peer is netmiko's own ConnectHandler, which types the same files into a shell
with `cat >` and `mv`, and undoes nothing.
"""

import argparse
import gc
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from importlib.metadata import version
from typing import Any

from netmiko import ConnectHandler

from provisioning.drivers.openwrt import OpenWrtDriver
from provisioning.push import OutcomeKind, PushOrder, push
from tests.lab.access_point import LabAccessPoint, ManagementNet
from tests.provisioning.kit import a_network, an_order, link_of
from wifi_manager.clock import SystemClock

PUSH_CPU_MS_MAX, DRIFT_CPU_MS_MAX = 30.0, 8.0


def _cpu_ms(work: Callable[..., Any], *given: Any) -> float:
    """CPU milliseconds of this process, threads included, for one call."""
    begun = time.process_time()
    work(*given)
    return (time.process_time() - begun) * 1000


def _summary(times: list[float]) -> dict[str, float]:
    return {
        "min": round(min(times), 2),
        "median": round(statistics.median(times), 2),
        "mean": round(statistics.mean(times), 2),
        "max": round(max(times), 2),
    }


def _orders(ap: LabAccessPoint, pushes: int) -> Iterator[PushOrder]:
    """Different each time: a network's name and the access point's own."""
    for number in range(pushes):
        network = a_network(ssid=f"시청 {number}")
        yield an_order(ap, f"bench {number}", network, hostname=f"park-{number}", undo_seconds=60)


def _pushed(order: PushOrder, driver: OpenWrtDriver) -> None:
    outcome = push(order, driver, driver)
    if outcome.kind is not OutcomeKind.COMMITTED:
        raise SystemExit(f"A push was not committed: {outcome}")


def _peer_push(ap: LabAccessPoint, order: PushOrder) -> None:
    """What a script with stock netmiko does: connect, type each file into the shell, move it into place."""
    with ConnectHandler(
        device_type="linux", host=ap.address, username="root", use_keys=True, key_file=str(ap.client_key)
    ) as shell:
        for path, data in order.config.content.items():
            typed = [f"cat >/{path}.new <<'WM_END'", *data.decode().splitlines(), "WM_END", f"mv /{path}.new /{path}"]
            shell.send_config_set(typed, enter_config_mode=False, exit_config_mode=False, cmd_verify=False)
        shell.send_command("reload_config")


def _peer_check(ap: LabAccessPoint) -> None:
    with ConnectHandler(
        device_type="linux", host=ap.address, username="root", use_keys=True, key_file=str(ap.client_key)
    ) as shell:
        shell.send_command("sha256sum /etc/config/*")


def measure(access_points: int, pushes: int) -> dict[str, Any]:
    """All figures, in milliseconds of CPU of this process."""
    ours: dict[str, list[float]] = {"push": [], "drift_check": []}
    peer: dict[str, list[float]] = {"push": [], "drift_check": []}
    seconds: list[float] = []
    with ExitStack() as stack:
        net = stack.enter_context(ManagementNet())
        fleet = [stack.enter_context(LabAccessPoint(net)) for _ in range(access_points)]
        stack.enter_context(net.inside())
        drivers = {ap.address: OpenWrtDriver(link_of(ap), SystemClock()) for ap in fleet}
        for ap in fleet:
            _measure_ours(ap, drivers[ap.address], pushes, ours, seconds)
        for ap in fleet:
            peer["push"].append(_cpu_ms(_peer_push, ap, next(_orders(ap, 1))))
            peer["drift_check"].extend(_cpu_ms(_peer_check, ap) for _ in range(2))
    return {
        "push_cpu_ms": _summary(ours["push"]),
        "drift_check_cpu_ms": _summary(ours["drift_check"]),
        "push_seconds": _summary(seconds),
        "peer_netmiko_push_cpu_ms": _summary(peer["push"]),
        "peer_netmiko_check_cpu_ms": _summary(peer["drift_check"]),
        "pushes": len(ours["push"]),
        "drift_checks": len(ours["drift_check"]),
    }


def _measure_ours(
    ap: LabAccessPoint, driver: OpenWrtDriver, pushes: int, times: dict[str, list[float]], seconds: list[float]
) -> None:
    driver.observe()  # imports and the first handshake are not what a fleet of thousands pays
    for order in _orders(ap, pushes):
        gc.collect()
        begun = time.monotonic()
        times["push"].append(_cpu_ms(_pushed, order, driver))
        seconds.append(time.monotonic() - begun)
        times["drift_check"].extend(_cpu_ms(driver.observe) for _ in range(4))


def main() -> None:
    """Print the figures; the last line is one JSON object. Exits with 1 where a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", action="store_true", help="print nothing but the JSON object")
    parser.add_argument("--access-points", type=int, default=4)
    parser.add_argument("--pushes", type=int, default=3, help="pushes to each access point")
    chosen = parser.parse_args()
    figures = measure(chosen.access_points, chosen.pushes)
    figures["versions"] = {
        "python": platform.python_version(),
        **{name: version(name) for name in ("netmiko", "paramiko")},
    }
    figures["targets_met"] = (
        figures["push_cpu_ms"]["median"] <= PUSH_CPU_MS_MAX
        and figures["drift_check_cpu_ms"]["median"] <= DRIFT_CPU_MS_MAX
    )
    if not chosen.json:
        for name, value in figures.items():
            print(f"{name:28} {value}")
    print(json.dumps(figures))
    raise SystemExit(0 if figures["targets_met"] else 1)


if __name__ == "__main__":
    main()
