"""Returning devices on the portal's pages: asked once, never by a ticked box, and let in without a tap."""

from dataclasses import replace
from datetime import timedelta

import pytest

from portal.app import create_app
from tests.builders import a_site
from tests.fakes.gateway import ANOTHER_ADDRESS, OTHER_PHONE, PHONE
from tests.portal.conftest import Phone
from wifi_manager.domain.visits import Method
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.places import Places

pytestmark = pytest.mark.slow

A_DAY = timedelta(days=1)


def go_online(phone, *, remembered):
    box = {"remember": "yes"} if remembered else {}
    return phone.follow(phone.submit(phone.open("/", phone.ticket()), "/connect", **box))


def agreed(store, now, device=PHONE):
    with store.read() as tx:
        known = tx.visits.device(device)
        return None if known is None else tx.remembered.of(known.number, now)


def with_returning(phone, face, **changed):
    """The same portal after the city has changed its mind."""
    returning = replace(face.admission.returning, **changed)
    app = create_app(replace(face, admission=replace(face.admission, returning=returning)))
    return Phone(app.test_client(use_cookies=False), phone.gateway, phone.clock)


def test_u4_u11_the_box_is_offered_and_is_not_ticked(phone):
    page = phone.open("/", phone.ticket()).text
    assert "Remember this device for 30 days: next time you are online without this page" in page
    assert 'type="checkbox"' in page
    assert " checked" not in page


def test_u11_whoever_leaves_the_box_is_not_remembered(phone, portal_store):
    go_online(phone, remembered=False)
    assert agreed(portal_store, phone.clock.now()) is None
    phone.clock.advance(A_DAY)
    assert phone.open("/", phone.ticket()).status_code == 200


def test_u4_d4_a_remembered_device_is_online_again_without_a_tap_by_the_consent_it_gave(
    phone, portal_store, registry
):
    go_online(phone, remembered=True)
    phone.clock.advance(A_DAY)
    answer = phone.open("/", phone.ticket(), l="ko")
    assert answer.headers["Location"].startswith("/connected?")
    with portal_store.read() as tx:
        visit = tx.visits.running_of(PHONE, phone.clock.now())
    assert (visit.method, visit.consent.terms_version, visit.consent.language) == (
        Method.REMEMBERED,
        "2026-11",
        "en",
    )
    assert registry.get_sample_value("wifi_sign_ins_total", {"city": "haneul", "method": "remembered"}) == 1
    assert "This device was remembered, as you agreed" in phone.open("/status", phone.ticket()).text


def test_u4_after_its_time_it_sees_the_page_again(phone):
    go_online(phone, remembered=True)
    phone.clock.advance(30 * A_DAY)
    assert phone.open("/", phone.ticket()).status_code == 200


def test_d4_new_terms_are_read_on_the_page_first(phone, face):
    go_online(phone, remembered=True)
    phone.clock.advance(A_DAY)
    assert with_returning(phone, face, terms_version="2027-01").open("/", phone.ticket()).status_code == 200


def test_where_the_city_wants_it_no_more_nobody_is_asked_and_nobody_comes_in(phone, face):
    go_online(phone, remembered=True)
    phone.clock.advance(A_DAY)
    phone = with_returning(phone, face, remembered_for=timedelta(0))
    page = phone.open("/", phone.ticket())
    assert page.status_code == 200
    assert "Remember this device" not in page.text
    phone.submit(page, "/connect", remember="yes")
    assert "Remember this device" not in phone.open("/status", phone.ticket()).text


def test_a_place_that_asks_for_more_than_a_tap_is_not_entered_by_one(phone, portal_store, clock):
    go_online(phone, remembered=True)
    phone.clock.advance(A_DAY)
    Places(portal_store, clock).offer(a_site().key, (Method.VOUCHER,), "somebody")
    assert phone.open("/", phone.ticket()).status_code == 200
    Places(portal_store, clock).offer(a_site().key, (Method.VOUCHER, Method.CLICK_THROUGH), "somebody")
    assert phone.open("/", phone.ticket()).status_code == 303


