"""Remembered devices that gateways report: online before any page, on both databases."""

import ipaddress
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_legal_profile, a_plan, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import OTHER_PHONE, PHONE, SimulatedGateway
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.grants import Arrival, Usage
from wifi_manager.domain.networks import Network, Place
from wifi_manager.domain.visits import Consent, EndReason, Method, Proof
from wifi_manager.services.accounts import Accounts, Rules
from wifi_manager.services.admission import Admission
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.granting import Granting
from wifi_manager.services.networks import Networks
from wifi_manager.services.opening import Opening, Usual
from wifi_manager.services.returning import Returning
from wifi_manager.services.stewardship import Stewardship
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.reports import Report

CONSENT = Consent("2026-11", "ko")
A_DAY, TAP = timedelta(days=1), Proof()
RETURNING = Returning(Opening(Usual()), timedelta(days=30), "2026-11")
ADDRESS = ipaddress.ip_address("10.1.0.7")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def vault():
    return Vault(A_MASTER_KEY, A_CITY.slug)


@pytest.fixture
def gateway(store, vault):
    with store.begin() as tx:
        tx.plans.save(a_plan(volume_bytes=1000))
        tx.plans.save(a_plan(name="hour", lifetime=timedelta(hours=1)))
        tx.sites.save([a_site()])
        number = tx.sites.numbers()[a_site().key]
    SimulatedGateway(store, "gw-2", b"2" * 32).enrol(vault)
    made = SimulatedGateway(store)
    made.enrol(vault, number)
    return made


@pytest.fixture
def admission(store, vault, clock, gateway):
    return Admission(store, vault, clock, returning=RETURNING)


@pytest.fixture
def granting(store, clock, gateway):
    return Granting(store, clock, returning=RETURNING)


@pytest.fixture
def let_in(admission, gateway, clock):
    """A sign-in with the box ticked."""

    def let_in(proof=TAP, *, remember=True):
        ticket = admission.asking(gateway.ticket(clock.now()))
        return admission.accept(ticket, CONSENT, lambda _tx, _ticket, _now: proof, remember=remember).visit

    return let_in


def arrive(granting, *devices, gateway="gw-1", network="guests"):
    granting.report(gateway, Report(0, (), arrivals=tuple(Arrival(each, ADDRESS, network) for each in devices)))


def online(store, clock, device=PHONE):
    with store.read() as tx:
        return tx.visits.running_of(device, clock.now())


def test_u4_a_remembered_device_that_comes_is_online_before_it_asks_for_a_page(store, clock, granting, let_in):
    first = let_in(Proof(holder=b"number"))
    clock.advance(A_DAY)
    before = granting.revision("gw-1")
    arrive(granting, PHONE)
    visit = online(store, clock)
    assert (visit.method, visit.consent, visit.holder, visit.number) == (
        Method.REMEMBERED, CONSENT, b"number", first.number,
    )  # fmt: skip
    assert visit.expires_at == clock.now() + A_DAY
    news = granting.answer("gw-1", before)
    assert news.grants == (visit.grant(),)
    with store.read() as tx:
        assert tx.visits.get(first.public_id).end_reason is EndReason.EXPIRED


def test_u4_it_comes_in_at_any_gateway_by_the_plan_of_the_place(store, clock, granting, let_in):
    let_in()
    clock.advance(A_DAY)
    Networks(store, clock).set(Network("gw-2", "bus", Place(plan="hour")), "somebody")
    arrive(granting, PHONE, gateway="gw-2", network="bus")
    assert (online(store, clock).gateway, online(store, clock).plan.name) == ("gw-2", "hour")


def test_l5_a_device_that_is_reported_again_keeps_its_visit(store, clock, granting, let_in):
    let_in()
    clock.advance(A_DAY)
    arrive(granting, PHONE)
    visit, revision = online(store, clock), granting.revision("gw-1")
    arrive(granting, PHONE)
    assert (online(store, clock), granting.revision("gw-1")) == (visit, revision)


def test_who_is_not_remembered_stays_out_and_nothing_is_written(store, clock, granting, let_in):
    let_in(remember=False)
    clock.advance(A_DAY)
    before = granting.revision("gw-1")
    arrive(granting, PHONE, OTHER_PHONE)
    assert online(store, clock) is online(store, clock, OTHER_PHONE) is None
    assert granting.revision("gw-1") == before


def test_a_used_up_volume_is_used_up_until_the_visit_would_have_ended(store, clock, granting, let_in):
    visit = let_in()
    granting.report("gw-1", Report(1, (Usage(visit.public_id, 400, 600),)))
    clock.advance(timedelta(hours=23))
    arrive(granting, PHONE)
    assert online(store, clock) is None
    clock.advance(timedelta(hours=1))
    arrive(granting, PHONE)
    assert online(store, clock) is not None


