"""Control as gateways meet it: the real process on loopback, on SQLite and on PostgreSQL."""

import json
import secrets
import shutil
import subprocess
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from tests.builders import A_CITY, A_MASTER_KEY, a_plan, a_visit, an_asker
from tests.control.server import TestGateway, json_bytes
from wifi_manager.clock import SystemClock
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.gateways import GatewayKeys
from wifi_manager.domain.grants import Arrival, Usage
from wifi_manager.domain.sites import City
from wifi_manager.domain.visits import EndReason
from wifi_manager.services.enrolment import Enrolment
from wifi_manager.storage import migrate
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.grants import GrantList
from wifi_manager.wire.reports import Report, report_to_json

pytestmark = pytest.mark.slow  # real servers, each with its start

PATIENCE_SECONDS = 20


def sign_in(city, gateway, plan=None):
    """What the portal does for a citizen: a visit, and the gateway's next revision."""
    now, device = datetime.now(UTC), MacAddress(b"\x02" + secrets.token_bytes(5))
    with city.store.begin() as tx:
        if plan is not None:
            tx.plans.save(plan)
        visit = a_visit(
            public_id=secrets.token_hex(8),
            number=tx.visits.device_number(device, now),
            gateway=gateway.name,
            site=None,
            plan=plan or a_plan(),
            asker=an_asker(gateway=gateway.name, device=device),
            opened_at=now,
            expires_at=now + timedelta(hours=1),
        )
        tx.visits.add(visit)
        return visit, tx.changes.note(gateway.name, [visit.number], now)


def stored(city, visit):
    with city.store.read() as tx:
        return tx.visits.get(visit.public_id)


def acknowledged(city, gateway):
    with city.store.read() as tx:
        return tx.gateways.acknowledged([gateway.name])[gateway.name]


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def metrics(city):
    """Every series of control's own metrics with its value."""
    lines = httpx.get(city.control.metrics_url, trust_env=False).text.splitlines()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line[0] != "#")}


def waiting_polls(city):
    return metrics(city)["wifi_control_polls_waiting"]


def thief(city, recorded):
    """Somebody who has only the proof of one request."""
    return httpx.Client(base_url=city.control.url, headers={"Authorization": recorded}, trust_env=False)


def test_a_gateway_enrols_waits_hears_of_a_sign_in_and_acknowledges_it(city):
    gateway = city.gateway()
    first = gateway.poll(after=0)
    assert (first.revision, first.grants) == (1, ())
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(gateway.poll, after=1, wait=25)
        wait_until(lambda: waiting_polls(city) == 1)
        visit, revision = sign_in(city, gateway)
        answer = waiting.result(PATIENCE_SECONDS)  # less than its wait: the sign-in has woken it
    assert (answer.revision, answer.grants) == (revision, (visit.grant(),))
    assert gateway.report(revision, Usage(visit.public_id, 10, 20)).status_code == 204
    assert acknowledged(city, gateway) == revision
    assert (stored(city, visit).up_bytes, stored(city, visit).down_bytes) == (10, 20)


def test_an_enrolment_says_who_the_gateway_is_and_works_once(city):
    token = city.enrolment.add("gw-new", None, "test")
    first, second = TestGateway(city.control).enrol(token), TestGateway(city.control).enrol(token)
    wanted = {"version": 2, "gateway": "gw-new", "city": A_CITY.slug, "portal_url": "https://wifi.example"}
    assert first.json() == wanted
    assert (second.status_code, "token" in second.json()["error"]) == (403, True)
    assert TestGateway(city.control).enrol("guessed").status_code == 403


def test_a_poll_ends_with_the_present_list_when_its_time_is_over(city):
    assert city.gateway().poll(after=1, wait=1).revision == 1


def test_a_database_restored_from_a_backup_is_believed_at_once(city):
    gateway = city.gateway()
    visit, revision = sign_in(city, gateway)
    for elsewhere in (revision + 99, revision - 99):  # before it was restored, later or sooner than what it says now
        answer = gateway.poll(after=elsewhere, wait=25)
        assert isinstance(answer, GrantList)
        assert (answer.revision, answer.grants) == (revision, (visit.grant(),))


def test_a_gateway_sees_its_own_grants_alone(city):
    one, other = city.gateway(), city.gateway()
    visit, _ = sign_in(city, one)
    assert one.poll(after=0).grants == (visit.grant(),)
    assert other.poll(after=0).grants == ()


