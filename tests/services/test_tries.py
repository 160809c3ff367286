"""The brake on guessing, on both databases: counted before a try is looked at, whoever comes at once."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import A_CITY, A_MASTER_KEY, NOON
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import OTHER_PHONE, SimulatedGateway
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.tries import Limit
from wifi_manager.services.admission import Admission
from wifi_manager.services.tries import A_DEVICE, Tries, Wait
from wifi_manager.storage.vault import Vault

MINUTE = timedelta(minutes=1)


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def vault():
    return Vault(A_MASTER_KEY, A_CITY.slug)


@pytest.fixture
def noticed():
    return []


@pytest.fixture
def tries(store, vault, clock, noticed):
    return Tries(store, vault, clock, "voucher", noticed.append, place=Limit(12, 10 * MINUTE))


@pytest.fixture
def ticket(store, vault, clock):
    gateway = SimulatedGateway(store)
    gateway.enrol(vault)
    admission = Admission(store, vault, clock)
    return lambda **given: admission.asking(gateway.ticket(clock.now(), **given))


def wrong(tries, ticket, times=1):
    for _ in range(times):
        tries.wrong(tries.begin(ticket))


def test_s2_a_device_has_five_tries_a_minute_and_longer_waits_after_that(tries, ticket, clock, noticed):
    wrong(tries, ticket(), 5)
    for _ in range(3):
        with pytest.raises(Wait) as refused:
            tries.begin(ticket())
        assert refused.value.wait == MINUTE
    assert noticed == ["wrong"] * 5 + ["refused"] * 3
    clock.advance(MINUTE)
    wrong(tries, ticket(), 5)
    with pytest.raises(Wait) as refused:
        tries.begin(ticket())
    assert refused.value.wait == 2 * MINUTE


def test_s2_devices_behind_one_gateway_do_not_share_a_limit_and_another_way_has_its_own(tries, ticket):
    wrong(tries, ticket(), 5)
    wrong(tries, ticket(device=OTHER_PHONE))
    wrong(replace(tries, way="account"), ticket())


def test_s2_a_crowd_of_made_up_devices_meets_the_budget_of_its_place(tries, ticket, clock):
    for number in range(12):
        wrong(tries, ticket(device=MacAddress.parse(f"02:00:5e:20:00:{number:02x}")))
    with pytest.raises(Wait):
        tries.begin(ticket(device=OTHER_PHONE))
    tries.begin(ticket(device=OTHER_PHONE, network="staff"))
    clock.advance(10 * MINUTE)
    tries.begin(ticket(device=OTHER_PHONE))


def test_what_was_refused_or_right_costs_the_place_nothing(tries, ticket, store):
    for _ in range(20):
        attempt = tries.begin(ticket())
        with store.begin() as tx:
            tries.right(attempt, tx)
    wrong(tries, ticket(), 5)
    for _ in range(20):
        with pytest.raises(Wait):
            tries.begin(ticket())
    wrong(tries, ticket(device=OTHER_PHONE))


def test_s2_an_account_has_a_limit_that_its_guessers_share(tries, ticket):
    named = replace(tries, others={"account": Limit(3, MINUTE)})
    for number in range(3):
        named.wrong(named.begin(ticket(device=MacAddress.parse(f"02:00:5e:20:00:{number:02x}")), account=b"a"))
    with pytest.raises(Wait):
        named.begin(ticket(), account=b"a")
    named.begin(ticket(), account=b"b")


def test_s2_many_tries_at_once_do_not_slip_below_the_limit(tries, ticket):
    asked, together, outcomes = ticket(), threading.Barrier(12), []

    def guess():
        together.wait(60)
        try:
            tries.begin(asked)
        except Wait:
            outcomes.append("refused")
        else:
            outcomes.append("looked at")

    threads = [threading.Thread(target=guess) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(outcomes) == ["looked at"] * A_DEVICE.most + ["refused"] * 7


def test_old_tallies_are_forgotten_and_none_names_anybody(tries, ticket, store, clock, engine):
    wrong(tries, ticket())
    with store.begin() as tx:
        assert tx.records.forget("tally", NOON, 9) == 0
        assert tx.records.forget("tally", NOON + timedelta(hours=1), 9) == 2
