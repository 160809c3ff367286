"""Signing in with an eID, from the tap to the network, and who is not let in by it."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest

from portal import catalogue
from portal.app import create_app
from portal.identity.eid import BACK_PATH, EidWay
from tests.fakes.gateway import OTHER_PHONE, PHONE
from tests.portal.conftest import PORTAL, Phone
from tests.portal.eid.conftest import is_refused, visits
from wifi_manager.domain.visits import Method
from wifi_manager.services.eid import EidSignIns
from wifi_manager.services.granting import Granting

pytestmark = pytest.mark.slow  # a real provider


@pytest.mark.usefixtures("store")
def test_a_citizen_signs_in_at_the_provider_and_is_online(citizen, portal_store, clock):
    answer = citizen.go_online()

    assert answer.headers["Location"].startswith("/connected?")
    visit = visits(portal_store, clock)
    assert visit.method is Method.EID
    assert len(visit.holder) == 32
    assert visit.consent.language == "en"


def test_visits_of_one_person_share_a_holder_and_those_of_two_do_not(citizen, portal_store, clock):
    holders = []
    for name in ("mina", "mina", "juno"):
        url = citizen.sign_in(citizen.begin(), name)
        citizen.by_the_gateway(citizen.come_back(url))
        holders.append(visits(portal_store, clock).holder)
        citizen.phone.submit(citizen.phone.open("/status", citizen.phone.ticket()), "/sign-out")

    assert holders[0] == holders[1] != holders[2]


def test_nothing_of_the_person_is_kept_or_written_down(citizen, tmp_path, logged):
    citizen.go_online()

    kept = b"".join(each.read_bytes() for each in tmp_path.glob("portal.db*"))
    for secret in (b"subject-1", b"Never To Be Kept", b"never@kept.example"):
        assert secret not in kept
        assert secret.decode() not in logged.getvalue()


def test_the_way_to_the_provider_asks_for_no_more_than_who_it_is_with_pkce_state_and_nonce(citizen, provider):
    given = {name: values[0] for name, values in parse_qs(urlsplit(citizen.begin()).query).items()}

    assert (given["scope"], given["response_type"], given["code_challenge_method"]) == ("openid", "code", "S256")
    assert given["redirect_uri"] == provider.redirect_uri
    assert min(len(given[name]) for name in ("state", "nonce", "code_challenge")) >= 43
    assert len({given["state"], given["nonce"], given["code_challenge"]}) == 3


def test_the_gateway_opens_the_provider_for_this_device_alone_before_the_phone_is_sent_there(
    citizen, portal_store, clock
):
    granting = Granting(portal_store, clock, eid_hosts=("id.example",))
    base = granting.revision("gw-1")
    citizen.begin()

    told = granting.answer("gw-1", base)
    assert [(each.device, each.until - clock.now()) for each in told.openings] == [(PHONE, timedelta(minutes=10))]
    assert told.eid_hosts == ("id.example",)
    assert granting.answer("gw-1", 0).openings == told.openings
    with portal_store.read() as tx:
        assert tx.gateways.acknowledged(["gw-1"])["gw-1"] >= told.revision


def test_the_gateway_closes_the_provider_as_soon_as_the_browser_is_back(citizen, portal_store, clock):
    granting = Granting(portal_store, clock, eid_hosts=("id.example",))
    url = citizen.sign_in(citizen.begin())
    base = granting.revision("gw-1")
    citizen.come_back(url)

    told = granting.answer("gw-1", base)
    assert [each.holds(clock.now()) for each in told.openings] == [False]
    assert granting.answer("gw-1", 0).openings == ()


def test_a_sign_in_that_goes_on_at_another_gateway_is_closed_at_the_first(citizen, portal_store, clock, vault):
    other = replace(citizen.phone.gateway, name="gw-2", ticket_key=bytes(32))
    other.enrol(vault)
    granting = Granting(portal_store, clock, eid_hosts=("id.example",))
    citizen.begin()
    base = granting.revision("gw-1")
    with other.acknowledging():
        citizen.begin(other.ticket(clock.now()))

    assert [each.holds(clock.now()) for each in granting.answer("gw-1", base).openings] == [False]
    assert [each.device for each in granting.answer("gw-2", 0).openings] == [PHONE]


def test_while_the_gateway_has_not_opened_the_provider_the_phone_waits_and_gives_up_politely(
    face, gateway, clock, openid
):
    slow = replace(face, admission=replace(face.admission, patience_seconds=0.0))
    way = {Method.EID: lambda face: EidWay(face, EidSignIns(face.admission), openid)}
    phone = Phone(create_app(slow, way).test_client(use_cookies=False), gateway, clock)

    page = phone.follow(phone.submit(phone.open("/eid", phone.ticket()), "/eid"))
    assert 'http-equiv="refresh" content="2;url=/eid/leave' in page.text
    late = phone.open("/eid/leave", phone.ticket(), n=10)
    assert "does not answer" in late.text
    assert "http-equiv" not in late.text


def test_a_second_tap_with_the_same_ticket_goes_on_with_the_same_sign_in(citizen):
    ticket = citizen.phone.ticket()
    assert citizen.begin(ticket) == citizen.begin(ticket)


def test_a_reload_of_the_last_page_finds_the_visit(citizen, portal_store, clock):
    url = citizen.come_back(citizen.sign_in(citizen.begin()))
    citizen.by_the_gateway(url)

    again = citizen.by_the_gateway(url)
    assert again.status_code == 303
    assert again.headers["Location"].startswith("/?")


def test_s4_a_state_that_was_used_or_that_nobody_has_opens_nothing(citizen, portal_store, clock):
    url = citizen.sign_in(citizen.begin())
    citizen.come_back(url)

    for replayed in (
        url,
        f"{PORTAL.public_url}{BACK_PATH}?state={'x' * 43}&code=y",
        f"{PORTAL.public_url}{BACK_PATH}?",
    ):
        assert is_refused(citizen.come_back(replayed), portal_store, clock, "This sign-in is over")


def test_s4_the_word_that_comes_back_is_good_once(citizen, portal_store, clock):
    answer = citizen.come_back(citizen.sign_in(citizen.begin()))
    citizen.by_the_gateway(answer)
    citizen.phone.submit(citizen.phone.open("/status", citizen.phone.ticket()), "/sign-out")

    assert is_refused(citizen.by_the_gateway(answer), portal_store, clock, "This sign-in is over")


def test_s3_a_sign_in_that_somebody_else_was_talked_into_opens_nobodys_device(citizen, portal_store, clock):
    """The link of one device's sign-in, opened by a victim: their browser is at another device."""
    answer = citizen.come_back(citizen.sign_in(citizen.begin(), "juno"))

    assert is_refused(citizen.by_the_gateway(answer, device=OTHER_PHONE), portal_store, clock, "another device")
    assert visits(portal_store, clock, OTHER_PHONE) is None
    assert is_refused(citizen.by_the_gateway(answer), portal_store, clock, "This sign-in is over")