def test_a_kill_loses_nothing_and_the_next_start_finds_its_port_free(own_city):
    gateway = own_city.gateway()
    visit, revision = sign_in(own_city, gateway)
    assert gateway.report(revision, Usage(visit.public_id, 10, 20)).status_code == 204
    own_city.control.kill()
    other, later = sign_in(own_city, gateway)
    own_city.control.start()
    answer = gateway.poll(after=revision, wait=25)
    assert (answer.revision, answer.grants, answer.gone) == (later, (other.grant(),), ())
    assert gateway.poll(after=0).grants == (visit.grant(), other.grant())
    assert acknowledged(own_city, gateway) == revision
    assert stored(own_city, visit).down_bytes == 20


def test_a_stop_answers_whoever_waits(own_city):
    gateway = own_city.gateway()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(gateway.poll, after=1, wait=25)
        wait_until(lambda: waiting_polls(own_city) == 1)
        assert own_city.control.stop() == 0
        assert waiting.result(PATIENCE_SECONDS).revision == 1


def test_a_recorded_request_is_refused_when_it_is_old_or_carries_anything_else(city):
    gateway = city.gateway()
    _, revision = sign_in(city, gateway)
    path, body = "/v1/grants?after=0&wait=0", json_bytes(report_to_json(Report(revision, ())))
    for moment in (timedelta(seconds=-180), timedelta(seconds=180)):
        assert gateway.send("GET", path, at=datetime.now(UTC) + moment).status_code == 401
    with thief(city, gateway.sign("GET", path)) as http:
        assert http.get("/v1/grants?after=0&wait=25").status_code == 401
        assert http.post("/v1/report", content=body).status_code == 401
    assert acknowledged(city, gateway) == 0


def test_a_report_that_is_sent_again_takes_nothing_back(city):
    gateway = city.gateway()
    visit, revision = sign_in(city, gateway)
    old = json_bytes(report_to_json(Report(1, (Usage(visit.public_id, 1, 1),))))
    with thief(city, gateway.sign("POST", "/v1/report", old)) as http:
        assert http.post("/v1/report", content=old).status_code == 204
        assert gateway.report(revision, Usage(visit.public_id, 10, 20)).status_code == 204
        assert http.post("/v1/report", content=old).status_code == 204
    assert acknowledged(city, gateway) == revision
    assert stored(city, visit).down_bytes == 20


def test_another_citys_gateway_and_a_strangers_key_are_refused(city):
    migrate.upgrade(city.engine, City("neighbour", "Neighbour"))
    vault = Vault(A_MASTER_KEY, "neighbour")
    neighbours = Enrolment(Store(city.engine, "neighbour", vault), vault, SystemClock())
    there = TestGateway(city.control, "gw-there")
    keys = GatewayKeys(there.key.public_key().public_bytes_raw(), b"t" * 32)
    assert neighbours.enrol(neighbours.add("gw-there", None, "test"), keys) == "gw-there"
    forged = TestGateway(city.control, city.gateway().name)
    for stranger in (there, forged):
        answer = stranger.send("GET", "/v1/grants?after=0&wait=0")
        assert (answer.status_code, set(answer.json())) == (401, {"error"})
        assert answer.headers["WWW-Authenticate"] == "Wifi-Gateway"


def body(**changed):
    return json.dumps({**report_to_json(Report(1, ())), **changed}).encode()


BODIES = {
    b"": "JSON",
    b"[" * 100_000: "JSON",
    b"\xff": "JSON",
    b'{"version": 2, "revision": 1}': "usage",
    body(revision=-1): "revision",
    body(revision=2**63): "revision",
    body(usage=[{"visit": "a\x00", "up_bytes": 1, "down_bytes": 1}]): "visit",
    body(usage=[{"visit": "\ud800", "up_bytes": 1, "down_bytes": 1}]): "visit",
    body(usage=[{"visit": "v", "up_bytes": 99999999999999999999, "down_bytes": 1}]): "up",
    body(version=1): "version",
    body(more=1): "more",
}


