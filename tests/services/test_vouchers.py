"""Vouchers on both databases: what a code allows is kept to, whoever comes at once, and revoking ends visits."""

import threading
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import A_CITY, A_MASTER_KEY, NOON, a_plan
from tests.fakes.clock import FrozenClock
from tests.fakes.gateway import SimulatedGateway
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.grants import Usage
from wifi_manager.domain.visits import Consent, EndReason, Method
from wifi_manager.domain.vouchers import Allowance, BatchState, CodeRefused
from wifi_manager.services.admission import Admission
from wifi_manager.services.granting import Granting
from wifi_manager.services.vouchers import Vouchers
from wifi_manager.storage.vault import Vault
from wifi_manager.wire.reports import Report

CONSENT = Consent("2026-11", "ko")
HOUR = timedelta(hours=1)


def a_phone(last):
    return MacAddress.parse(f"02:00:5e:10:00:{last:02x}")


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def vouchers(store, clock):
    return Vouchers(store, Vault(A_MASTER_KEY, A_CITY.slug), clock, timedelta(days=90))


@pytest.fixture
def enter(store, clock, vouchers):
    """A function: this phone shows this code, and gets the visit or is refused."""
    vault = Vault(A_MASTER_KEY, A_CITY.slug)
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.plans.save(a_plan(name="guest", lifetime=2 * HOUR))
    gateway = SimulatedGateway(store)
    gateway.enrol(vault)
    admission = Admission(store, vault, clock, ways=(Method.VOUCHER,))

    def show(code, phone=1):
        ticket = admission.asking(gateway.ticket(clock.now(), a_phone(phone)))
        return admission.accept(ticket, CONSENT, vouchers.prove(code, lambda _tx: None)).visit

    return show


def end(store, visit, clock):
    with store.begin() as tx:
        tx.visits.end(visit.public_id, clock.now(), EndReason.SIGNED_OUT)


def test_a_code_opens_a_visit_with_its_plan_its_time_and_its_data(enter, vouchers):
    allowance = Allowance("guest", lasts=HOUR, volume_bytes=500)
    (code,) = vouchers.issue("spring", allowance, 1, "somebody").codes
    visit = enter(code)
    assert (visit.method, visit.plan.name, visit.expires_at) == (Method.VOUCHER, "guest", NOON + HOUR)
    assert visit.own_volume_bytes == 500
    assert visit.holder is not None


def test_time_runs_from_the_first_use_and_data_over_all_visits(enter, vouchers, store, clock):
    (code,) = vouchers.issue("spring", Allowance(lasts=3 * HOUR, volume_bytes=500), 1, "somebody").codes
    first = enter(code)
    Granting(store, clock).report("gw-1", Report(1, (Usage(first.public_id, 100, 200),)))
    end(store, first, clock)
    clock.advance(HOUR)
    second = enter(code)
    assert (second.expires_at, second.own_volume_bytes) == (NOON + 3 * HOUR, 200)
    Granting(store, clock).report("gw-1", Report(1, (Usage(second.public_id, 150, 60),)))
    with pytest.raises(CodeRefused):
        enter(code)


def test_a_citizen_who_has_their_data_deleted_gets_no_more_data_by_it(enter, vouchers, store, clock):
    (code,) = vouchers.issue("spring", Allowance(uses=None, lasts=3 * HOUR, volume_bytes=500), 1, "somebody").codes
    for left in (500, 200):
        visit = enter(code)
        assert visit.own_volume_bytes == left
        Granting(store, clock).report("gw-1", Report(1, (Usage(visit.public_id, 100, 200),)))
        with store.begin() as tx:
            tx.visits.end(visit.public_id, clock.now(), EndReason.ERASED)
            tx.records.erase_device(visit.number, held=())
    with pytest.raises(CodeRefused):
        enter(code)


def test_d2_a_new_key_of_devices_costs_no_device_another_use(enter, vouchers, store, clock):
    (code,) = vouchers.issue("spring", Allowance(), 1, "somebody").codes
    first = enter(code)
    with store.begin() as tx:
        tx.pseudonyms.add_key(clock.now())
    clock.advance(HOUR)
    end(store, first, clock)
    assert enter(code).number == first.number


def test_a_code_of_one_use_lets_one_device_in_and_that_one_again(enter, vouchers, store, clock):
    (code,) = vouchers.issue("spring", Allowance(), 1, "somebody").codes
    end(store, enter(code), clock)
    end(store, enter(code), clock)
    with pytest.raises(CodeRefused):
        enter(code, phone=2)


def test_only_so_many_devices_are_online_with_a_code_at_a_time(enter, vouchers, store, clock):
    (code,) = vouchers.issue("spring", Allowance(uses=None, devices=2), 1, "somebody").codes
    first, _ = enter(code, 1), enter(code, 2)
    with pytest.raises(CodeRefused):
        enter(code, 3)
    end(store, first, clock)
    enter(code, 3)


