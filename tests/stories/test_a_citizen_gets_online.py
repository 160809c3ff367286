"""The main job, from a phone that is caught to one that is online, and out again, without cookies and scripts."""

import html
import json
import socket
import subprocess
import time
from urllib.parse import urlencode, urljoin

import pytest

from tests.lab.citizen import PROBE, is_online
from tests.lab.city import INTERNET_ADDRESS, OWN_NAME, PORTAL_NAME
from tests.lab.namespaces import wait_for
from tests.lab.probes import PROBES
from wifi_manager.shipped import configs

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow, pytest.mark.timeout(400)]  # with the whole city

API = f"https://{OWN_NAME}/captive-portal/api"
NEWS = "http://news.example/"
REFUSED, RESET = 7, 56  # curl's exit codes


@pytest.fixture(scope="module")
def city(prepared_city):
    prepared_city.start_servers("portal", "control")
    prepared_city.start_gateway()
    return prepared_city


def devices(city):
    return city.rows("SELECT count(*) FROM device")[0][0]


def test_u2_one_tap_leads_from_captive_to_online(city):
    citizen = city.join()
    assert citizen.phone.curl(NEWS).status == 302

    page_bytes = citizen.open_portal()
    assert citizen.url.startswith(f"https://{PORTAL_NAME}/")
    assert page_bytes < 30 * 1024  # as this phone asks for it; browsers take it compressed, in 14 kB at most
    answer = citizen.tap()

    assert answer.status == 200
    assert citizen.url.startswith(f"https://{PORTAL_NAME}/connected")
    assert citizen.phone.curl(NEWS).body.endswith("This is the internet</h1>\n")


def test_p1_every_probe_of_every_system_is_led_to_a_portal_that_answers(city):
    citizen = city.join()

    answers = {probe.url: citizen.phone.curl(probe.url) for probe in PROBES}

    assert {url for url, answer in answers.items() if answer.status != 302} == set()
    for answer in answers.values():
        assert answer.location.startswith(f"https://{PORTAL_NAME}/?s=")
        assert citizen.phone.curl(answer.location).status == 200


def test_https_is_refused_at_once_before_the_tap_so_that_no_page_hangs(city):
    phone = city.join().phone

    def seconds_until_refused():
        start = time.monotonic()
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection((INTERNET_ADDRESS, 443), timeout=10)
        return time.monotonic() - start

    assert phone.curl("https://news.example/").exit_code == REFUSED
    assert min(phone.namespace.call(seconds_until_refused) for _ in range(5)) < 0.05


def test_u3_the_pages_speak_the_phones_language_and_the_visit_records_which_terms_were_read(city):
    newest = max(path.name for path in (configs() / "terms").iterdir())
    for languages, expected in (("ko-KR,ko;q=0.9,en;q=0.5", "ko"), ("en-GB,en;q=0.9", "en"), ("fr", "ko")):
        citizen = city.join(languages)
        citizen.open_portal()
        assert f'<html lang="{expected}"' in citizen.page
        citizen.tap()
        assert f'<html lang="{expected}"' in citizen.page
        consents = city.rows("SELECT terms_version, terms_language FROM visit ORDER BY id DESC LIMIT 1")
        assert consents == [(newest, expected)]


def test_u5_the_status_page_opens_through_the_gateways_own_name_without_a_cookie(city):
    citizen = city.join("en")
    citizen.open_portal()
    citizen.tap()

    answer = citizen.open_status()

    assert answer.status == 200
    assert citizen.url.startswith(f"https://{PORTAL_NAME}/status")
    assert "You're online" in html.unescape(citizen.page)
    assert [each for each in citizen.answers if "set-cookie" in each.headers] == []
    assert "<script" not in citizen.page


def test_a8_the_api_leads_to_the_tap_before_and_to_the_status_page_after(city):
    citizen = city.join()
    before = json.loads(citizen.phone.curl(API).body)
    assert before["captive"] is True

    citizen.open(before["user-portal-url"])
    citizen.tap()
    after = json.loads(citizen.phone.curl(API).body)
    citizen.open(after["user-portal-url"])

    assert after["captive"] is False
    assert 86_000 < after["seconds-remaining"] <= 86_400
    assert before["user-portal-url"] == after["user-portal-url"] == f"https://{OWN_NAME}/"
    assert citizen.url.startswith(f"https://{PORTAL_NAME}/status")


def test_signing_out_stops_a_running_download_at_once(city):
    citizen = city.join()
    citizen.open_portal()
    citizen.tap()
    received = city.folder / f"download of {citizen.phone.namespace.role}"
    words = ["curl", "-sS", "-o", str(received), f"{NEWS}endless"]
    download = citizen.phone.start(words, stderr=subprocess.PIPE)
    wait_for("bytes", lambda: received.exists() and received.stat().st_size > 0)
    citizen.open_status()
    assert download.poll() is None

    answer = citizen.sign_out()

    assert answer.status == 200
    assert download.wait(20) == RESET
    assert citizen.phone.curl(PROBE).status == 302


def test_d5_erasing_ends_the_visit_and_the_database_knows_no_such_device_any_more(city):
    before = devices(city)
    citizen = city.join()
    citizen.open_portal()
    citizen.tap()
    assert devices(city) == before + 1
    citizen.open_status()

    answer = citizen.erase()

    assert answer.status == 200
    assert devices(city) == before
    (visit,) = city.rows("SELECT device_id, asker_sealed, ended_at IS NULL FROM visit ORDER BY id DESC LIMIT 1")
    assert visit == (None, None, 0)
    assert citizen.phone.curl(PROBE).status == 302


def test_two_phones_have_two_visits_and_the_end_of_one_leaves_the_other(city):
    one, other = city.join(), city.join()
    for citizen in (one, other):
        citizen.open_portal()
        citizen.tap()
    assert is_online(one.phone)
    assert is_online(other.phone)

    one.open_status()
    one.sign_out()

    assert not is_online(one.phone)
    assert is_online(other.phone)


def test_s5_a_ticket_lets_in_the_phone_it_names_and_not_the_one_that_sends_it(city):
    owner, thief = city.join(), city.join()
    owner.open_portal()

    thief.open(owner.url)
    thief.tap()

    assert not is_online(thief.phone)
    assert is_online(owner.phone)


def test_whoever_a_phone_says_to_be_it_is_itself_that_is_let_in(city):
    hostile, victim = city.join(), city.join()
    hostile.open_portal()
    ((action, fields),) = [form for form in hostile.forms.items() if "/connect" in form[0]]
    claims = [f"X-Forwarded-For: {victim.phone.address}", f"Forwarded: for={victim.phone.address}"]

    answer = hostile.phone.curl(
        urljoin(hostile.url, action), "--data", urlencode(fields), "-H", claims[0], "-H", claims[1]
    )

    assert answer.status == 303
    wait_for("the hostile phone itself", lambda: is_online(hostile.phone))
    assert not is_online(victim.phone)
