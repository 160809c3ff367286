"""A place open in an emergency, on both databases: one tap for everybody there, nobody else, and not for long."""

from datetime import timedelta

import pytest

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import OTHER_PHONE, PHONE, SimulatedGateway
from wifi_manager.domain.blocks import Blocked
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, NotFound
from wifi_manager.domain.visits import Consent, Method
from wifi_manager.services.admission import Admission
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.emergencies import Emergencies
from wifi_manager.storage.vault import Vault

CONSENT = Consent("2026-11", "ko")
HOURS = timedelta(hours=1)
PARK, HALL = a_site(), a_site(district="Hill district", name="Hall")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def city(store, clock):
    """A park and a hall in two districts, each with a gateway; all want a voucher. A bus serves no site."""
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.plans.save(a_plan(name="emergency", lifetime=2 * HOURS))
        tx.sites.save([PARK, HALL])
        numbers = tx.sites.numbers()
    for name, site in (("gw-park", PARK), ("gw-hall", HALL)):
        SimulatedGateway(store, name).enrol(vault, numbers[site.key])
    SimulatedGateway(store, "gw-bus").enrol(vault)
    return Admission(store, vault, clock, ways=(Method.VOUCHER,), emergency_plan="emergency")


@pytest.fixture
def emergencies(city, store, clock):
    return Emergencies(store, clock, "emergency")


def ticket(city, gateway="gw-park", device=PHONE):
    return city.asking(SimulatedGateway(city.store, gateway).ticket(city.clock.now(), device))


def open_park(emergencies, hours=6, site=PARK.name):
    return emergencies.open(PARK.district, site, NOON + hours * HOURS, "flood", "chief")


@pytest.mark.parametrize("site", [PARK.name, None])
def test_everybody_there_gets_online_with_one_tap_under_the_emergency_plan(city, emergencies, site):
    with pytest.raises(Forbidden):
        city.accept(ticket(city), CONSENT)
    open_park(emergencies, site=site)
    assert city.offered(ticket(city)) == (Method.CLICK_THROUGH, Method.VOUCHER)
    visit = city.accept(ticket(city), CONSENT).visit
    assert (visit.plan.name, visit.expires_at) == ("emergency", NOON + 2 * HOURS)
    for elsewhere in ("gw-hall", "gw-bus"):
        assert city.offered(ticket(city, elsewhere)) == (Method.VOUCHER,)
        with pytest.raises(Forbidden):
            city.accept(ticket(city, elsewhere, OTHER_PHONE), CONSENT)


def test_another_site_of_the_district_is_open_only_with_the_whole_district(city, emergencies, store):
    with store.begin() as tx:
        tx.sites.save([a_site(name="Library")])
    number = emergencies.open(PARK.district, "Library", NOON + HOURS, "flood", "chief")
    assert city.offered(ticket(city)) == (Method.VOUCHER,)
    emergencies.close(number, "chief")
    emergencies.open(PARK.district, None, NOON + HOURS, "flood", "chief")
    assert city.offered(ticket(city))[0] is Method.CLICK_THROUGH


def test_a_blocked_device_stays_out(city, emergencies, store, clock):
    Blocking(store, clock).add(PHONE, None, "somebody")
    open_park(emergencies)
    with pytest.raises(Blocked):
        city.accept(ticket(city), CONSENT)


@pytest.mark.parametrize("by_hand", [True, False])
def test_it_ends_by_hand_and_by_itself_and_visits_live_on_to_the_end_of_their_plan(city, emergencies, clock, by_hand):
    number = open_park(emergencies)
    clock.advance(6 * HOURS - timedelta(seconds=1))
    visit = city.accept(ticket(city), CONSENT).visit
    if by_hand:
        emergencies.close(number, "chief")
    clock.advance(timedelta(seconds=1))
    assert emergencies.open_now() == []
    assert city.offered(ticket(city)) == (Method.VOUCHER,)
    with pytest.raises(Forbidden):
        city.accept(ticket(city, device=OTHER_PHONE), CONSENT)
    assert city.present(ticket(city)).visit.public_id == visit.public_id
    with pytest.raises(Conflict):
        emergencies.close(number, "chief")


def test_of_two_that_overlap_the_later_end_holds(city, emergencies):
    open_park(emergencies, hours=6)
    short = open_park(emergencies, hours=2, site=None)
    with city.store.read() as tx:
        assert tx.networks.place("gw-park", "guests").emergency_until == NOON + 6 * HOURS
    emergencies.close(short, "chief")
    assert city.offered(ticket(city))[0] is Method.CLICK_THROUGH


def test_without_a_plan_of_its_own_the_usual_one_of_the_place_holds(city, store, clock):
    open_park(Emergencies(store, clock))
    usual = Admission(store, city.vault, clock, ways=(Method.VOUCHER,))
    assert usual.accept(ticket(usual), CONSENT).visit.plan.name == "day"


def test_what_cannot_be_opened_is_refused_with_a_sentence(emergencies, store, clock):
    for until in (NOON, NOON + 72 * HOURS + timedelta(seconds=1)):
        with pytest.raises(BadInput, match="within 72 hours"):
            emergencies.open(PARK.district, None, until, "flood", "chief")
    with pytest.raises(BadInput, match="why"):
        emergencies.open(PARK.district, None, NOON + HOURS, "", "chief")
    with pytest.raises(NotFound, match="Nowhere"):
        emergencies.open(PARK.district, "Nowhere", NOON + HOURS, "flood", "chief")
    with pytest.raises(NotFound, match="Far away"):
        emergencies.open("Far away", None, NOON + HOURS, "flood", "chief")
    with pytest.raises(NotFound, match="missing"):
        Emergencies(store, clock, "missing").open(PARK.district, None, NOON + HOURS, "flood", "chief")
    with pytest.raises(NotFound):
        emergencies.close(99, "chief")
    assert emergencies.newest() == []


def test_who_opened_and_closed_it_and_why_stands_in_the_audit_trail(emergencies, store):
    number = open_park(emergencies)
    emergencies.close(number, "deputy")
    with store.read() as tx:
        closed, opened = tx.audit.newest(2, noun="emergency", subject=str(number))
    assert (opened.actor, opened.action, opened.after["why"]) == ("chief", "opened", "flood")
    assert (closed.actor, closed.action) == ("deputy", "closed")
