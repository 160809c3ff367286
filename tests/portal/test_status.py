"""What the status page shows and does, for the device that asks."""

from datetime import timedelta

import pytest

from tests.fakes.gateway import ANOTHER_ADDRESS, OTHER_PHONE
from wifi_manager.domain.grants import Usage

pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("store")]


def test_u5_the_status_page_shows_time_left_data_used_and_all_we_know(phone, portal_store):
    phone.go_online(phone.ticket())
    with portal_store.begin() as tx:
        (grant,) = tx.visits.grants("gw-1", phone.clock.now())
        tx.metering.record("gw-1", [Usage(grant.visit, 1_000_000, 24_500_000)])
    phone.clock.advance(timedelta(minutes=2))
    page = phone.open("/status", phone.ticket()).text
    for said in ("23 h 58 min", "25.5 MB", "1 MB, 24.5 MB", "2026-06-01 21:00", "2026-06-02 21:00", "River district, Willow park", "2026-11", "One tap, without an account"):  # fmt: skip
        assert said in page


def test_u5_signing_out_ends_the_visit_and_says_so(phone, portal_store):
    ticket = phone.ticket()
    phone.go_online(ticket)
    answer = phone.submit(phone.open("/status", ticket), "/sign-out")
    assert answer.headers["Location"] == "/signed-out"
    assert "signed out" in phone.follow(answer).text
    with portal_store.read() as tx:
        assert tx.visits.grants("gw-1", phone.clock.now()) == ()
    assert "not online" in phone.open("/status", ticket).text


def test_s4_after_the_sign_out_the_old_link_opens_nothing_and_says_what_to_do(phone, portal_store):
    ticket = phone.ticket()
    first = phone.open("/", ticket)
    phone.submit(first, "/connect")
    phone.submit(phone.open("/status", ticket), "/sign-out")
    answer = phone.submit(first, "/connect")
    assert answer.status_code == 403
    assert 'href="http://wifi.home.arpa/"' in answer.text
    with portal_store.read() as tx:
        assert tx.visits.grants("gw-1", phone.clock.now()) == ()
    assert phone.go_online(phone.ticket()).status_code == 200


def test_u5_erasing_forgets_the_device(phone):
    ticket = phone.ticket()
    phone.go_online(ticket)
    answer = phone.submit(phone.open("/status", ticket), "/erase")
    assert answer.headers["Location"] == "/erased"
    assert "no longer know this device" in phone.follow(answer).text
    assert "We know nothing about this device" in phone.open("/status", ticket).text


def test_the_status_of_one_device_is_hidden_from_another(phone):
    phone.go_online(phone.ticket())
    page = phone.open("/status", phone.ticket(device=OTHER_PHONE, address=ANOTHER_ADDRESS)).text
    assert "not online" in page
    assert "We know nothing about this device" in page


def test_an_expired_visit_is_not_called_online(phone):
    phone.go_online(phone.ticket())
    phone.clock.advance(timedelta(hours=25))
    page = phone.open("/status", phone.ticket()).text
    assert "not online" in page
    assert "Go online" in page


def test_a_sign_out_without_a_running_visit_is_no_error(phone):
    ticket = phone.ticket()
    phone.go_online(ticket)
    page = phone.open("/status", ticket)
    phone.submit(page, "/sign-out")
    assert phone.submit(page, "/sign-out").headers["Location"] == "/signed-out"
    assert phone.submit(page, "/erase").headers["Location"] == "/erased"
    assert phone.submit(page, "/erase").headers["Location"] == "/erased"
