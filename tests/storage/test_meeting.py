"""The two questions that every sign-in begins with: who comes and what keeps them out; where, and on which plan."""

from datetime import timedelta

import pytest

from tests.builders import NOON, a_plan, a_site, a_visit, an_asker
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.networks import Network, Place
from wifi_manager.domain.visits import EndReason, Method

PHONE = MacAddress.parse("02:00:5e:10:00:01")
OTHER_PHONE = MacAddress.parse("02:00:5e:10:00:03")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
MARKET = a_site(district="Hill district", name="Market 1")


@pytest.fixture
def city(store):
    """Two sites, two gateways of which one has no site, two plans, and a network with all of its own."""
    with store.begin() as tx:
        tx.sites.save([a_site(), MARKET])
        numbers = tx.sites.numbers()
        tx.gateways.add("gw-1", numbers[a_site().key], b"digest", NOON)
        tx.gateways.add("gw-2", None, b"digest2", NOON)
        for name in ("day", "hour"):
            tx.plans.save(a_plan(name=name))
        own = Place(MARKET.key, "hour", {"en": "Hello"}, (Method.VOUCHER,))
        tx.networks.save(Network("gw-1", "market", own), numbers[MARKET.key])
        tx.networks.save(Network("gw-1", "plain", Place(greetings={"en": "Hi"})), None)
    return store


def comes(tx, device=PHONE, **given):
    visit = a_visit(number=tx.visits.device_number(device, NOON), asker=an_asker(device=device), **given)
    tx.visits.add(visit)
    return visit


def test_who_was_never_here_and_is_not_blocked_is_nobody(city):
    with city.begin() as tx:
        comes(tx, OTHER_PHONE)
        tx.blocks.set(OTHER_PHONE, 1, None, NOON, "chief")
        assert tx.visits.meet(PHONE, NOON) == (None, None)


def test_whoever_came_back_is_known_with_the_newest_visit_and_without_a_block(city):
    with city.begin() as tx:
        first = comes(tx)
        tx.visits.end(first.public_id, NOON, EndReason.SIGNED_OUT)
        second = comes(tx, public_id="v-0002")
        known, kept = tx.visits.meet(PHONE, NOON + HOUR)
        assert (known, kept) == (tx.visits.device(PHONE), None)
        assert known.running(NOON + HOUR) == second


def test_a_device_without_a_visit_is_known_by_its_number(city):
    with city.begin() as tx:
        number = tx.visits.device_number(PHONE, NOON)
        known, kept = tx.visits.meet(PHONE, NOON)
        assert (known, kept) == (tx.visits.device(PHONE), None)
        assert (known.number, known.running(NOON)) == (number, None)


def test_a_block_is_met_until_it_is_over_and_the_visit_with_it(city):
    with city.begin() as tx:
        visit = comes(tx)
        tx.blocks.set(PHONE, visit.number, NOON + HOUR, NOON, "chief")
        known, kept = tx.visits.meet(PHONE, NOON)
        assert (known, kept) == (tx.visits.device(PHONE), tx.blocks.in_force_on(PHONE, NOON))
        assert (kept.block.device, kept.block.until, kept.set_by) == (PHONE, NOON + HOUR, "chief")
        assert tx.visits.meet(PHONE, NOON + HOUR) == (known, None)


def test_a_block_without_an_end_is_met_though_the_device_was_forgotten(city):
    with city.begin() as tx:
        visit = comes(tx)
        tx.blocks.set(PHONE, visit.number, None, NOON, "chief")
        tx.records.erase_device(visit.number, ())
        known, kept = tx.visits.meet(PHONE, NOON + 1000 * DAY)
        assert (known, kept) == (None, tx.blocks.in_force_on(PHONE, NOON))
        assert kept.block.until is None


@pytest.mark.parametrize(
    ("gateway", "network", "place", "plan"),
    [
        ("gw-1", "market", Place(MARKET.key, "hour", {"en": "Hello"}, (Method.VOUCHER,)), "hour"),
        ("gw-1", "plain", Place(a_site().key, None, {"en": "Hi"}), "day"),
        ("gw-1", "unnamed", Place(a_site().key), "day"),
        ("gw-2", "market", Place(), "day"),
        ("gw-9", "market", Place(), None),
    ],
    ids=["all of its own", "a greeting alone", "no network", "no site", "no gateway"],
)
def test_a_place_comes_with_its_own_plan_or_the_usual_one(city, gateway, network, place, plan):
    with city.read() as tx:
        found, at_hand = tx.networks.place_and_plan(gateway, network, "day")
        assert (found, at_hand and at_hand.name) == (place, plan)
        assert found == tx.networks.place(gateway, network)


def test_without_a_usual_plan_a_place_has_its_own_or_none(city):
    with city.read() as tx:
        assert tx.networks.place_and_plan("gw-1", "market", "week")[1] == a_plan(name="hour")
        assert tx.networks.place_and_plan("gw-1", "plain", "week")[1] is None


def test_an_emergency_of_the_district_is_told_with_the_place(city):
    with city.begin() as tx:
        tx.emergencies.add(tx.emergencies.place(MARKET.district, None), NOON, NOON + DAY, "flood", "chief")
        assert tx.networks.place_and_plan("gw-1", "market", "day")[0].emergency_until == NOON + DAY
        assert tx.networks.place_and_plan("gw-1", "plain", "day")[0].emergency_until is None
