"""Stewardship on both databases: what is over ends, what is old is erased, and a day's erasure is one line of audit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import a_legal_profile, a_plan, a_visit
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.visits import EndReason
from wifi_manager.services.stewardship import Stewardship, Tidied

RETENTION = timedelta(days=90)


@pytest.fixture
def stewardship(store, clock):
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.gateways.add("gw-1", None, b"digest", clock.now())
    made = Stewardship(store, clock, a_legal_profile(visits=90))
    assert made.tidy() == Tidied(keys_made=1)
    return made


def opened(store, now, number=1):
    device = MacAddress(b"\x02" + number.to_bytes(5, "big"))
    with store.begin() as tx:
        visit = a_visit(
            public_id=f"v-{number}-{now.isoformat()}",
            number=tx.visits.device_number(device, now),
            site=None,
            opened_at=now,
            expires_at=now + timedelta(hours=1),
        )
        tx.visits.add(visit)
    return visit


def test_expired_visits_end_and_no_gateway_is_bothered(stewardship, store, clock):
    visit = opened(store, clock.now())
    assert stewardship.tidy().expired_visits == 0
    clock.advance(timedelta(hours=2))
    assert stewardship.tidy().expired_visits == 1
    with store.read() as tx:
        assert tx.visits.get(visit.public_id).end_reason is EndReason.EXPIRED
        assert tx.gateways.revisions() == {"gw-1": 1}


def test_used_tickets_are_forgotten_after_an_hour_and_failed_sign_ins_after_a_whole_day(stewardship, store, clock):
    with store.begin() as tx:
        tx.visits.use_ticket("ab" * 12, clock.now())
        tx.operators.note_failure("digest", clock.now())
    assert stewardship.tidy() == Tidied()
    clock.advance(timedelta(hours=1, seconds=1))
    assert stewardship.tidy().erased == {"used_ticket": 1}
    clock.advance(timedelta(days=1, hours=12))
    assert stewardship.tidy().erased == {"failed_sign_in": 1}


def test_d3_old_visits_are_erased_and_with_the_last_one_the_device(stewardship, store, clock):
    first = opened(store, clock.now(), number=1)
    often = opened(store, clock.now(), number=2)
    clock.advance(timedelta(hours=2))
    stewardship.tidy()
    clock.advance(RETENTION - timedelta(days=1))
    newest = opened(store, clock.now(), number=2)
    assert stewardship.tidy().erased == {}
    clock.advance(timedelta(days=2))
    done = stewardship.tidy()
    assert (done.expired_visits, done.erased) == (1, {"visit": 2, "device": 1})
    with store.read() as tx:
        assert [tx.visits.get(each.public_id) is None for each in (first, often, newest)] == [True, True, False]
        assert tx.visits.device(first.asker.device) is None
        assert newest.number == often.number, "who comes back keeps the number"


def test_an_erasure_is_one_line_of_audit_with_its_counts(stewardship, store, clock):
    opened(store, clock.now())
    clock.advance(RETENTION + timedelta(days=2))
    done = stewardship.tidy()  # ends it at the moment it expired, which is old enough
    clock.advance(timedelta(minutes=1))
    stewardship.tidy()
    with store.read() as tx:
        newest, first = tx.audit.newest(9, noun="records")
    assert (newest.actor, newest.action) == ("tidy", "erased")
    assert newest.after == {"law": "eu-strict", **done.counts()}
    assert first.after["device_keys_made"] == 1, "of the fixture"


def test_more_than_one_batch_is_erased_in_one_run(stewardship, store, clock):
    for number in range(5):
        opened(store, clock.now(), number)
    clock.advance(RETENTION + timedelta(days=2))
    done = replace(stewardship, batch=2).tidy()
    assert (done.expired_visits, done.erased) == (5, {"visit": 5, "device": 5})
