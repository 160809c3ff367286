"""Networks on both databases: what one has of its own, and what it has of its gateway."""

import pytest

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import SimulatedGateway
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.networks import Network, Place
from wifi_manager.domain.visits import Consent
from wifi_manager.services.admission import Admission
from wifi_manager.services.networks import Networks
from wifi_manager.storage.vault import Vault

HALL = a_site(name="Town hall")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def gateway(store):
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.plans.save(a_plan(name="hour"))
        tx.sites.save([a_site(), HALL])
        number = tx.sites.numbers()[a_site().key]
    made = SimulatedGateway(store)
    made.enrol(Vault(A_MASTER_KEY, A_CITY.slug), number)
    return made


@pytest.fixture
def networks(store, clock, gateway):
    return Networks(store, clock)


def visit_in(store, clock, gateway, network):
    admission = Admission(store, Vault(A_MASTER_KEY, A_CITY.slug), clock)
    ticket = admission.asking(gateway.ticket(clock.now(), network=network))
    return admission.reception(ticket).place, admission.accept(ticket, Consent("1", "ko")).visit


def test_a_network_has_its_own_site_plan_and_greeting(store, clock, gateway, networks):
    own = Place(HALL.key, "hour", {"ko": "시청에 오신 것을 환영합니다"})
    networks.set(Network("gw-1", "hall", own), "somebody")
    place, visit = visit_in(store, clock, gateway, "hall")
    assert place == own
    assert (visit.site, visit.plan.name, visit.asker.network) == (HALL.key, "hour", "hall")
    with store.read() as tx:
        assert tx.visits.get(visit.public_id) == visit
        assert [(each.site, each.count) for each in tx.reports.active_visits(NOON)] == [("Town hall", 1)]


@pytest.mark.parametrize("network", ["hall", "other"])
def test_what_a_network_does_not_have_is_as_its_gateway_and_city_are(store, clock, gateway, networks, network):
    networks.set(Network("gw-1", "hall", Place()), "somebody")
    place, visit = visit_in(store, clock, gateway, network)
    assert place == Place(a_site().key)
    assert (visit.site, visit.plan.name) == (a_site().key, "day")


def test_all_that_was_said_of_a_network_is_replaced_and_removed_and_stands_in_the_trail(store, networks):
    first, second = Network("gw-1", "hall", Place(HALL.key)), Network("gw-1", "hall", Place(plan="hour"))
    networks.set(first, "somebody")
    networks.set(second, "another")
    assert networks.all() == [second]
    networks.remove("gw-1", "hall", "another")
    assert networks.all() == []
    with store.read() as tx:
        trail = [(each.actor, each.action, each.subject) for each in tx.audit.newest(9, noun="network")]
    told = ("gw-1 hall",)
    assert trail == [("another", "removed", *told), ("another", "set", *told), ("somebody", "set", *told)]


def test_what_is_not_there_is_named(networks):
    for network, said in (
        (Network("gw-9", "hall", Place()), "gw-9"),
        (Network("gw-1", "hall", Place(plan="week")), "week"),
        (Network("gw-1", "hall", Place(("River district", "Nowhere"))), "Nowhere"),
    ):
        with pytest.raises(NotFound, match=said):
            networks.set(network, "somebody")
    with pytest.raises(NotFound, match="nothing of its own"):
        networks.remove("gw-1", "hall", "somebody")


def test_a_name_that_no_gateway_can_have_and_an_endless_greeting_are_refused():
    with pytest.raises(BadInput, match="32"):
        Network("gw-1", "two words", Place())
    with pytest.raises(BadInput, match="300"):
        Network("gw-1", "hall", Place(greetings={"ko": "x" * 301}))