def test_a_block_new_terms_another_way_in_and_the_citys_no_keep_it_out(store, clock, granting, let_in):
    let_in()
    clock.advance(A_DAY)
    for returning in (
        replace(RETURNING, terms_version="2027-01"),
        replace(RETURNING, remembered_for=timedelta(0)),
        replace(RETURNING, opening=Opening(Usual(ways=(Method.VOUCHER,)))),
        None,
    ):
        arrive(replace(granting, returning=returning), PHONE)
        assert online(store, clock) is None
    row = Blocking(store, clock).add(PHONE, None, "somebody")
    arrive(granting, PHONE)
    assert online(store, clock) is None
    Blocking(store, clock).remove(row, "somebody")
    arrive(granting, PHONE)
    assert online(store, clock) is not None


def test_a_crowd_of_new_devices_costs_one_question(store, engine, granting, let_in):
    let_in()
    crowd = [MacAddress(bytes([2, 0, 0, 1, 0, n])) for n in range(50)]
    asked = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    arrive(granting)
    alone = len(asked)
    asked.clear()
    arrive(granting, *crowd)
    assert len(asked) - alone <= 2  # a read's own beginning counts on PostgreSQL


def test_the_box_costs_a_tap_one_statement_and_no_box_none(engine, admission, gateway, clock, let_in):
    asked = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append(given[2]))

    def statements(device, *, remember):
        ticket = admission.asking(gateway.ticket(clock.now(), device=MacAddress(bytes([2, 0, 0, 2, 0, device]))))
        asked.clear()
        admission.accept(ticket, CONSENT, remember=remember)
        return len(asked)

    statements(0, remember=True)
    assert statements(1, remember=True) == statements(2, remember=False) + 1


def test_a_remembered_device_outlives_its_visits_and_is_forgotten_when_its_time_is_over(
    store, clock, let_in, granting
):
    let_in()
    tidy = Stewardship(store, clock, a_legal_profile(visits=2)).tidy
    for _ in range(10):
        clock.advance(A_DAY)
        tidy()
    with store.read() as tx:
        assert tx.visits.device(PHONE).visit is None
    arrive(granting, PHONE)
    assert online(store, clock) is not None
    clock.advance(timedelta(days=20))
    assert tidy().remembered_devices == 1
    clock.advance(timedelta(days=3))
    tidy()
    with store.read() as tx:
        assert tx.visits.device(PHONE) is None


def test_d2_a_remembered_device_is_known_by_older_keys_and_gets_todays(store, engine, clock, granting, let_in):
    let_in()
    with store.begin() as tx:
        tx.pseudonyms.add_key(clock.now())
    clock.advance(A_DAY)
    with store.read() as tx:
        assert tx.remembered.worth_a_look([PHONE, OTHER_PHONE], clock.now()) == {PHONE}
    arrive(granting, PHONE)
    assert online(store, clock) is not None
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT key_id FROM device")) is not None
    with store.read() as tx:
        assert tx.remembered.worth_a_look([PHONE, OTHER_PHONE], clock.now()) == {PHONE}


def test_a_number_that_is_not_good_any_more_is_remembered_on_no_device(store, clock, let_in, granting):
    let_in(Proof(holder=b"number"))
    with store.begin() as tx:
        assert tx.remembered.forget_holder(b"number") == 1
    clock.advance(A_DAY)
    arrive(granting, PHONE)
    assert online(store, clock) is None


@pytest.mark.parametrize("deed", ["disable", "remove"])
def test_an_account_that_is_shut_or_deleted_is_remembered_on_no_device(store, vault, clock, let_in, granting, deed):
    accounts = Accounts(store, vault, clock, Rules())
    (opened,) = accounts.add(["first.last"], "somebody")
    with store.read() as tx:
        holder = tx.accounts.holder(opened.number)
    let_in(Proof(holder=holder))
    clock.advance(A_DAY)
    getattr(accounts, deed)(opened.number, "somebody")
    arrive(granting, PHONE)
    assert online(store, clock) is None


@pytest.mark.parametrize("method", [Method.SMS, Method.VOUCHER])
def test_d5_erasing_takes_the_link_to_a_number_and_to_a_voucher(store, admission, gateway, clock, method):
    admission = replace(admission, ways=tuple(Method))
    ticket = admission.asking(gateway.ticket(clock.now()))
    visit = admission.accept(ticket, CONSENT, lambda _tx, _ticket, _now: Proof(method, b"digest")).visit
    admission.erase(ticket)
    with store.read() as tx:
        assert (tx.visits.get(visit.public_id).number, tx.visits.get(visit.public_id).holder) == (0, None)