@pytest.mark.parametrize("allowance", [Allowance(uses=3, devices=None), Allowance(uses=None, devices=3)])
def test_of_many_phones_at_once_no_more_get_in_than_the_code_allows(enter, vouchers, allowance):
    (code,) = vouchers.issue("spring", allowance, 1, "somebody").codes
    together, outcomes = threading.Barrier(8), []

    def show(phone):
        together.wait(60)
        try:
            enter(code, phone)
        except CodeRefused:
            outcomes.append("refused")
        else:
            outcomes.append("in")

    threads = [threading.Thread(target=show, args=(phone,)) for phone in range(1, 9)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)
    assert sorted(outcomes) == ["in"] * 3 + ["refused"] * 5


def test_revoking_a_batch_ends_its_visits_and_tells_their_gateways(enter, vouchers, store, clock):
    codes = vouchers.issue("spring", Allowance(), 3, "somebody").codes
    (other,) = vouchers.issue("summer", Allowance(), 1, "somebody").codes
    visits, kept = [enter(code, phone) for phone, code in enumerate(codes[:2], 1)], enter(other, 9)
    known = Granting(store, clock).answer("gw-1", 0)
    assert vouchers.revoke("spring", "another") == 3
    with store.read() as tx:
        assert {tx.visits.get(each.public_id).end_reason for each in visits} == {EndReason.REVOKED}
        assert tx.visits.get(kept.public_id).end_reason is None
    news = known.after(Granting(store, clock).answer("gw-1", known.revision))
    assert [grant.visit for grant in news.grants] == [kept.public_id]
    for code in codes:
        with pytest.raises(CodeRefused):
            enter(code, 7)
    assert vouchers.revoke("spring", "another") == 0


def test_one_code_is_revoked_by_the_number_on_its_card(enter, vouchers, store):
    codes = vouchers.issue("spring", Allowance(), 2, "somebody").codes
    visits = [enter(code, phone) for phone, code in enumerate(codes, 1)]
    assert vouchers.revoke("spring", "another", 2) == 1
    with store.read() as tx:
        assert [tx.visits.get(each.public_id).end_reason for each in visits] == [None, EndReason.REVOKED]
    with pytest.raises(NotFound, match="no code 3"):
        vouchers.revoke("spring", "another", 3)


def test_lists_tell_how_many_codes_are_used_and_revoked(enter, vouchers, store, clock):
    codes = vouchers.issue("spring", Allowance(good_until=NOON + HOUR), 4, "somebody").codes
    enter(codes[0])
    vouchers.revoke("spring", "somebody", 4)
    (kept,) = vouchers.all()
    assert (kept.batch.name, kept.codes, kept.used, kept.revoked) == ("spring", 4, 1, 1)
    assert kept.batch == vouchers.batch("spring")
    assert vouchers.numbers("spring", codes[::-1]) == [4, 3, 2, 1]
    with store.read() as tx:
        assert tx.vouchers.stock(NOON) == {"unused": 2, "used": 1, "revoked": 1}
        assert tx.vouchers.stock(NOON + HOUR) == {"over": 3, "revoked": 1}
    vouchers.revoke("spring", "somebody")
    assert vouchers.batch("spring").state(NOON) is BatchState.REVOKED


def test_what_cannot_be_issued_is_refused_and_nothing_is_kept(vouchers, enter):
    vouchers.issue("spring", Allowance(), 1, "somebody")
    for refusal, name, allowance, count in (
        (Conflict, "spring", Allowance(), 1),
        (NotFound, "a", Allowance("nowhere"), 1),
        (BadInput, "a", Allowance(good_until=NOON), 1),
        (BadInput, "a", Allowance(volume_bytes=5), 1),
        (BadInput, "a", Allowance(volume_bytes=5, lasts=timedelta(days=91)), 1),
        (BadInput, "a", Allowance(), 0),
        (BadInput, "a", Allowance(), 10_001),
    ):
        with pytest.raises(refusal):
            vouchers.issue(name, allowance, count, "somebody")
    for unknown in (vouchers.batch, lambda name: vouchers.revoke(name, "somebody")):
        with pytest.raises(NotFound, match="voucher list"):
            unknown("a")
    with pytest.raises(NotFound, match="1 of these codes"):
        vouchers.numbers("spring", ["222222222"])
    assert len(vouchers.all()) == 1


def test_the_trail_says_who_issued_and_revoked_and_no_code_is_kept_in_the_open(vouchers, enter, engine, store):
    issued = vouchers.issue("spring", Allowance(lasts=HOUR), 2, "somebody")
    enter(issued.codes[0])
    vouchers.revoke("spring", "another")
    with store.read() as tx:
        trail = [(each.actor, each.action, each.subject, each.after) for each in tx.audit.newest(9, noun="vouchers")]
    assert trail == [
        ("another", "revoked", "spring", {"codes": 2, "ended_visits": 1}),
        ("somebody", "issued", "spring", {"codes": 2, "uses": 1, "devices": 1, "lasts": "1:00:00"}),
    ]
    with engine.connect() as connection:
        tables = sa.inspect(engine).get_table_names()
        everything = repr([connection.execute(sa.text(f'SELECT * FROM "{each}"')).all() for each in tables])
    for code in issued.codes:
        assert code not in everything
