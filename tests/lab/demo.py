"""`make demo` and `make demo-check`: the main job of the whole system, in a small city of real parts.

With --check every step says one JSON line (its name, seconds, and what was seen) and all is torn down at the end.
"""

import argparse
import json
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.lab.citizen import PROBE, Citizen, is_online
from tests.lab.city import LAN_ADDRESS, OWN_NAME, PORTAL_NAME
from tests.lab.namespaces import fresh_name, wait_for
from tests.lab.relay import Relay
from tests.lab.whole_city import (
    ACCESS_POINT,
    CONSOLE_PORT,
    EXPORTER_PORT,
    PROMETHEUS_PORT,
    WholeCity,
)

GOOD_SSID, BAD_SSID = "Haneul Wi-Fi", "Nobody can hear this"
ELSEWHERE = "10.77.0.9"  # a network on which nobody is


class Steps:
    """Says what was done and how long it took."""

    def __init__(self, *, as_json: bool) -> None:
        self._as_json = as_json

    @contextmanager
    def step(self, name: str) -> Iterator[dict[str, Any]]:
        """One step; what is put into the dict is said with it."""
        seen: dict[str, Any] = {}
        started = time.monotonic()
        yield seen
        line = {"step": name, "seconds": round(time.monotonic() - started, 3), **seen}
        said = json.dumps(line, ensure_ascii=False) if self._as_json else f"{line['seconds']:8.2f} s  {name}"
        print(said, flush=True)


def bring_up(city: WholeCity, steps: Steps) -> None:
    """Everything runs, nobody is online yet."""
    with steps.step("the city's servers are up"):
        city.prepare()
        city.start_servers()
    with steps.step("the gateway is enrolled and enforces"):
        city.start_gateway()
    with steps.step("an access point is switched on and taken under management"):
        city.start_access_point()
        city.enrol_access_point()
    with steps.step("Prometheus is up"):
        city.start_prometheus()
        wait_for("Prometheus", lambda: city.fetch(f"http://127.0.0.1:{PROMETHEUS_PORT}/-/ready"), 60)


def walk_a_citizen(city: WholeCity, steps: Steps) -> None:
    """From captive to online and out again."""
    citizen = Citizen(city.lab.add_phone("citizen"))
    with steps.step("a phone joins and gets its address by DHCP, with option 114") as seen:
        citizen.phone.dhcp()
        seen["captive_portal_api"] = citizen.phone.capport_url
        _expect(citizen.phone.capport_url.startswith(f"https://{OWN_NAME}/"), "DHCP option 114 names the API")
    with steps.step("the phone's probe is led to the portal, https is refused at once") as seen:
        answer = citizen.phone.curl(PROBE)
        _expect(
            answer.status == 302 and answer.location.startswith(f"https://{PORTAL_NAME}/?s="), "the probe gets 302"
        )
        refused = citizen.phone.curl("https://news.example/")
        _expect(refused.exit_code == 7, "https is refused")
        seen["probe"] = answer.status
    with steps.step("one tap, and the next request reaches the internet") as seen:
        seen["page_bytes"] = citizen.open_portal()
        started = time.monotonic()
        citizen.tap()
        _expect(is_online(citizen.phone), "the next request reaches the internet")
        seen["submit_to_first_answer_seconds"] = round(time.monotonic() - started, 3)
    with steps.step("the API says not captive, the status page shows the time left") as seen:
        api = json.loads(citizen.phone.curl(citizen.phone.capport_url).body)
        _expect(api["captive"] is False, "the API says online")
        _expect(citizen.open_status().status == 200, "the status page opens without a cookie")
        seen["seconds_remaining"] = api["seconds-remaining"]
    with steps.step("signed out, and captive again"):
        citizen.sign_out()
        _expect(citizen.phone.curl(PROBE).status == 302, "captive again")


