"""Admission on both databases: one visit a device, tickets that work once, and nobody let in by another's."""

import ipaddress
import threading
from datetime import timedelta

import pytest

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import ANOTHER_ADDRESS, OTHER_PHONE, PHONE, SimulatedGateway
from wifi_manager.domain.errors import BadInput, Forbidden, NotFound
from wifi_manager.domain.visits import Consent, EndReason, Method
from wifi_manager.services.admission import Admission, is_here
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.vault import TICKET_KEY_PURPOSE, Vault
from wifi_manager.wire.tickets import TICKET_LIFETIME, seal

CONSENT = Consent("2026-11", "ko")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def vault():
    return Vault(A_MASTER_KEY, A_CITY.slug)


@pytest.fixture
def gateway(store, vault):
    """gw-1 at a site; gw-2 is enrolled too."""
    with store.begin() as tx:
        tx.sites.save([a_site()])
        tx.plans.save(a_plan())
        number = tx.sites.numbers()[a_site().key]
    SimulatedGateway(store, "gw-2", b"2" * 32).enrol(vault)
    here = SimulatedGateway(store)
    here.enrol(vault, number)
    return here


@pytest.fixture
def there(store, gateway):
    return SimulatedGateway(store, "gw-2", b"2" * 32)


@pytest.fixture
def admission(store, vault, clock):
    return Admission(store, vault, clock)


def revision(store, name="gw-1"):
    with store.read() as tx:
        return tx.gateways.get(name).revision


def fresh(admission, gateway, **given):
    return admission.asking(gateway.ticket(admission.clock.now(), **given))


def test_a_ticket_tells_who_asks(admission, gateway):
    ticket = fresh(admission, gateway)
    assert (ticket.gateway, ticket.device, str(ticket.address)) == ("gw-1", PHONE, "10.1.0.7")


@pytest.mark.parametrize("text", ["", "x", "AA.AAAA", "Z3ctMQ", "Z3ctMQ.", "....", "é", "Z3ctMQ." + "A" * 3000])
def test_a_damaged_ticket_is_refused_in_words(admission, gateway, text):
    with pytest.raises((BadInput, Forbidden), match="link"):
        admission.asking(text)


def test_a_ticket_of_an_unknown_gateway_is_refused(admission, store, gateway, clock):
    with pytest.raises(Forbidden, match="our gateways"):
        admission.asking(SimulatedGateway(store, "gw-9").ticket(clock.now()))


def test_one_gateway_cannot_make_tickets_of_another(admission, gateway, clock):
    forged = seal(b"2" * 32, "gw-1", "guests", PHONE, ipaddress.ip_address("10.1.0.7"), clock.now())
    with pytest.raises(Forbidden):
        admission.asking(forged)


def test_a_ticket_is_worth_nothing_after_its_time(admission, gateway, clock):
    text = gateway.ticket(clock.now())
    clock.advance(TICKET_LIFETIME + timedelta(seconds=1))
    with pytest.raises(Forbidden, match="too old"):
        admission.asking(text)


def test_a_gateway_that_enrols_anew_is_believed_at_once(admission, gateway, store, vault, clock):
    fresh(admission, gateway)
    with store.begin() as tx:
        tx.gateways.renew_token("gw-1", b"again", clock.now() + timedelta(hours=1))
        sealed = vault.seal(TICKET_KEY_PURPOSE, b"3" * 32)
        tx.gateways.enrol(b"again", StoredKeys(b"p" * 32, sealed), clock.now())
    assert fresh(admission, SimulatedGateway(store, "gw-1", b"3" * 32)).device == PHONE


def test_a_tap_opens_a_visit_of_the_citys_plan_and_asks_the_gateway_to_enforce_it(admission, gateway, store):
    before = revision(store)
    change = admission.accept(fresh(admission, gateway), CONSENT)
    visit = change.visit
    assert (visit.gateway, visit.site, visit.consent, visit.method) == (
        "gw-1", a_site().key, CONSENT, Method.CLICK_THROUGH,
    )  # fmt: skip
    assert (visit.opened_at, visit.expires_at) == (NOON, NOON + timedelta(hours=24))
    assert len(visit.public_id) >= 22  # 128 bits in base64
    assert change.revision == revision(store) > before
    with store.read() as tx:
        assert tx.visits.grants("gw-1", NOON) == (visit.grant(),)


def test_l5_a_second_tap_of_the_same_ticket_gets_the_same_answer_and_changes_nothing(admission, gateway, store):
    ticket = fresh(admission, gateway)
    first = admission.accept(ticket, CONSENT)
    again = admission.accept(ticket, Consent("2026-11", "en"))
    assert again == first
    assert revision(store) == first.revision


def test_l5_a_tap_with_a_new_ticket_keeps_the_running_visit(admission, gateway, clock, store):
    first = admission.accept(fresh(admission, gateway), CONSENT)
    clock.advance(timedelta(hours=3))
    again = admission.accept(fresh(admission, gateway), CONSENT)
    assert again == first
    assert revision(store) == first.revision


@pytest.mark.parametrize("same_ticket", [True, False])
def test_l5_two_taps_at_once_open_one_visit(admission, gateway, store, same_ticket):
    ticket = fresh(admission, gateway)
    tickets = [ticket if same_ticket else fresh(admission, gateway) for _ in range(4)]
    together, answers = threading.Barrier(len(tickets)), []

    def tap(ticket):
        together.wait(20)
        answers.append(admission.accept(ticket, CONSENT).visit.public_id)

    threads = [threading.Thread(target=tap, args=[each]) for each in tickets]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == len(tickets)
    assert len(set(answers)) == 1
    with store.read() as tx:
        assert len(tx.visits.grants("gw-1", NOON)) == 1


