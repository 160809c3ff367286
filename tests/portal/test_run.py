"""`wifi-manager portal run` as a process of its own: the real server, its inner metrics, its end and its log."""

import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
import sqlalchemy as sa

from benchmarks.portal_city import free_ports
from tests.builders import A_CITY, a_plan
from tests.fakes.gateway import PHONE, SimulatedGateway
from tests.lab.authority import Authority
from tests.lab.namespaces import wait_for
from wifi_manager.clock import SystemClock
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.settings import make_secret_file, secret
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

pytestmark = pytest.mark.slow
PATIENCE_SECONDS = 60
ROOT = Path(__file__).parents[2]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environ(tmp_path, upgraded_url):
    make_secret_file(tmp_path / "master.key")
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith("WIFI_MANAGER_")},
        "WIFI_MANAGER_CITY_SLUG": A_CITY.slug,
        "WIFI_MANAGER_DATABASE_URL": upgraded_url,
        "WIFI_MANAGER_KEYS_MASTER_KEY_FILE": str(tmp_path / "master.key"),
        "WIFI_MANAGER_PORTAL_PORT": str(free_port()),
        "WIFI_MANAGER_PORTAL_METRICS_PORT": str(free_port()),
    }


@pytest.fixture
def store(environ):
    vault = Vault(secret(Path(environ["WIFI_MANAGER_KEYS_MASTER_KEY_FILE"])), A_CITY.slug)
    made = Store(open_engine(environ["WIFI_MANAGER_DATABASE_URL"]), A_CITY.slug, vault)
    yield made
    made.dispose()


@pytest.fixture
def silent_gateway(environ, store):
    made = SimulatedGateway(store)
    made.enrol(Vault(secret(Path(environ["WIFI_MANAGER_KEYS_MASTER_KEY_FILE"])), A_CITY.slug))
    return made


@pytest.fixture
def gateway(silent_gateway):
    with silent_gateway.acknowledging():
        yield silent_gateway


def started(environ, folder):
    (folder / "wifi-manager.toml").touch()
    command = [sys.executable, "-m", "wifi_manager", "--config", folder / "wifi-manager.toml", "portal", "run"]
    with (folder / "log").open("wb") as log:
        return subprocess.Popen(command, env=environ, stderr=log, cwd=ROOT)


def wait_until_it_answers(url, process):
    until = time.monotonic() + PATIENCE_SECONDS
    while process.poll() is None and time.monotonic() < until:
        try:
            if httpx.get(url, trust_env=False).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"the portal does not answer (exit status {process.returncode})")


def test_the_process_serves_citizens_measures_itself_and_ends_when_told(environ, tmp_path, store, gateway):
    with store.begin() as tx:
        tx.plans.save(a_plan())
    url = f"http://127.0.0.1:{environ['WIFI_MANAGER_PORTAL_PORT']}"
    inner = f"http://127.0.0.1:{environ['WIFI_MANAGER_PORTAL_METRICS_PORT']}/metrics"
    ticket = gateway.ticket(SystemClock().now())
    process = started(environ, tmp_path)
    try:
        wait_until_it_answers(f"{url}/healthz", process)
        with httpx.Client(base_url=url, trust_env=False) as client:
            page = client.get("/", params={"s": ticket, "l": "en"})
            token = page.text.split('name="token" value="')[1].split('"')[0]
            form = {"s": ticket, "token": token, "terms": "2026-11", "language": "en"}
            answer = client.post("/connect", params={"l": "en"}, data=form)
            assert answer.headers["Location"].startswith("/connected?")
            assert client.get("/metrics").status_code == 404
        metrics = httpx.get(inner, trust_env=False).text
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
    assert process.returncode == 0
    assert 'wifi_sign_in_stages_total{city="haneul",stage="enforced"} 1.0' in metrics
    check_metrics(metrics)
    log = (tmp_path / "log").read_text(encoding="utf-8")
    assert '"route": "/connect"' in log
    for hidden in (ticket, ticket.split(".")[1][:12], PHONE.full(), "10.1.0.7", '127.0.0.1"'):
        assert hidden not in log


