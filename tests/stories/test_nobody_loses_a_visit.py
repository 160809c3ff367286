"""Each process of the main job is killed (SIGKILL), alone and with the others: who is online stays, nobody else comes."""

import threading
from contextlib import contextmanager

import pytest

from tests.lab.citizen import PROBE, is_online
from tests.lab.city import METRICS_PORT, WAN_ADDRESS
from tests.lab.namespaces import wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(400)]  # with the whole city

ALL = ("gateway", "portal", "control")
SECRET_PLACE = "http://news.example/"


@pytest.fixture(scope="module")
def city(prepared_city):
    prepared_city.start_servers("portal", "control")
    prepared_city.start_gateway()
    return prepared_city


@contextmanager
def watched(phone):
    """What this phone's probe is answered, again and again as long as the block lasts: a list that grows."""
    statuses, stop = [], threading.Event()

    def watch():
        while not stop.is_set():
            statuses.append(phone.curl(PROBE).status)
            stop.wait(0.1)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield statuses
    finally:
        stop.set()
        thread.join()


def wait_for_more(statuses, number=3):
    """Until the phone was answered that many times more."""
    until = len(statuses) + number
    wait_for("answers", lambda: len(statuses) >= until, 60)


def restart(city, killed):
    if servers := [name for name in killed if name != "gateway"]:
        city.start_servers(*servers)
    if "gateway" in killed:
        city.start_gateway()


@pytest.mark.parametrize("killed", [("gateway",), ("portal",), ("control",), ALL], ids="+".join)
def test_who_is_online_stays_online_and_who_is_not_never_gets_through(city, killed):
    online, stranger, newcomer = city.join(), city.join(), city.join()
    online.open_portal()
    online.tap()
    newcomer.open_portal()

    with watched(online.phone) as of_online, watched(stranger.phone) as of_stranger:
        city.kill(*killed)
        wait_for_more(of_online)
        wait_for_more(of_stranger)
        restart(city, killed)
        wait_for_more(of_online)
        wait_for_more(of_stranger)

    assert set(of_online) == {204}
    assert set(of_stranger) <= {302, 0}  # 0: refused, while there is no agent that could redirect
    assert of_stranger[-1] == 302

    newcomer.tap()
    wait_for("the sign-in after the restart", lambda: is_online(newcomer.phone))
    for citizen in (online, newcomer):
        citizen.open_status()
        citizen.sign_out()
        wait_for("the sign-out after the restart", lambda phone=citizen.phone: phone.curl(PROBE).status == 302)
    assert stranger.phone.curl(SECRET_PLACE).status == 302


def test_a_visit_that_was_signed_out_while_control_was_dead_ends_when_it_is_back(city):
    citizen = city.join()
    citizen.open_portal()
    citizen.tap()
    assert is_online(citizen.phone)
    city.kill("control")
    try:
        citizen.open_status()
        citizen.sign_out()
        assert is_online(citizen.phone)  # the gateway has not heard of it yet
    finally:
        restart(city, ["control"])

    wait_for("the end of the visit", lambda: citizen.phone.curl(PROBE).status == 302)


def test_a_tap_while_control_is_dead_opens_the_door_when_it_is_back(city):
    citizen = city.join()
    citizen.open_portal()
    city.kill("control")
    try:
        citizen.tap()
        assert "/connecting" in citizen.url
        assert citizen.phone.curl(PROBE).status == 302
    finally:
        restart(city, ["control"])

    wait_for("the open door", lambda: is_online(citizen.phone))


@pytest.mark.soak
def test_a_gateway_whose_disk_refuses_to_write_goes_on_and_says_so(city):
    failures = 'wifi_gateway_problems_total{reason="disk"}'
    kept = city.lab.gateway_state / "last-known.json"
    kept.unlink(missing_ok=True)
    (kept / "in the way").mkdir(parents=True)  # a file cannot be put where a folder is
    try:
        citizen = city.join()
        citizen.open_portal()
        citizen.tap()
        assert is_online(citizen.phone)
        page = f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics"
        wait_for("the metric", lambda: failures in (city.fetch(page) or ""), 60)
    finally:
        (kept / "in the way").rmdir()
        kept.rmdir()
    citizen.open_status()
    citizen.sign_out()
    wait_for("the next write", kept.is_file, 60)
