"""Visits on both databases: one running visit a device, addresses sealed and forgotten, totals that never shrink."""

import ipaddress
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan, a_site, a_visit, an_asker
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.visits import EndReason
from wifi_manager.storage.reports import ActiveVisits, VisitCount
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

OTHER_PHONE = MacAddress.parse("02:00:5e:10:00:03")
PHONE = MacAddress.parse("02:00:5e:10:00:01")


@pytest.fixture
def open_store(store):
    """A store with a gateway at a site and a plan: what a visit needs."""
    with store.begin() as tx:
        tx.sites.save([a_site()])
        tx.gateways.add("gw-1", tx.sites.numbers()[a_site().key], b"digest", NOON)
        tx.gateways.add("gw-2", None, b"digest2", NOON)
        tx.plans.save(a_plan())
    return store


def opened(store, **given):
    with store.begin() as tx:
        visit = a_visit(number=tx.visits.device_number(PHONE, NOON), **given)
        tx.visits.add(visit)
    return visit


def test_a_visit_comes_back_as_it_was_opened(open_store):
    visit = opened(open_store)
    with open_store.read() as tx:
        assert tx.visits.get(visit.public_id) == visit
        assert tx.visits.device(PHONE).running(NOON) == visit
        assert tx.visits.device(PHONE).running(visit.expires_at) is None


def test_a_device_keeps_its_number_and_never_gets_one_that_was_anothers(open_store):
    with open_store.begin() as tx:
        number = tx.visits.device_number(PHONE, NOON)
        assert tx.visits.device_number(PHONE, NOON) == number
        tx.records.erase_device(number, ())
        assert tx.visits.device(PHONE) is None
        assert tx.visits.device_number(PHONE, NOON) > number


def test_a_device_has_one_running_visit(open_store):
    opened(open_store)
    with pytest.raises(Conflict):
        opened(open_store, public_id="another")


def test_an_unknown_gateway_is_named(open_store):
    with pytest.raises(NotFound, match="gw-9"):
        opened(open_store, gateway="gw-9")


def test_grants_are_the_running_visits_of_one_gateway(open_store):
    visit = opened(open_store)
    with open_store.read() as tx:
        assert tx.visits.grants("gw-1", NOON) == (visit.grant(),)
        assert tx.visits.grants("gw-2", NOON) == ()
        assert tx.visits.grants("gw-1", visit.expires_at) == ()


def test_a_device_that_roams_takes_its_visit_along(open_store):
    visit = opened(open_store)
    there = an_asker(gateway="gw-2", address=ipaddress.ip_address("10.2.0.9"))
    with open_store.begin() as tx:
        tx.visits.move(visit.public_id, there)
    with open_store.read() as tx:
        assert tx.visits.grants("gw-1", NOON) == ()
        assert tx.visits.grants("gw-2", NOON) == (replace(visit, asker=there, stay=2).grant(),)


def test_an_ended_visit_knows_why_and_has_forgotten_the_addresses(open_store, engine):
    visit = opened(open_store)
    with open_store.begin() as tx:
        assert tx.visits.end(visit.public_id, NOON, EndReason.SIGNED_OUT)
        assert not tx.visits.end(visit.public_id, NOON, EndReason.EXPIRED)
    with open_store.read() as tx:
        ended = tx.visits.device(PHONE).visit
    assert (ended.end_reason, ended.ended_at, ended.asker) == (EndReason.SIGNED_OUT, NOON, None)
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT asker_sealed FROM visit")) is None


def test_time_ends_visits_at_the_moment_they_expired(open_store):
    visit = opened(open_store)
    with open_store.begin() as tx:
        assert tx.visits.end_expired(visit.expires_at - timedelta(seconds=1)) == 0
        assert tx.visits.end_expired(visit.expires_at + timedelta(hours=1)) == 1
        ended = tx.visits.get(visit.public_id)
    assert (ended.end_reason, ended.ended_at) == (EndReason.EXPIRED, visit.expires_at)


def test_an_erased_device_leaves_figures_that_nothing_links_to_it(open_store, engine):
    visit = opened(open_store)
    with open_store.begin() as tx:
        tx.visits.end(visit.public_id, NOON, EndReason.ERASED)
        tx.records.erase_device(visit.number, ())
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT device_id, asker_sealed FROM visit")).all() == [(None, None)]
        assert connection.scalar(sa.text("SELECT count(*) FROM device")) == 0


def test_a_ticket_changes_something_once(open_store):
    with open_store.begin() as tx:
        assert tx.visits.use_ticket("ab" * 12, NOON)
        assert not tx.visits.use_ticket("ab" * 12, NOON)
        tx.records.forget("used_ticket", NOON + timedelta(minutes=1), 10)
        assert tx.visits.use_ticket("ab" * 12, NOON)


def test_no_address_of_a_phone_lies_open_in_the_database(open_store, engine):
    opened(open_store)
    with engine.connect() as connection:
        everything = repr(
            [connection.execute(sa.text(f"SELECT * FROM {table}")).all() for table in ("visit", "device")]
        )
    assert PHONE.octets.hex() not in everything.lower()
    assert PHONE.full() not in everything
    assert str(an_asker().address) not in everything


def test_another_master_key_opens_nothing(open_store, engine):
    visit = opened(open_store)
    stranger = Store(engine, A_CITY.slug, Vault(b"x" * 32, A_CITY.slug))
    with pytest.raises(BadInput, match="master_key_file"), stranger.read() as tx:
        tx.visits.get(visit.public_id)


def test_a_process_without_the_key_sees_visits_but_no_addresses(open_store, engine):
    visit = opened(open_store)
    with Store(engine, A_CITY.slug).read() as tx:
        assert tx.visits.get(visit.public_id) == replace(visit, asker=None)


def test_two_cities_give_one_phone_two_pseudonyms():
    here, there = Vault(A_MASTER_KEY, "here"), Vault(A_MASTER_KEY, "there")
    assert here.digest("device", PHONE.octets) != there.digest("device", PHONE.octets)
    assert here.digest("device", PHONE.octets) == Vault(A_MASTER_KEY, "here").digest("device", PHONE.octets)


def test_a_short_master_key_is_refused():
    with pytest.raises(BadInput, match="32"):
        Vault(b"short", "here")


def test_running_visits_are_counted_by_site_and_all_by_method_and_end(open_store):
    assert open_store_counts(open_store) == ([], [])
    opened(open_store)
    with open_store.begin() as tx:
        number = tx.visits.device_number(MacAddress.parse("02:00:5e:10:00:02"), NOON)
        tx.visits.add(a_visit(public_id="v-2", number=number, gateway="gw-2", site=None))
        tx.visits.add(a_visit(public_id="v-3", number=tx.visits.device_number(OTHER_PHONE, NOON)))
        tx.visits.end("v-3", NOON, EndReason.SIGNED_OUT)
    assert open_store_counts(open_store) == (
        sorted([ActiveVisits("", "", 1), ActiveVisits(*a_site().key, 1)], key=str),
        [VisitCount("click_through", "", 2), VisitCount("click_through", "signed_out", 1)],
    )


def open_store_counts(store):
    with store.read() as tx:
        by_end = sorted(tx.reports.visit_counts(), key=str)
        return sorted(tx.reports.active_visits(NOON), key=str), by_end