@pytest.mark.parametrize("upgraded_url", ["postgresql"], indirect=True)
def test_a_database_that_is_away_is_told_and_when_it_is_back_all_goes_on(
    environ, tmp_path, store, silent_gateway, postgres_server, upgraded_url
):
    with store.begin() as tx:
        tx.plans.save(a_plan())
    database = sa.make_url(upgraded_url).database
    url = f"http://127.0.0.1:{environ['WIFI_MANAGER_PORTAL_PORT']}"
    process = started(environ, tmp_path)

    def page():
        return httpx.get(url, params={"s": silent_gateway.ticket(SystemClock().now())}, trust_env=False).status_code

    try:
        wait_until_it_answers(f"{url}/healthz", process)
        assert page() == 200
        postgres_server.run(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS false')
        postgres_server.run(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{database}'")
        assert [page() for _ in range(12)] == [503] * 12
        postgres_server.run(f'ALTER DATABASE "{database}" ALLOW_CONNECTIONS true')
        wait_for("the page is back", lambda: page() == 200)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def test_phones_that_wait_for_their_gateway_keep_nobody_from_the_first_page(environ, tmp_path, silent_gateway):
    gateway = silent_gateway
    with gateway.store.begin() as tx:
        tx.plans.save(a_plan())
    url = f"http://127.0.0.1:{environ['WIFI_MANAGER_PORTAL_PORT']}"
    devices = [MacAddress(bytes([2, 0, 0x5E, 0x10, 1, number])) for number in range(4)]
    now = SystemClock().now()
    tickets = [gateway.ticket(now, device, f"10.1.1.{at}") for at, device in enumerate(devices)]
    process = started({**environ, "WIFI_MANAGER_PORTAL_THREADS": "1"}, tmp_path)

    def visits():
        with gateway.store.read() as tx:
            return tx.visits.grants(gateway.name, now)

    def page(ticket):
        return httpx.get(url, params={"s": ticket, "l": "en"}, trust_env=False).text

    def tap(ticket, token):
        form = {"s": ticket, "token": token, "terms": "2026-11", "language": "en"}
        return httpx.post(f"{url}/connect", params={"l": "en"}, data=form, trust_env=False).headers["Location"]

    try:
        wait_until_it_answers(f"{url}/healthz", process)
        tokens = [page(ticket).split('name="token" value="')[1].split('"')[0] for ticket in tickets[1:]]
        with ThreadPoolExecutor(3) as phones:
            taps = phones.map(tap, tickets[1:], tokens)
            wait_for("three taps that wait", lambda: len(visits()) == 3)
            assert 'action="/connect' in page(tickets[0])
            gateway.acknowledge()
            assert [where.partition("?")[0] for where in taps] == ["/connected"] * 3
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)


def check_metrics(text):
    """By Prometheus' own tool, where the machine has it."""
    if promtool := shutil.which("promtool"):
        told = subprocess.run(
            [promtool, "check", "metrics"], input=text, capture_output=True, text=True, timeout=60, check=False
        )
        assert (told.returncode, told.stdout + told.stderr) == (0, "")


def test_without_its_plan_it_says_so_and_does_not_start(environ, tmp_path):
    process = started(environ, tmp_path)
    assert process.wait(PATIENCE_SECONDS) == 1
    assert "No plan is called 'day'" in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_renewed_certificate_is_served_without_a_restart_and_a_broken_one_is_not(environ, tmp_path, gateway):
    store = gateway.store
    with store.begin() as tx:
        tx.plans.save(a_plan())
    authority = Authority(tmp_path)
    files = authority.certificate("127.0.0.1")
    tls = {"CERTIFICATE_FILE": str(files.chain), "KEY_FILE": str(files.key)}
    where = ("127.0.0.1", int(environ["WIFI_MANAGER_PORTAL_PORT"]))
    inner = f"http://127.0.0.1:{environ['WIFI_MANAGER_PORTAL_METRICS_PORT']}/metrics"
    process = started({**environ, **{f"WIFI_MANAGER_PORTAL_{name}": path for name, path in tls.items()}}, tmp_path)
    try:
        wait_for("the portal", lambda: served_certificate(where), PATIENCE_SECONDS)
        assert served_certificate(where) == files.chain.read_text()
        httpx.post(f"https://127.0.0.1:{where[1]}/connect", verify=tls_of(authority), trust_env=False)
        assert 'stage="submitted"} 1.0' in httpx.get(inner, trust_env=False).text
        authority.certificate("127.0.0.1")
        renewed = files.chain.read_text()
        wait_for("the renewed one", lambda: served_certificate(where) == renewed, PATIENCE_SECONDS)
        wait_for("the new worker's metrics", lambda: 'stage="submitted"} 0.0' in text_of(inner), PATIENCE_SECONDS)
        files.chain.write_text("half of a certif")
        time.sleep(2.5)  # it looks every second
        assert served_certificate(where) == renewed, "citizens do not notice"
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)


