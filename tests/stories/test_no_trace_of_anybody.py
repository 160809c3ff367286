"""After a full walk with every process at log level DEBUG: nobody's address and no secret is where it must not be."""

import base64
import json
import re
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import unescape
from pathlib import Path

import httpx
import pytest

from tests.lab.citizen import Citizen, is_online
from tests.lab.city import CITY_ADDRESS, METRICS_PORT, WAN_ADDRESS
from tests.lab.namespaces import wait_for
from tests.lab.whole_city import CONSOLE_PORT, EXPORTER_PORT

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(400)]  # with the whole walk

PASSPHRASE = "correct horse of the willow park"
PAGES = {
    "exporter": f"http://127.0.0.1:{EXPORTER_PORT}/metrics",
    "portal": f"http://{CITY_ADDRESS}:8010/metrics",
    "control": f"http://{CITY_ADDRESS}:8012/metrics",
    "gateway": f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics",
}


@dataclass
class Walk:
    """What was seen while citizens, an operator and an access point were served, and what must not be in it."""

    database: bytes = b""  # while two are online
    metrics: dict[str, str] = field(default_factory=dict)
    processes: set[str] = field(default_factory=set)  # arguments
    logs: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)  # by what they are
    devices: dict[str, str] = field(default_factory=dict)  # by how they are written
    addresses: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def walk(prepared_city):
    """Everything once, watched."""
    city, seen = prepared_city, Walk()
    with processes_watched(city, seen.processes):
        city.start_servers()
        city.start_gateway()
        city.start_access_point()
        city.enrol_access_point()
        citizens = [walk_a_citizen(city, f"walker{number}") for number in range(3)]
        sign_an_operator_in(city)
        assert city.ended_push(city.push(city.intent("Haneul", key=PASSPHRASE))) == ("committed", "")
        seen.database = b"".join(path.read_bytes() for path in sorted(city.folder.glob("wifi-manager.db*")))
        citizens[0].open_status()
        citizens[0].sign_out()
        citizens[1].open_status()
        citizens[1].erase()
        city.kill("control")  # errors have a log too
        citizens[2].open_status()
        citizens[2].sign_out()
        city.start_servers("control")
        wait_for("the end of the visit", lambda: not is_online(citizens[2].phone))
        seen.metrics = {name: wait_for(name, lambda url=url: city.fetch(url), 60) for name, url in PAGES.items()}
    seen.logs = {path.name: path.read_text(errors="replace") for path in city.folder.glob("*.log")}
    seen.logs["console of the access point"] = (city.access_point.keep / "console.log").read_text(errors="replace")
    seen.logs["sshd of the access point"] = city.access_point.run("cat /tmp/dropbear.log")
    seen.secrets = dict(secrets_of(city, citizens))
    seen.devices = dict(devices_of(citizens))
    seen.addresses = [citizen.phone.address for citizen in citizens]
    return seen


