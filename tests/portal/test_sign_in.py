"""From the page to the open network, as a phone without script and cookies walks it, on both databases."""

import threading

import pytest

from tests.fakes.gateway import AN_ADDRESS, ANOTHER_ADDRESS, OTHER_PHONE, PHONE, SimulatedGateway
from tests.portal.conftest import form_of

pytestmark = pytest.mark.usefixtures("store")


def count(registry, name, **labels):
    return registry.get_sample_value(name, {"city": "haneul", **labels})


def test_l1_u2_one_tap_leads_online_without_cookie_or_script(phone):
    page = phone.open("/", phone.ticket())
    arrived = phone.follow(phone.submit(page, "/connect"))
    assert arrived.status_code == 200
    assert "You&#39;re online" in arrived.text
    assert "24 h 0 min" in arrived.text
    for answer in (page, arrived):
        assert "Set-Cookie" not in answer.headers
        assert "<script" not in answer.text


def test_l2_the_303_comes_after_the_acknowledgement(phone, portal_store):
    page = phone.open("/", phone.ticket())
    with portal_store.read() as tx:
        before = tx.gateways.get("gw-1")
    answer = phone.submit(page, "/connect")
    with portal_store.read() as tx:
        after = tx.gateways.get("gw-1")
    assert answer.headers["Location"].startswith("/connected?")
    assert after.acknowledged == after.revision > before.revision


def test_l3_success_is_a_303_to_a_page_of_the_same_origin(phone):
    answer = phone.submit(phone.open("/", phone.ticket()), "/connect")
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/connected?s=")
    assert phone.follow(answer).status_code == 200


def test_l4_a_slow_gateway_gets_a_page_that_renews_itself_until_it_answers(waiting_phone):
    ticket = waiting_phone.ticket()
    page = waiting_phone.go_online(ticket)
    assert '<meta http-equiv="refresh" content="2;url=/connecting?' in page.text
    assert "One moment" in page.text
    waiting_phone.gateway.acknowledge()
    assert waiting_phone.open("/connecting", ticket, n=3).headers["Location"].startswith("/connected?")


def test_l4_after_20_seconds_it_gives_up_politely(waiting_phone, registry):
    ticket = waiting_phone.ticket()
    waiting_phone.go_online(ticket)
    assert "refresh" in waiting_phone.open("/connecting", ticket, n=9).text
    late = waiting_phone.open("/connecting", ticket, n=10)
    assert late.status_code == 200
    assert "refresh" not in late.text
    assert "You did nothing wrong" in late.text
    assert 'href="http://wifi.home.arpa/"' in late.text
    assert count(registry, "wifi_sign_in_failures_total", reason="gateway") == 1


@pytest.mark.parametrize("tries", ["x", "-5", "", "9" * 40])
def test_l4_a_made_up_count_of_tries_breaks_nothing(waiting_phone, tries):
    ticket = waiting_phone.ticket()
    waiting_phone.go_online(ticket)
    assert waiting_phone.open("/connecting", ticket, n=tries).status_code == 200


def test_l5_submitting_twice_going_back_and_reloading_lead_to_the_same_visit(phone, portal_store):
    ticket = phone.ticket()
    page = phone.open("/", ticket)
    first = phone.submit(page, "/connect")
    again = phone.submit(page, "/connect")
    assert first.headers["Location"] == again.headers["Location"]
    back = phone.open("/", ticket)
    assert back.headers["Location"].startswith("/status?")
    assert phone.open("/connected", ticket).status_code == 200
    with portal_store.read() as tx:
        assert len(tx.visits.grants("gw-1", phone.clock.now())) == 1


def test_l5_two_taps_at_once_open_one_visit(phone, app, portal_store):
    target, fields = form_of(phone.open("/", phone.ticket()), "/connect")
    together, answers = threading.Barrier(2), []

    def tap():
        client = app.test_client(use_cookies=False)
        together.wait(20)
        answers.append(client.post(target, data=fields).headers["Location"])

    threads = [threading.Thread(target=tap) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert [answer.partition("?")[0] for answer in answers] == ["/connected", "/connected"]
    with portal_store.read() as tx:
        assert len(tx.visits.grants("gw-1", phone.clock.now())) == 1


def test_u4_a_device_that_moved_is_online_again_without_a_tap(phone, portal_store):
    phone.go_online(phone.ticket())
    answer = phone.open("/", phone.ticket(address=ANOTHER_ADDRESS))
    assert answer.headers["Location"].startswith("/connected?")
    with portal_store.read() as tx:
        (grant,) = tx.visits.grants("gw-1", phone.clock.now())
    assert str(grant.address) == ANOTHER_ADDRESS


def test_the_consent_says_which_terms_were_read_in_which_language(phone, portal_store):
    page = phone.open("/", phone.ticket(), l="ko")
    phone.submit(page, "/connect")
    with portal_store.read() as tx:
        (grant,) = tx.visits.grants("gw-1", phone.clock.now())
        consent = tx.visits.get(grant.visit).consent
    assert (consent.terms_version, consent.language) == ("2026-11", "ko")


def test_a_page_that_says_online_is_shown_to_nobody_else(phone):
    phone.go_online(phone.ticket())
    stranger = phone.ticket(device=OTHER_PHONE, address=ANOTHER_ADDRESS)
    assert phone.open("/connected", stranger).headers["Location"].startswith("/?s=")
    assert phone.open("/connecting", stranger).headers["Location"].startswith("/?s=")


def test_the_funnel_is_counted(phone, registry):
    phone.go_online(phone.ticket())
    phone.client.post("/connect", data={"s": "broken"})
    stages = {
        stage: count(registry, "wifi_sign_in_stages_total", stage=stage)
        for stage in ("page", "submitted", "enforced", "late")
    }
    assert stages == {"page": 1, "submitted": 2, "enforced": 1, "late": 0}
    assert count(registry, "wifi_sign_in_failures_total", reason="damaged") == 1
    assert count(registry, "wifi_sign_in_seconds_count") == 1


def test_no_address_and_no_ticket_reaches_the_log(phone, logged, vault, portal_store):
    ticket = phone.ticket()
    phone.go_online(ticket)
    status = phone.open("/status", ticket)
    phone.submit(status, "/sign-out")
    phone.submit(status, "/erase")
    phone.open("/", ticket + "x")
    phone.open("/nowhere", ticket)
    phone.client.post("/connect", data={"s": SimulatedGateway(portal_store, "gw-9").ticket(phone.clock.now())})
    said = logged.getvalue()
    assert '"route": "/status"' in said
    sealed = ticket.split(".")[1]
    for secret in (PHONE.full(), PHONE.octets.hex(), AN_ADDRESS, "127.0.0.1", ticket, sealed, sealed[:12]):
        assert secret not in said
