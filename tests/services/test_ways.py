"""What a place offers, and what a proof allows, on both databases."""

from datetime import timedelta

import pytest

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import SimulatedGateway
from wifi_manager.domain.errors import Forbidden, NotFound
from wifi_manager.domain.grants import Usage
from wifi_manager.domain.networks import Network, Place
from wifi_manager.domain.visits import Consent, EndReason, Method, Proof
from wifi_manager.services.admission import Admission
from wifi_manager.services.granting import Granting
from wifi_manager.services.networks import Networks
from wifi_manager.services.places import Places
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.reports import Report

CONSENT = Consent("2026-11", "ko")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def gateway(store):
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.plans.save(a_plan(name="guest", lifetime=timedelta(hours=2), volume_bytes=500))
        tx.sites.save([a_site()])
        number = tx.sites.numbers()[a_site().key]
    made = SimulatedGateway(store)
    made.enrol(Vault(A_MASTER_KEY, A_CITY.slug), number)
    return made


@pytest.fixture
def admission(store, clock, gateway):
    return Admission(store, Vault(A_MASTER_KEY, A_CITY.slug), clock, ways=tuple(Method))


def accepted(admission, gateway, clock, proof):
    ticket = admission.asking(gateway.ticket(clock.now()))
    return admission.accept(ticket, CONSENT, lambda _tx, _ticket, _now: proof).visit


def test_a_visit_remembers_how_its_citizen_got_in(admission, gateway, clock, store):
    visit = accepted(admission, gateway, clock, Proof(Method.VOUCHER, b"digest"))
    with store.read() as tx:
        kept = tx.visits.get(visit.public_id)
    assert (kept.method, kept.holder, kept) == (Method.VOUCHER, b"digest", visit)


def test_a_proof_can_choose_the_plan_and_end_the_visit_before_the_plan_does(admission, gateway, clock):
    end = NOON + timedelta(minutes=30)
    visit = accepted(admission, gateway, clock, Proof(Method.VOUCHER, plan="guest", ends_by=end))
    assert (visit.plan.name, visit.expires_at) == ("guest", end)


def test_a_proof_cannot_prolong_a_plan(admission, gateway, clock):
    proof = Proof(Method.VOUCHER, plan="guest", ends_by=NOON + timedelta(days=9), volume_bytes=10**9)
    visit = accepted(admission, gateway, clock, proof)
    assert (visit.expires_at, visit.plan.volume_bytes) == (NOON + timedelta(hours=2), 500)


def test_what_is_left_of_a_proof_is_what_the_gateway_grants_and_what_ends_the_visit(admission, gateway, clock, store):
    visit = accepted(admission, gateway, clock, Proof(Method.VOUCHER, volume_bytes=100))
    granting = Granting(store, clock)
    assert [each.volume_bytes for each in granting.answer("gw-1", 0).grants] == [100]
    granting.report("gw-1", Report(1, (Usage(visit.public_id, 40, 60),)))
    with store.read() as tx:
        assert tx.visits.get(visit.public_id).end_reason is EndReason.VOLUME_USED


def test_a_way_that_the_place_does_not_offer_opens_nothing(admission, gateway, clock, store):
    Places(store, clock).offer(a_site().key, (Method.VOUCHER,), "somebody")
    with pytest.raises(Forbidden, match="not offered at this place"):
        accepted(admission, gateway, clock, Proof())
    assert accepted(admission, gateway, clock, Proof(Method.VOUCHER)).method is Method.VOUCHER


def test_a_network_offers_its_own_ways_before_those_of_its_site_and_of_the_city(admission, gateway, clock, store):
    offered = lambda: admission.offered(admission.asking(gateway.ticket(clock.now())))  # noqa: E731 - asked thrice
    assert offered() == tuple(Method)
    Places(store, clock).offer(a_site().key, (Method.SMS, Method.VOUCHER), "somebody")
    assert offered() == (Method.SMS, Method.VOUCHER)
    Networks(store, clock).set(Network("gw-1", "guests", Place(ways=(Method.EID,))), "somebody")
    assert offered() == (Method.EID,)


def test_a_site_that_nobody_knows_offers_nothing(store, clock, gateway):
    with pytest.raises(NotFound, match="no site 'Nowhere'"):
        Places(store, clock).offer(("River district", "Nowhere"), (), "somebody")


def test_who_changed_the_ways_of_a_site_stands_in_the_audit_trail(store, clock, gateway):
    Places(store, clock).offer(a_site().key, (Method.SMS,), "somebody")
    with store.read() as tx:
        entry = tx.audit.newest(1)[0]
    assert (entry.actor, entry.noun, entry.before, entry.after) == (
        "somebody",
        "site",
        {"ways": []},
        {"ways": ["sms"]},
    )