def served_certificate(where):
    try:
        return ssl.get_server_certificate(where, timeout=10)
    except OSError:
        return None


def tls_of(authority):
    return ssl.create_default_context(cafile=str(authority.root))


def text_of(url):
    """What is read there, or nothing."""
    try:
        return httpx.get(url, trust_env=False).text
    except httpx.TransportError:
        return ""


def test_a_second_portal_at_the_same_port_says_so_and_does_not_start(environ, tmp_path, gateway):
    with gateway.store.begin() as tx:
        tx.plans.save(a_plan())
    with socket.create_server(("127.0.0.1", int(environ["WIFI_MANAGER_PORTAL_PORT"])), reuse_port=True):
        process = started(environ, tmp_path)
        assert process.wait(PATIENCE_SECONDS) == 1
    assert "Address already in use" in (tmp_path / "log").read_text(encoding="utf-8")


def test_a_killed_portal_takes_its_worker_along_so_that_the_next_one_finds_the_port_free(environ, tmp_path, gateway):
    with gateway.store.begin() as tx:
        tx.plans.save(a_plan())
    url = f"http://127.0.0.1:{environ['WIFI_MANAGER_PORTAL_PORT']}"
    process = started(environ, tmp_path)
    try:
        wait_until_it_answers(f"{url}/healthz", process)
    finally:
        process.kill()
        process.wait(PATIENCE_SECONDS)
    wait_for("the worker's end", lambda: not text_of(f"{url}/healthz"), PATIENCE_SECONDS)


def test_two_workers_share_the_port_and_each_shows_its_own_metrics(environ, tmp_path, gateway):
    with gateway.store.begin() as tx:
        tx.plans.save(a_plan())
    first = free_ports(2)
    inner = [f"http://127.0.0.1:{port}/metrics" for port in (first, first + 1)]
    more = {"WIFI_MANAGER_PORTAL_WORKERS": "2", "WIFI_MANAGER_PORTAL_METRICS_PORT": str(first)}
    url = f"http://127.0.0.1:{environ['WIFI_MANAGER_PORTAL_PORT']}/connect"

    def shown():
        return [text_of(each).count('stage="submitted"} 0.0') for each in inner]

    process = started({**environ, **more}, tmp_path)
    try:
        wait_for("the metrics of both", lambda: all(map(text_of, inner)), PATIENCE_SECONDS)
        assert shown() == [1, 1]

        def asked():
            """Which of them gets a connection is the kernel's choice."""
            httpx.post(url, trust_env=False)
            return shown() == [0, 0]

        wait_for("work for both", asked, PATIENCE_SECONDS)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
    assert process.returncode == 0
