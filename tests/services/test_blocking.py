"""Blocks on both databases: everywhere, at once, until a moment or for good, and nobody's address in the open."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_legal_profile, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import OTHER_PHONE, PHONE, SimulatedGateway
from wifi_manager.domain.blocks import Block, Blocked
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.visits import Consent, EndReason
from wifi_manager.services.admission import Admission
from wifi_manager.services.blocking import Blocking
from wifi_manager.services.granting import Granting
from wifi_manager.services.stewardship import Stewardship
from wifi_manager.storage.vault import Vault

CONSENT = Consent("2026-11", "ko")
TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def city(store, clock):
    """Two gateways and a plan."""
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    with store.begin() as tx:
        tx.plans.save(a_plan())
    for name in ("gw-1", "gw-2"):
        SimulatedGateway(store, name).enrol(vault)
    return Admission(store, vault, clock)


@pytest.fixture
def blocking(city, store, clock):
    return Blocking(store, clock)


def ticket(city, gateway="gw-1", device=PHONE):
    return city.asking(SimulatedGateway(city.store, gateway).ticket(city.clock.now(), device))


def test_a_blocked_device_loses_its_visit_and_gets_none_anywhere(city, blocking, store):
    visit = city.accept(ticket(city), CONSENT).visit
    number = blocking.add(PHONE, TOMORROW, "somebody")
    with store.read() as tx:
        assert tx.visits.get(visit.public_id).end_reason is EndReason.BLOCKED
    for gateway in ("gw-1", "gw-2"):
        with pytest.raises(Blocked):
            city.accept(ticket(city, gateway), CONSENT)
        assert city.reception(ticket(city, gateway)).block.row == number
    assert city.reception(ticket(city, device=OTHER_PHONE)).block is None
    city.clock.advance(timedelta(days=1))
    city.accept(ticket(city), CONSENT)


def test_every_gateway_hears_of_a_block_and_of_its_end_as_news_and_in_the_whole_list(city, blocking, store, clock):
    granting = Granting(store, clock)
    blocking.add(OTHER_PHONE, None, "somebody")
    before = {name: granting.answer(name, 0) for name in ("gw-1", "gw-2")}
    number = blocking.add(PHONE, TOMORROW, "somebody")
    for name, known in before.items():
        news = granting.answer(name, known.revision)
        assert news.blocked == (Block(PHONE, TOMORROW),)
        assert known.after(news) == granting.answer(name, 0)
    lifted = {name: granting.answer(name, 0) for name in before}
    blocking.remove(number, "somebody")
    for name, known in lifted.items():
        assert known.after(granting.answer(name, known.revision)).blocked == (Block(OTHER_PHONE),)
        assert granting.answer(name, 0).blocked == (Block(OTHER_PHONE),)


def test_a_device_that_nobody_knows_the_address_of_is_blocked_by_its_visit(city, blocking):
    change = city.accept(ticket(city), CONSENT)
    blocking.add_visitor(change.visit.public_id, None, "somebody")
    assert [each.block for each in blocking.all()] == [Block(PHONE)]
    for public_id, said in ((change.visit.public_id, "has ended"), ("nobody", "no visit")):
        with pytest.raises(NotFound, match=said):
            blocking.add_visitor(public_id, None, "somebody")


def test_a_second_block_of_a_device_replaces_the_first(blocking):
    first = blocking.add(PHONE, TOMORROW, "somebody")
    assert blocking.add(PHONE, None, "another") == first
    assert [(each.block, each.set_by) for each in blocking.all()] == [(Block(PHONE), "another")]


def test_a_block_that_is_over_already_and_one_that_is_not_there_are_refused(blocking):
    with pytest.raises(BadInput, match="future"):
        blocking.add(PHONE, NOON, "somebody")
    with pytest.raises(NotFound, match="block list"):
        blocking.remove(7, "somebody")


def test_the_trail_has_who_blocked_and_the_database_no_address_in_the_open(blocking, engine, store):
    number = blocking.add(PHONE, None, "somebody")
    blocking.remove(number, "another")
    with store.read() as tx:
        trail = [(each.actor, each.action, each.subject) for each in tx.audit.newest(9, noun="block")]
    assert trail == [("another", "removed", str(number)), ("somebody", "added", str(number))]
    with engine.connect() as connection:
        everything = repr([connection.execute(sa.text(f"SELECT * FROM {t}")).all() for t in ("block", "audit")])
    assert PHONE.full() not in everything
    assert repr(PHONE.octets)[2:-1] not in everything


def test_a_lifted_block_is_forgotten_with_the_devices_address(blocking, store, clock, engine):
    blocking.remove(blocking.add(PHONE, None, "somebody"), "somebody")
    blocking.add(OTHER_PHONE, None, "somebody")
    tidy = Stewardship(store, clock, a_legal_profile()).tidy
    assert "block" not in tidy().erased, "gateways have a day to hear of it"
    clock.advance(timedelta(days=2))
    assert tidy().erased["block"] == 1
    with engine.connect() as connection:
        assert connection.scalar(sa.text("SELECT count(*) FROM block")) == 1