def test_s3_the_tap_needs_this_devices_own_form(citizen, portal_store):
    page = citizen.phone.open("/eid", citizen.phone.ticket())
    answer = citizen.phone.submit(page, "/eid", s=citizen.phone.ticket(device=OTHER_PHONE))

    assert answer.status_code == 403
    assert citizen.phone.submit(page, "/eid", headers={"Origin": "https://evil.example"}).status_code == 403


def test_a_sign_in_ends_after_ten_minutes_at_the_provider(citizen, portal_store, clock):
    url = citizen.sign_in(citizen.begin())
    clock.moment += timedelta(minutes=10)
    assert is_refused(citizen.come_back(url), portal_store, clock, "This sign-in is over")


def test_the_way_back_by_the_gateway_may_take_two_minutes(citizen, portal_store, clock):
    answer = citizen.come_back(citizen.sign_in(citizen.begin()))
    clock.moment += timedelta(minutes=2)
    assert is_refused(citizen.by_the_gateway(answer), portal_store, clock, "This sign-in is over")


def test_who_stops_at_the_provider_is_told_so_and_can_start_again(citizen, portal_store, clock):
    answer = citizen.come_back(citizen.sign_in(citizen.begin(), password=""))

    assert (answer.status_code, visits(portal_store, clock)) == (200, None)
    assert "You did not sign in" in answer.text
    assert citizen.go_online().status_code == 303


def test_where_the_place_does_not_offer_the_eid_it_opens_nothing(citizen, face, openid, portal_store, clock):
    plain = replace(face, admission=replace(face.admission, ways=(Method.CLICK_THROUGH,)))
    page = citizen.phone.open("/eid", citizen.phone.ticket())
    way = {Method.EID: lambda face: EidWay(face, EidSignIns(face.admission), openid)}
    phone = replace(citizen.phone, client=create_app(plain, way).test_client(use_cookies=False))

    assert phone.open("/eid", phone.ticket()).headers["Location"].startswith("/?")
    assert phone.submit(page, "/eid").status_code == 403
    assert Granting(portal_store, clock, eid_hosts=("id.example",)).answer("gw-1", 0).openings == ()


def test_one_device_opens_the_provider_only_so_often(citizen):
    for _ in range(20):
        citizen.begin()
    page = citizen.phone.open("/eid", citizen.phone.ticket())
    assert citizen.phone.submit(page, "/eid").status_code == 429


def test_who_has_their_data_deleted_leaves_no_sign_in_behind(citizen, portal_store, clock):
    citizen.go_online()
    citizen.phone.submit(citizen.phone.open("/status", citizen.phone.ticket()), "/erase")
    with portal_store.begin() as tx:
        assert tx.records.forget("eid_sign_in", clock.now() + timedelta(days=1), 9) == 0


def test_d4_whoever_reads_a_draft_accepts_the_citys_own_text_before_the_eid_opens(phone):
    page = phone.open("/eid", phone.ticket(), l="ar").text
    spoken = catalogue.load(["ko", "ar"])
    assert f'lang="ko" dir="ltr">{spoken["ko"]("welcome.accept")}</p>' in page
    assert '<div lang="ko" dir="ltr"><ul class="short">' in page
    assert spoken["ar"]("welcome.accept") not in page
