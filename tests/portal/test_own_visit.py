"""The visit in the citizen's hand: what is left of it, how it is extended, their other devices, and why it ended."""

import html
from datetime import timedelta

import pytest

from portal import catalogue
from tests.builders import NOON, a_plan
from tests.fakes.gateway import ANOTHER_ADDRESS, OTHER_PHONE, PHONE
from wifi_manager.domain.grants import Usage
from wifi_manager.domain.visits import Consent, EndReason, Method, Proof
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.plans import Planning

pytestmark = pytest.mark.slow

CONSENT = Consent("2026-11", "en")
LANGUAGES = ("en", "ko")


@pytest.fixture
def plan(portal_store, gateway, clock):
    """Changes the plan of a tap."""
    return lambda **given: Planning(portal_store, clock).apply([a_plan(**given)], "somebody")


def the_visit(store, phone, device=PHONE):
    with store.read() as tx:
        return tx.visits.running_of(device, phone.clock.now())


def ended(store, phone, reason):
    with store.begin() as tx:
        visit = tx.visits.running_of(PHONE, phone.clock.now())
        tx.visits.end(visit.public_id, phone.clock.now(), reason)


def let_in(phone, face, device=PHONE, holder=b"number", address="10.1.0.7", **proof):
    """A visit by a proof that has a holder."""
    admission = face.admission
    ticket = admission.asking(phone.ticket(device=device, address=address))
    given = Proof(Method.CLICK_THROUGH, holder, **proof)
    return admission.accept(ticket, CONSENT, lambda _tx, _ticket, _now: given).visit


def test_u5_the_status_page_shows_the_data_left_in_each_way_that_is_limited(phone, plan, portal_store):
    plan(volume_bytes=100_000_000, up_volume_bytes=20_000_000)
    phone.go_online(phone.ticket())
    with portal_store.begin() as tx:
        (grant,) = tx.visits.grants("gw-1", phone.clock.now())
        tx.metering.record("gw-1", [Usage(grant.visit, 5_000_000, 30_000_000)])
    page = phone.open("/status", phone.ticket()).text
    assert "Data left</dt><dd>65 MB" in page
    assert "Data left to send</dt><dd>15 MB" in page
    assert "Data left to receive" not in page


def test_u5_u6_a_visit_is_extended_by_its_lifetime_as_often_as_its_plan_says(phone, plan, portal_store):
    plan(extensions=2)
    phone.go_online(phone.ticket())
    for days in (2, 3):
        page = phone.open("/status", phone.ticket())
        assert "Extend by 24 h 0 min" in page.text
        back = phone.follow(phone.submit(page, "/extend"))
        assert the_visit(portal_store, phone).expires_at == NOON + timedelta(days=days)
    assert "/extend" not in back.text
    assert "Times extended</dt><dd>2" in back.text


def test_u5_an_extension_reaches_the_gateway_before_the_page_and_keeps_what_was_used(phone, plan, portal_store):
    plan(extensions=1, volume_bytes=1000)
    phone.go_online(phone.ticket())
    visit = the_visit(portal_store, phone)
    with portal_store.begin() as tx:
        tx.metering.record("gw-1", [Usage(visit.public_id, 100, 200)])
    phone.submit(phone.open("/status", phone.ticket()), "/extend")
    with portal_store.read() as tx:
        (grant,), gateway = tx.visits.grants("gw-1", phone.clock.now()), tx.gateways.get("gw-1")
    assert gateway.acknowledged == gateway.revision
    assert (grant.visit, grant.expires_at) == (visit.public_id, NOON + timedelta(days=2))
    assert the_visit(portal_store, phone).data_left().both == 700


def test_l5_extending_twice_going_back_and_reloading_extend_once(phone, plan, portal_store):
    plan(extensions=5)
    ticket = phone.ticket()
    phone.go_online(ticket)
    page = phone.open("/status", ticket)
    answers = [phone.submit(page, "/extend").headers["Location"] for _ in range(3)]
    assert len(set(answers)) == 1
    assert answers[0].startswith("/status?s=")
    assert the_visit(portal_store, phone).expires_at == NOON + timedelta(days=2)


def test_s4_an_old_ticket_does_not_extend_a_later_visit(phone, plan, portal_store):
    plan(extensions=5)
    ticket = phone.ticket()
    phone.go_online(ticket)
    old = phone.open("/status", ticket)
    phone.submit(old, "/extend")
    phone.submit(old, "/sign-out")
    phone.go_online(phone.ticket())
    phone.submit(old, "/extend")
    assert the_visit(portal_store, phone).expires_at == NOON + timedelta(days=1)


