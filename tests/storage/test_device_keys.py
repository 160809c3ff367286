"""Keys of devices on both databases: they change, old ones still find, and destroyed ones link to nobody."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_legal_profile, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import OTHER_PHONE, PHONE, SimulatedGateway
from wifi_manager.domain.visits import Consent
from wifi_manager.services.admission import Admission
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.stewardship import Stewardship
from wifi_manager.storage.store import Store
from wifi_manager.storage.vault import Vault

CONSENT = Consent("2026-11", "ko")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def city(store, clock):
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    with store.begin() as tx:
        tx.plans.save(a_plan())
    SimulatedGateway(store, "gw-1").enrol(vault)
    return Admission(store, vault, clock)


@pytest.fixture
def stewardship(city, store, clock):
    return Stewardship(store, clock, a_legal_profile())  # a key for 30 days, visits for 30


def comes(city, device=PHONE):
    """Signs in, stays an hour, signs out; returns its number."""
    gateway = SimulatedGateway(city.store, "gw-1")
    visit = city.accept(city.asking(gateway.ticket(city.clock.now(), device)), CONSENT).visit
    city.clock.advance(timedelta(hours=1))
    city.sign_out(city.asking(gateway.ticket(city.clock.now(), device)))
    return visit.number


def devices(engine):
    """By number: the row of the key, and the pseudonym."""
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id, key_id, pseudonym FROM device")).all()
    return {row.id: (row.key_id, bytes(row.pseudonym)) for row in rows}


def keys(engine):
    """By row: whether the key is destroyed."""
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id, key_sealed FROM device_key ORDER BY id")).all()
    return {row.id: row.key_sealed is None for row in rows}


def days_pass(stewardship, *days):
    """So many, tidied at the end of each span; twice, for a new key starts after a while."""
    for span in days:
        stewardship.clock.advance(timedelta(days=span))
        stewardship.tidy()
        stewardship.clock.advance(timedelta(minutes=10))
        stewardship.tidy()


def test_d2_pseudonyms_differ_by_city_and_by_key(store, engine):
    there = Store(engine, A_CITY.slug, Vault(bytes(32), A_CITY.slug))
    with store.begin() as tx, store.read() as other:
        before = tx.pseudonyms.current(PHONE, NOON)
        tx.pseudonyms.add_key(NOON)
        assert other.pseudonyms is not tx.pseudonyms
    with store.read() as tx:
        made = tx.pseudonyms.of(PHONE)
        assert tx.pseudonyms.current(PHONE, NOON) == before, "not in its first ten minutes"
        assert tx.pseudonyms.current(PHONE, NOON + timedelta(minutes=10)) == made[0]
        assert len({each.digest for each in made}) == len(made) == 2
        assert {each.digest for each in made}.isdisjoint(each.digest for each in tx.pseudonyms.held_of(PHONE))
    with there.begin() as tx, pytest.raises(Exception, match="does not open with this master key"):
        tx.pseudonyms.of(PHONE)


def test_d2_a_key_is_replaced_when_it_is_as_old_as_the_law_allows(stewardship, engine):
    for days, count in ((0, 1), (29, 1), (1, 2), (29, 2), (1, 3)):
        days_pass(stewardship, days)
        assert len(keys(engine)) == count


def test_d2_a_device_that_returns_keeps_its_number_and_gets_todays_key(city, stewardship, engine):
    number = comes(city)
    assert devices(engine)[number][0] is None, "the master key's"
    days_pass(stewardship, 10)
    assert comes(city) == number
    first, old = devices(engine)[number]
    assert first in keys(engine)
    days_pass(stewardship, 30)
    assert comes(city) == number
    second, new = devices(engine)[number]
    assert second > first
    assert new != old


def test_d2_a_key_that_no_device_has_left_is_destroyed_and_nothing_links_to_the_device(city, stewardship, engine):
    days_pass(stewardship, 1)
    number = comes(city)
    days_pass(stewardship, 30, 5)
    other = comes(city, OTHER_PHONE)
    assert list(keys(engine).values()) == [True, False], "the visit is past retention, and with it its key"
    assert devices(engine).keys() == {other}
    assert comes(city) not in {number, other}, "a stranger now"


def test_a_key_with_a_device_stays_and_finds_it(city, stewardship, engine):
    days_pass(stewardship, 0, 29)
    number = comes(city)
    days_pass(stewardship, 5, 5)
    assert list(keys(engine).values()) == [False, False]
    assert comes(city) == number


def test_a_block_outlives_every_key(city, stewardship, engine):
    blocking = Blocking(city.store, city.clock)
    row = blocking.add(PHONE, None, "somebody")
    days_pass(stewardship, 1, 30, 30)
    with city.store.read() as tx:
        assert tx.blocks.in_force_on(PHONE, city.clock.now()).row == row
        assert tx.blocks.in_force_on(OTHER_PHONE, city.clock.now()) is None
    with engine.connect() as connection:
        its_key = connection.scalar(sa.text("SELECT key_id FROM block"))
    assert its_key == max(keys(engine))
    assert blocking.add(PHONE, None, "somebody") == row, "one block a device, whatever key"


def test_another_process_knows_a_key_before_it_makes_pseudonyms(city, stewardship, engine, clock):
    there = Admission(Store(engine, A_CITY.slug, city.vault), city.vault, clock)
    number = comes(there)
    stewardship.tidy()
    assert comes(there) == number, "it read the keys before there was one"
    assert comes(city) == number