def test_nonsense_is_refused_with_the_fields_name(city):
    gateway = city.gateway()
    for nonsense, named in BODIES.items():
        answer = gateway.send("POST", "/v1/report", nonsense)
        assert (answer.status_code, named in answer.json()["error"]) == (400, True), (body[:99], answer.text)
    for query, named in {
        "after=0": "wait",
        "after=x&wait=0": "after",
        "after=0&wait=26": "wait",
        "": "after",
    }.items():
        answer = gateway.send("GET", f"/v1/grants?{query}")
        assert (answer.status_code, named in answer.json()["error"]) == (400, True)
    assert gateway.send("POST", "/v1/report", b" " * (2**20 + 1)).status_code == 413
    assert httpx.get(f"{city.control.url}/nowhere", trust_env=False).json()["error"].startswith("Not Found")


def test_a_visit_whose_volume_is_used_up_ends_and_the_gateway_hears_of_it(city):
    gateway = city.gateway()
    visit, revision = sign_in(city, gateway, plan=a_plan(name="small", volume_bytes=1000))
    assert gateway.report(revision, Usage(visit.public_id, 400, 599)).status_code == 204
    assert gateway.poll(after=0).revision == revision
    assert gateway.report(revision, Usage(visit.public_id, 400, 600)).status_code == 204
    answer = gateway.poll(after=revision, wait=25)
    assert (answer.base, answer.grants, answer.gone) == (revision, (), (visit.number,))
    assert stored(city, visit).end_reason is EndReason.VOLUME_USED


def test_a_device_that_comes_to_another_gateway_wakes_both(city):
    here, there = city.gateway(), city.gateway()
    visit, revision = sign_in(city, here)
    asker = visit.asker
    with ThreadPoolExecutor(2) as pool:
        leaving, coming = pool.submit(here.poll, after=revision, wait=25), pool.submit(there.poll, after=1, wait=25)
        wait_until(lambda: waiting_polls(city) == 2)
        came = Report(0, (), arrivals=(Arrival(asker.device, asker.address, "guests"),))
        assert there.send("POST", "/v1/report", json_bytes(report_to_json(came))).status_code == 204
        assert leaving.result(PATIENCE_SECONDS).gone == (visit.number,)
        (grant,) = coming.result(PATIENCE_SECONDS).grants
    assert (grant.device, grant.expires_at) == (asker.device, visit.expires_at)
    assert stored(city, visit).gateway == there.name


def test_many_gateways_wait_at_once_and_each_is_woken_by_its_own_change(city):
    gateways = [city.gateway() for _ in range(12)]
    with ThreadPoolExecutor(len(gateways)) as pool:
        waiting = [pool.submit(each.poll, after=1, wait=25) for each in gateways]
        wait_until(lambda: waiting_polls(city) == len(gateways))
        with city.store.begin() as tx:
            for gateway in gateways[1:]:
                tx.changes.note_all(gateway.name, datetime.now(UTC))
        assert all(poll.result(PATIENCE_SECONDS).revision > 1 for poll in waiting[1:])
        assert waiting_polls(city) == 1
        _, revision = sign_in(city, gateways[0])
        assert waiting[0].result(PATIENCE_SECONDS).revision == revision


def test_its_own_metrics_count_and_neither_they_nor_its_log_know_a_device(city):
    gateway = city.gateway()
    before = metrics(city)
    visit, revision = sign_in(city, gateway)
    gateway.poll(after=0)
    gateway.poll(after=revision)
    gateway.report(revision)
    gateway.report(revision + 5)
    gateway.send("POST", "/v1/report", b"nonsense")
    grown = {name for name, value in metrics(city).items() if value == before.get(name, 0) + 1}
    assert {f'wifi_control_grant_answers_total{{outcome="{each}"}}' for each in ("changed", "unchanged")} <= grown
    outcomes = ("acknowledged", "ahead", "refused")
    assert {f'wifi_control_reports_total{{outcome="{each}"}}' for each in outcomes} <= grown
    assert "wifi_control_answer_duration_seconds_count" in grown
    text = httpx.get(city.control.metrics_url, trust_env=False).text
    for told in (text, city.control.log()):
        assert visit.asker.device.full() not in told
        assert str(visit.asker.address) not in told


def test_promtool_has_no_complaint(city):
    text = httpx.get(city.control.metrics_url, trust_env=False).text
    if shutil.which("promtool") is None:
        pytest.skip("needs promtool: run tests/lab/system_packages.sh")
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_health_is_told_to_balancers(city):
    assert httpx.get(f"{city.control.url}/healthz", trust_env=False).json() == {"status": "ok"}