def change_an_access_point(city: WholeCity, steps: Steps) -> None:
    """A good change is committed; one that locks everybody out undoes itself."""
    with steps.step("a configuration is pushed and confirmed") as seen:
        seen["push"] = push(city, city.intent(GOOD_SSID), "committed")
        _expect(GOOD_SSID in city.access_point.read("/etc/config/wireless"), "the access point runs it")
    with steps.step("one that cuts the access point's own address undoes itself") as seen:
        seen["push"] = push(city, city.intent(BAD_SSID, address=ELSEWHERE), "undone")
        _expect(GOOD_SSID in city.access_point.read("/etc/config/wireless"), "the old configuration is back")


def push(city: WholeCity, intent: str, outcome: str) -> dict[str, Any]:
    """Propose, approve, and wait for the worker's outcome."""
    number = city.push(intent)
    state, reason = city.ended_push(number)
    _expect(state == outcome, f"push {number} is {outcome}, not {state}: {reason}")
    return {"number": number, "state": state, "reason": reason}


def ask_prometheus(city: WholeCity, steps: Steps) -> None:
    """What Grafana users would see of all that."""
    with steps.step("Prometheus has seen all of it") as seen:
        for name, query, check in (
            ("access_point_up", f'wifi_ap_up{{ap="{ACCESS_POINT}"}}', lambda value: value == 1),
            ("access_point_in_sync", f'wifi_ap_config_in_sync{{ap="{ACCESS_POINT}"}}', lambda value: value == 1),
            ("pushes_committed", 'wifi_pushes{status="committed"}', lambda value: value == 1),
            ("pushes_undone", 'wifi_pushes{status="undone"}', lambda value: value == 1),
            ("visits_opened", 'wifi_sign_in_stages_total{stage="enforced"}', lambda value: value >= 1),
            ("targets_up", "sum(up)", lambda value: value == 4),
        ):
            seen[name] = wait_for(query, _answer(city, query, check), 60)[0]


def _answer(city: WholeCity, query: str, check: Callable[[float], bool]) -> Callable[[], tuple[float] | None]:
    def ask() -> tuple[float] | None:
        url = f"http://127.0.0.1:{PROMETHEUS_PORT}/api/v1/query"
        said = city.fetch(url, "--get", "--data-urlencode", f"query={query}")
        found = json.loads(said)["data"]["result"] if said else []
        values = [float(each["value"][1]) for each in found]
        return (values[0],) if values and check(values[0]) else None

    return ask


def _expect(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"The check failed: {what}")


@contextmanager
def new_city() -> Iterator[WholeCity]:
    """A city in a folder of its own; both are removed at the end, and after a kill by the next one."""
    with tempfile.TemporaryDirectory(prefix=f"{fresh_name()}-") as folder, WholeCity(Path(folder)) as city:
        yield city


def check() -> None:
    """All steps, then everything is removed."""
    steps = Steps(as_json=True)
    with new_city() as city:
        try:
            bring_up(city, steps)
            walk_a_citizen(city, steps)
            change_an_access_point(city, steps)
            ask_prometheus(city, steps)
        except BaseException:
            print(city.logs()[-8000:], file=sys.stderr)
            raise


def show() -> None:
    """The same city, left running with a phone that is online, until Ctrl-C."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    steps = Steps(as_json=False)
    with new_city() as city:
        bring_up(city, steps)
        walk_a_citizen(city, steps)
        change_an_access_point(city, steps)
        relays = [
            Relay(city.lab.city, ("127.0.0.1", port), port) for port in (CONSOLE_PORT, EXPORTER_PORT, PROMETHEUS_PORT)
        ]
        phone = city.lab.add_phone("visitor")
        phone.dhcp()
        print(
            f"\nConsole     http://127.0.0.1:{CONSOLE_PORT}/   user admin, password {city.admin_password}"
            f"\nMetrics     http://127.0.0.1:{EXPORTER_PORT}/metrics"
            f"\nPrometheus  http://127.0.0.1:{PROMETHEUS_PORT}/graph?g0.expr=wifi_ap_up"
            f"\nA phone     ip netns exec {phone.namespace.name} curl -i http://news.example/"
            f"\n            (its gateway is {LAN_ADDRESS}; it is not signed in yet)"
            "\n\nCtrl-C removes everything."
        )
        stop.wait()
        for relay in relays:
            relay.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="Assert every step and tear down.")
    check() if parser.parse_args().check else show()