@contextmanager
def processes_watched(city, seen):
    """Collects the arguments of all that runs on the city's machines: phones may know who they are."""
    stop = threading.Event()
    names = [city.lab.city.name, city.lab.gateway.name]
    machines = {Path(f"/run/netns/{name}").stat().st_ino for name in names}

    def watch():
        while not stop.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                try:
                    if (process / "ns" / "net").stat().st_ino in machines:
                        seen.add((process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"))
                except OSError:
                    continue

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def walk_a_citizen(city, name):
    citizen = Citizen(city.lab.add_phone(name))
    citizen.phone.dhcp()
    citizen.open_portal()
    citizen.tap()
    assert is_online(citizen.phone)
    assert json.loads(citizen.phone.curl(citizen.phone.capport_url).body)["captive"] is False
    citizen.open_status()
    return citizen


def sign_an_operator_in(city):
    """Once with a wrong password, once with the right one."""

    def sign_in():
        with httpx.Client(base_url=f"http://127.0.0.1:{CONSOLE_PORT}", timeout=60, trust_env=False) as client:
            for password in ("a wrong guess", city.admin_password):
                page = unescape(client.get("/sign-in").text)
                token = re.search(r'name="csrf_token" value="([^"]+)"', page)[1]
                form = {"csrf_token": token, "name": "admin", "password": password}
                answer = client.post("/sign-in", data=form, follow_redirects=True)
            return answer.status_code, answer.url.path

    assert city.lab.city.call(sign_in) == (200, "/")


def secrets_of(city, citizens):
    yield "passphrase", PASSPHRASE
    yield "password", city.admin_password
    yield "token of the gateway", city.gateway_token
    identity = json.loads((city.lab.gateway_state / "identity.json").read_text())
    yield "key of the gateway", identity["key"]
    yield "ticket key", identity["ticket_key"]
    for path in [city.access_point.client_key, *city.folder.glob("*.key")]:
        for number, line in enumerate(path.read_text().splitlines()):
            if "-----" not in line and len(line) > 16:
                yield f"{path.name}, line {number}", line
    answers = [answer for citizen in citizens for answer in citizen.answers]
    tickets = {found for answer in answers for found in re.findall(r"[?&]s=([\w.-]{20,})", answer.location)}
    assert len(tickets) > len(citizens)
    for number, ticket in enumerate(sorted(tickets)):
        yield f"ticket {number}", ticket.rpartition(".")[2]


def devices_of(citizens):
    for citizen in citizens:
        mac = citizen.phone.mac
        pairs = mac.split(":")
        plain = "".join(pairs)
        for gap in ":-._ ":
            yield f"device {mac} with {gap}", gap.join(pairs)
        yield f"device {mac} without gaps", plain
        yield f"device {mac} in quads", ".".join(plain[start : start + 4] for start in (0, 4, 8))
        yield f"device {mac} in halves", f"{plain[:6]}-{plain[6:]}"
        yield f"device {mac} in base64", base64.b64encode(bytes.fromhex(plain)).decode()
        yield f"device {mac} as bytes", repr(bytes.fromhex(plain))[2:-1]


def traces(text, walk):
    """Which secrets and devices (whatever the case) and addresses (not as a part of a longer one) are in the text."""
    low = text.lower()
    return [
        *(what for what, secret in walk.secrets.items() if secret in text),
        *(what for what, device in walk.devices.items() if device.lower() in low),
        *(address for address in walk.addresses if re.search(rf"(?<![\d.]){re.escape(address)}(?!\d)", text)),
    ]


def test_the_walk_was_loud_enough_to_prove_something(walk):
    for name in ("control", "console", "exporter", "worker", "collect", "gateway"):
        assert '"level": "DEBUG"' in walk.logs[f"{name}.log"], name
    assert '"event": "request"' in walk.logs["portal.log"]  # whose server has nothing to tell at this level
    assert any("provision worker" in arguments for arguments in walk.processes)
    assert any("gateway enrol -" in arguments for arguments in walk.processes)


def test_no_log_names_a_citizens_device_or_address_or_has_a_secret(walk):
    assert {name: found for name, text in walk.logs.items() if (found := traces(text, walk))} == {}


def test_no_argument_of_a_process_names_a_citizens_device_or_address_or_is_a_secret(walk):
    assert traces("\n".join(walk.processes), walk) == []


@pytest.mark.parametrize("page", PAGES)
def test_metrics_name_nobody_and_no_secret_and_promtool_has_no_complaint(walk, page):
    text = walk.metrics[page]

    assert traces(text, walk) == []
    linted = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    assert (linted.returncode, linted.stdout, linted.stderr) == (0, "", "")


def test_the_database_has_neither_addresses_nor_secrets_in_plain_not_even_while_citizens_are_online(walk):
    as_bytes = {bytes.fromhex(text) for what, text in walk.devices.items() if what.endswith("without gaps")}

    assert traces(walk.database.decode("latin-1"), walk) == []
    assert [device for device in as_bytes if device in walk.database] == []