def test_an_extension_after_the_end_changes_nothing(phone, plan, portal_store):
    plan(extensions=1)
    phone.go_online(phone.ticket())
    phone.clock.advance(timedelta(hours=24) - timedelta(minutes=1))
    page = phone.open("/status", phone.ticket())
    phone.clock.advance(timedelta(minutes=1))
    assert phone.submit(page, "/extend").status_code == 303
    assert the_visit(portal_store, phone) is None


def test_a_visit_does_not_outlive_its_proof(phone, plan, portal_store, face):
    plan(extensions=9)
    let_in(phone, face, ends_by=NOON + timedelta(hours=30))
    phone.submit(phone.open("/status", phone.ticket()), "/extend")
    assert the_visit(portal_store, phone).expires_at == NOON + timedelta(hours=30)
    assert "/extend" not in phone.open("/status", phone.ticket()).text


def test_a_plan_without_extensions_offers_none_and_takes_none(phone, plan, portal_store):
    phone.go_online(phone.ticket())
    assert "/extend" not in phone.open("/status", phone.ticket()).text
    plan(extensions=1)
    page = phone.open("/status", phone.ticket())
    plan()
    phone.submit(page, "/extend")
    assert the_visit(portal_store, phone).expires_at == NOON + timedelta(days=1)


@pytest.mark.parametrize(
    ("hours_left", "lifetime", "warned"), [(1.01, 24, False), (0.99, 24, True), (0.2, 1, False), (0.15, 1, True)]
)
def test_u6_a_notice_stands_on_the_page_before_the_end(phone, plan, hours_left, lifetime, warned):
    plan(lifetime=timedelta(hours=lifetime), extensions=1)
    phone.go_online(phone.ticket())
    phone.clock.advance(timedelta(hours=lifetime - hours_left))
    assert ("Your time ends soon" in phone.open("/status", phone.ticket()).text) is warned


def test_u6_the_notice_says_how_to_go_on(phone, plan):
    phone.go_online(phone.ticket())
    phone.clock.advance(timedelta(hours=23, minutes=30))
    assert "open any web page to go online again" in phone.open("/status", phone.ticket()).text
    plan(extensions=1)
    assert "Extend it now, and nothing is interrupted." in phone.open("/status", phone.ticket()).text


def test_u6_the_shipped_plan_of_a_tap_lasts_a_day_and_may_be_extended():
    from wifi_manager import shipped
    from wifi_manager.services.plans import read_file

    day = read_file(shipped.configs() / "plans.toml")[0]
    assert (day.name, day.lifetime >= timedelta(hours=24), day.extensions > 0) == ("day", True, True)


def test_u5_my_other_devices_are_told_by_number_and_moment_and_signed_out_at_once(phone, portal_store, face):
    let_in(phone, face)
    assert "/sign-out-others" not in phone.open("/status", phone.ticket()).text
    phone.clock.advance(timedelta(hours=1))
    let_in(phone, face, OTHER_PHONE, address=ANOTHER_ADDRESS)
    page = phone.open("/status", phone.ticket())
    assert "account: 1<" in page.text
    assert "Online since 2026-06-01 22:00" in page.text
    assert ANOTHER_ADDRESS not in page.text
    back = phone.follow(phone.submit(page, "/sign-out-others"))
    assert "/sign-out-others" not in back.text
    assert the_visit(portal_store, phone) is not None
    assert the_visit(portal_store, phone, OTHER_PHONE) is None
    there = phone.open("/status", phone.ticket(device=OTHER_PHONE, address=ANOTHER_ADDRESS))
    assert "You signed this device out on another device of yours." in there.text


def test_devices_of_somebody_else_and_those_of_a_tap_are_nobodys_others(phone, portal_store, face):
    let_in(phone, face, holder=b"mine")
    let_in(phone, face, OTHER_PHONE, b"yours", ANOTHER_ADDRESS)
    assert "/sign-out-others" not in phone.open("/status", phone.ticket()).text
    let_in(phone, face, OTHER_PHONE, None, ANOTHER_ADDRESS)
    assert "/sign-out-others" not in phone.open("/status", phone.ticket()).text


