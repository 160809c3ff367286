"""Metering on both databases: each stay of a visit counts once, whatever comes late, twice or from somebody else."""

import pytest

from tests.builders import NOON, a_plan, a_visit, an_asker
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.grants import Usage
from wifi_manager.storage.metering import Late

PHONE = MacAddress.parse("02:00:5e:10:00:01")


@pytest.fixture
def visit(store):
    """A visit at gw-1; there are gw-2 and gw-3."""
    with store.begin() as tx:
        for name in ("gw-1", "gw-2", "gw-3"):
            tx.gateways.add(name, None, name.encode(), NOON)
        tx.plans.save(a_plan(volume_bytes=1000, up_volume_bytes=400))
        visit = a_visit(number=tx.visits.device_number(PHONE, NOON), site=None)
        tx.visits.add(visit)
    return visit


def moved(store, visit, gateway):
    """What its gateway knows the visit by after the move."""
    with store.begin() as tx:
        tx.visits.move(visit.public_id, an_asker(gateway=gateway))
        return tx.visits.get(visit.public_id).grant()


def told(store, gateway, name, up, down):
    with store.begin() as tx:
        return tx.metering.record(gateway, [Usage(name, up, down)])


def total(store, visit):
    with store.read() as tx:
        found = tx.visits.get(visit.public_id)
    return found.up_bytes, found.down_bytes


def test_usage_never_shrinks_and_only_the_visits_own_gateway_may_tell_it(store, visit):
    told(store, "gw-1", visit.public_id, 10, 5_000_000_000)
    told(store, "gw-1", visit.public_id, 20, 4)
    told(store, "gw-2", visit.public_id, 999, 999)
    assert total(store, visit) == (20, 5_000_000_000)


def test_every_stay_counts_from_zero_and_their_sum_is_the_visits(store, visit):
    told(store, "gw-1", visit.public_id, 100, 200)
    there = moved(store, visit, "gw-2")
    told(store, "gw-2", there.visit, 7, 8)
    back = moved(store, visit, "gw-1")
    told(store, "gw-1", back.visit, 1, 1)
    assert len({visit.public_id, there.visit, back.visit}) == 3
    assert total(store, visit) == (108, 209)
    assert (there.volume_bytes, there.up_volume_bytes) == (700, 300)
    assert (back.volume_bytes, back.up_volume_bytes) == (685, 293)


def test_the_last_word_of_a_former_gateway_counts_once_however_late_it_comes(store, visit):
    told(store, "gw-1", visit.public_id, 100, 200)
    there = moved(store, visit, "gw-2")
    told(store, "gw-2", there.visit, 5, 5)
    assert told(store, "gw-1", visit.public_id, 110, 230) == [Late("gw-2", visit.number)]
    assert told(store, "gw-1", visit.public_id, 110, 230) == []
    assert told(store, "gw-3", visit.public_id, 999, 999) == []
    assert total(store, visit) == (115, 235)
    told(store, "gw-2", there.visit, 6, 6)
    assert total(store, visit) == (116, 236)
    moved(store, visit, "gw-3")
    told(store, "gw-2", there.visit, 8, 8)
    told(store, "gw-1", visit.public_id, 111, 231)
    assert total(store, visit) == (119, 239)


def test_a_new_address_at_the_same_gateway_is_the_same_stay(store, visit):
    told(store, "gw-1", visit.public_id, 100, 200)
    assert moved(store, visit, "gw-1").visit == visit.public_id
    told(store, "gw-1", visit.public_id, 150, 200)
    assert total(store, visit) == (150, 200)


@pytest.mark.parametrize("name", ["", ".", "v-0001.", "v-0001.x", "v-0001.-1", f"v-0001.{'9' * 40}", "v-0001.1.1"])
def test_a_name_that_is_no_grants_counts_nothing(store, visit, name):
    assert told(store, "gw-1", name, 1, 1) == []
    assert total(store, visit) == (0, 0)


def test_a_visit_that_is_forgotten_takes_its_stays_along(store, visit):
    moved(store, visit, "gw-2")
    with store.begin() as tx:
        tx.visits.end_expired(visit.expires_at)
        assert tx.records.forget("visit", visit.expires_at.replace(year=2040), 10) == 1