@pytest.mark.parametrize("address", [ANOTHER_ADDRESS, "2001:db8::7"])
def test_a_device_with_another_address_is_still_here(admission, gateway, store, address):
    first = admission.accept(fresh(admission, gateway), CONSENT)
    ticket = fresh(admission, gateway, address=address)
    assert is_here(first.visit, ticket)
    assert admission.accept(ticket, CONSENT) == first


def test_a_device_in_another_network_of_its_gateway_takes_its_visit_along(admission, gateway, store):
    first = admission.accept(fresh(admission, gateway), CONSENT)
    ticket = fresh(admission, gateway, network="staff")
    assert not is_here(first.visit, ticket)
    moved = admission.resume(ticket)
    assert (moved.visit.public_id, moved.visit.asker.network) == (first.visit.public_id, "staff")
    assert moved.revision == revision(store) > first.revision


def test_u4_a_device_that_comes_to_another_gateway_takes_its_visit_along_without_a_tap(
    admission, gateway, there, store
):
    first = admission.accept(fresh(admission, gateway), CONSENT)
    before = revision(store, "gw-1"), revision(store, "gw-2")
    ticket = fresh(admission, there)
    assert not is_here(first.visit, ticket)
    moved = admission.resume(ticket)
    assert (moved.visit.public_id, moved.visit.gateway) == (first.visit.public_id, "gw-2")
    assert is_here(moved.visit, ticket)
    assert revision(store, "gw-1") > before[0]
    assert moved.revision == revision(store, "gw-2") > before[1]
    with store.read() as tx:
        assert tx.visits.grants("gw-1", NOON) == ()
        assert tx.visits.grants("gw-2", NOON) == (moved.visit.grant(),)


def test_s4_an_old_ticket_does_not_take_a_visit_back(admission, gateway, there):
    old = fresh(admission, gateway)
    admission.accept(old, CONSENT)
    admission.resume(fresh(admission, there))
    assert admission.accept(old, CONSENT).visit.gateway == "gw-2"
    assert admission.resume(old).visit.gateway == "gw-2"


def test_there_is_nothing_to_resume_for_a_new_device(admission, gateway):
    ticket = fresh(admission, gateway)
    assert admission.resume(ticket) is None
    assert admission.present(ticket) is None
    assert admission.known(ticket) is None


def test_s4_after_a_sign_out_the_used_ticket_opens_nothing(admission, gateway, store):
    ticket = fresh(admission, gateway)
    admission.accept(ticket, CONSENT)
    ended = admission.sign_out(ticket)
    assert ended.revision == revision(store)
    with pytest.raises(Forbidden, match="used before"):
        admission.accept(ticket, CONSENT)
    with store.read() as tx:
        assert tx.visits.grants("gw-1", NOON) == ()


def test_s4_a_repeated_sign_out_does_not_end_a_later_visit(admission, gateway):
    ticket = fresh(admission, gateway)
    admission.accept(ticket, CONSENT)
    admission.sign_out(ticket)
    later = admission.accept(fresh(admission, gateway), CONSENT)
    assert admission.sign_out(ticket) is None
    assert admission.present(ticket).visit == later.visit


def test_a_visit_whose_time_is_over_makes_room_for_the_next(admission, gateway, clock):
    first = admission.accept(fresh(admission, gateway), CONSENT)
    clock.advance(timedelta(hours=25))
    second = admission.accept(fresh(admission, gateway), CONSENT)
    assert second.visit.public_id != first.visit.public_id
    assert second.visit.number == first.visit.number
    with admission.store.read() as tx:
        ended = tx.visits.get(first.visit.public_id)
    assert (ended.end_reason, ended.ended_at) == (EndReason.EXPIRED, first.visit.expires_at)


def test_a_ticket_speaks_for_its_own_device_only(admission, gateway):
    admission.accept(fresh(admission, gateway), CONSENT)
    stranger = fresh(admission, gateway, device=OTHER_PHONE, address=ANOTHER_ADDRESS)
    assert admission.present(stranger) is None
    assert admission.known(stranger) is None
    assert admission.sign_out(stranger) is None
    assert admission.erase(stranger) is None
    assert admission.present(fresh(admission, gateway)) is not None


def test_an_erased_device_is_not_known_any_more(admission, gateway):
    ticket = fresh(admission, gateway)
    opened = admission.accept(ticket, CONSENT)
    ended = admission.erase(ticket)
    assert ended.visit.public_id == opened.visit.public_id
    assert ended.revision > opened.revision
    assert admission.known(ticket) is None
    assert admission.erase(ticket) is None


def test_a_device_that_signed_out_can_be_erased_too(admission, gateway):
    ticket = fresh(admission, gateway)
    admission.accept(ticket, CONSENT)
    admission.sign_out(ticket)
    assert admission.known(ticket).end_reason is EndReason.SIGNED_OUT
    assert admission.erase(ticket) is None
    assert admission.known(ticket) is None


def test_an_acknowledged_change_is_enforced(admission, gateway):
    change = admission.accept(fresh(admission, gateway), CONSENT)
    with gateway.acknowledging():
        assert admission.wait_enforced(change, limit_seconds=20)


def test_waiting_ends_at_its_limit(admission, gateway):
    change = admission.accept(fresh(admission, gateway), CONSENT)
    assert not admission.wait_enforced(change, limit_seconds=0.05)
    gateway.acknowledge()
    assert admission.wait_enforced(change, limit_seconds=20)


def test_without_its_plan_nobody_can_be_let_in(store, vault, clock, gateway):
    Admission(store, vault, clock).check()
    with pytest.raises(NotFound, match="'week'"):
        Admission(store, vault, clock, plan="week").check()