def test_l5_s4_a_repeated_sign_out_of_others_does_not_end_their_later_visits(phone, portal_store, face):
    let_in(phone, face)
    let_in(phone, face, OTHER_PHONE, address=ANOTHER_ADDRESS)
    page = phone.open("/status", phone.ticket())
    phone.submit(page, "/sign-out-others")
    let_in(phone, face, OTHER_PHONE, address=ANOTHER_ADDRESS)
    assert phone.submit(page, "/sign-out-others").status_code == 303
    assert the_visit(portal_store, phone, OTHER_PHONE) is not None


@pytest.mark.parametrize("does", ["extend", "sign-out-others", "remember", "forget"])
def test_s3_each_deed_has_a_token_of_its_own_for_its_own_device(phone, plan, face, portal_store, does):
    plan(extensions=1)
    ticket, other = phone.ticket(), phone.ticket(device=OTHER_PHONE, address=ANOTHER_ADDRESS)
    phone.go_online(ticket)
    asking = face.admission.asking
    wrong = ["", "x", face.forms.make(asking(ticket), "sign-out"), face.forms.make(asking(other), does)]
    for token in wrong:
        assert phone.client.post(f"/{does}", data={"s": ticket, "token": token}).status_code == 403
    right = {"s": ticket, "token": face.forms.make(asking(ticket), does)}
    assert phone.client.post(f"/{does}", data=right, headers={"Origin": "https://evil.example"}).status_code == 403
    assert phone.client.post(f"/{does}", data=right).status_code == 303
    assert phone.client.get(f"/{does}", query_string=right).status_code == 405


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_end_has_its_reason_and_the_next_step_in_plain_words(waiting_phone, portal_store, language):
    say = catalogue.load(LANGUAGES)[language]
    for reason in EndReason:
        waiting_phone.go_online(waiting_phone.ticket())
        ended(portal_store, waiting_phone, reason)
        page = html.unescape(waiting_phone.open("/status", waiting_phone.ticket(), l=language).text)
        assert say(f"ended.{reason.value}") in page
        assert say(f"next.{reason.value}") in page


def test_the_first_page_says_why_the_visit_ended_while_that_is_news(waiting_phone, portal_store):
    say = catalogue.load(LANGUAGES)["en"]
    for reason in set(EndReason) - {EndReason.SIGNED_OUT}:
        waiting_phone.go_online(waiting_phone.ticket())
        ended(portal_store, waiting_phone, reason)
        said = say(f"ended.{reason.value}")
        assert said in html.unescape(waiting_phone.open("/", waiting_phone.ticket()).text)
        assert said not in html.unescape(waiting_phone.open("/", waiting_phone.ticket(device=OTHER_PHONE)).text)
        waiting_phone.clock.advance(timedelta(days=1))
        assert said not in html.unescape(waiting_phone.open("/", waiting_phone.ticket()).text)


def test_time_that_is_over_is_told_before_anybody_has_written_it_down(phone):
    phone.go_online(phone.ticket())
    phone.clock.advance(timedelta(hours=24))
    for path in ("/", "/status"):
        assert "Your time was used up." in phone.open(path, phone.ticket()).text


def test_who_signed_out_is_not_told_so_on_the_first_page(phone, portal_store):
    phone.go_online(phone.ticket())
    ended(portal_store, phone, EndReason.SIGNED_OUT)
    assert "You signed out" not in phone.open("/", phone.ticket()).text


def test_u5_what_is_known_names_all_that_is_kept(phone, portal_store, face, clock):
    let_in(phone, face)
    phone.submit(phone.open("/status", phone.ticket()), "/sign-out")
    phone.clock.advance(timedelta(hours=2))
    let_in(phone, face)
    page = html.unescape(phone.open("/status", phone.ticket()).text)
    assert "2, the first one from 2026-06-01 21:00" in page
    assert "While you are online, the address itself too, encrypted." in page
    assert "A secret code made from it, to find your other devices." in page
    Blocking(portal_store, clock).add(PHONE, None, "somebody")
    page = html.unescape(phone.open("/status", phone.ticket()).text)
    assert "The address itself is not kept." in page
    assert "The block stays when you delete your data." in page


def test_d5_erasing_takes_the_link_to_the_number_too(phone, portal_store, face):
    visit = let_in(phone, face)
    phone.submit(phone.open("/status", phone.ticket()), "/erase")
    with portal_store.read() as tx:
        kept = tx.visits.get(visit.public_id)
    assert (kept.number, kept.holder, kept.end_reason) == (0, None, EndReason.ERASED)