def test_a_blocked_device_is_told_so_and_stays_out(phone, portal_store, clock):
    go_online(phone, remembered=True)
    phone.clock.advance(A_DAY)
    Blocking(portal_store, clock).add(PHONE, None, "somebody")
    assert phone.open("/", phone.ticket()).status_code == 403


def test_s4_an_old_link_brings_a_remembered_device_back_once(phone, portal_store):
    go_online(phone, remembered=True)
    phone.clock.advance(A_DAY)
    ticket = phone.ticket()
    phone.open("/", ticket)
    with portal_store.begin() as tx:
        visit = tx.visits.running_of(PHONE, phone.clock.now())
        tx.visits.extend(visit.public_id, phone.clock.now())
    assert phone.open("/", ticket).status_code == 200
    assert phone.open("/", phone.ticket()).status_code == 303


def test_u4_after_a_sign_out_it_stays_out_for_an_hour(phone):
    go_online(phone, remembered=True)
    page = phone.open("/status", phone.ticket())
    assert "When you sign out, it stays out for an hour." in page.text
    phone.submit(page, "/sign-out")
    assert phone.open("/", phone.ticket()).status_code == 200
    phone.clock.advance(timedelta(hours=1))
    assert phone.open("/", phone.ticket()).status_code == 303


def test_u4_d4_one_tap_on_the_status_page_withdraws_it(phone, portal_store):
    go_online(phone, remembered=True)
    page = phone.open("/status", phone.ticket())
    assert "Agreed on 2026-06-01 21:00, until 2026-07-01 21:00. Terms 2026-11 (en)" in page.text
    for _ in range(2):
        back = phone.follow(phone.submit(page, "/forget"))
        assert "/forget" not in back.text
    assert agreed(portal_store, phone.clock.now()) is None
    phone.clock.advance(A_DAY)
    assert phone.open("/", phone.ticket()).status_code == 200


def test_d5_deleting_my_data_withdraws_it(phone, portal_store):
    go_online(phone, remembered=True)
    phone.submit(phone.open("/status", phone.ticket()), "/erase")
    with portal_store.read() as tx:
        assert tx.connection.exec_driver_sql("SELECT count(*) FROM remembered_device").scalar() == 0
    phone.clock.advance(A_DAY)
    assert phone.open("/", phone.ticket()).status_code == 200


def test_u4_the_status_page_asks_too_in_the_language_that_is_read(phone, portal_store):
    go_online(phone, remembered=False)
    page = phone.open("/status", phone.ticket(), l="ko")
    back = phone.follow(phone.submit(page, "/remember"))
    assert "/forget" in back.text
    assert agreed(portal_store, phone.clock.now()).consent.language == "ko"
    phone.clock.advance(A_DAY)
    assert phone.open("/", phone.ticket()).status_code == 303


def test_l5_s4_an_old_page_does_not_bring_back_what_was_withdrawn(phone, portal_store):
    ticket = phone.ticket()
    phone.go_online(ticket)
    page = phone.open("/status", ticket)
    phone.submit(page, "/remember")
    phone.submit(phone.open("/status", ticket), "/forget")
    phone.submit(page, "/remember")
    assert agreed(portal_store, phone.clock.now()) is None


def test_l5_a_second_tap_with_the_box_changes_nothing(phone, portal_store):
    page = phone.open("/", phone.ticket())
    phone.submit(page, "/connect")
    phone.submit(page, "/connect", remember="yes")
    assert agreed(portal_store, phone.clock.now()) is None


def test_a_remembered_device_lets_no_other_in(phone):
    go_online(phone, remembered=True)
    stranger = phone.open("/", phone.ticket(device=OTHER_PHONE, address=ANOTHER_ADDRESS))
    assert stranger.status_code == 200
