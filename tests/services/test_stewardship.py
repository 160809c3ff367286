"""Stewardship on both databases: what is over ends, what is old is erased, and a day's erasure is one line of audit."""

from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from tests.builders import a_plan, a_visit
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.visits import EndReason
from wifi_manager.services.stewardship import Stewardship, Tidied

RETENTION = timedelta(days=90)


@pytest.fixture
def stewardship(store, clock):
    with store.begin() as tx:
        tx.plans.save(a_plan())
        tx.gateways.add("gw-1", None, b"digest", clock.now())
    return Stewardship(store, clock, RETENTION)


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


def test_used_tickets_and_failed_sign_ins_are_forgotten(stewardship, store, clock):
    with store.begin() as tx:
        tx.visits.use_ticket("ab" * 12, clock.now())
        tx.operators.note_failure("digest", clock.now())
    assert stewardship.tidy() == Tidied(0, 0, 0, 0, 0)
    clock.advance(timedelta(days=1, seconds=1))
    done = stewardship.tidy()
    assert (done.used_tickets, done.failed_sign_ins) == (1, 1)


def test_old_visits_are_erased_and_with_the_last_one_the_device(stewardship, store, clock):
    first = opened(store, clock.now(), number=1)
    often = opened(store, clock.now(), number=2)
    clock.advance(timedelta(hours=2))
    stewardship.tidy()
    clock.advance(RETENTION - timedelta(days=1))
    newest = opened(store, clock.now(), number=2)
    assert stewardship.tidy().old_visits == 0
    clock.advance(timedelta(days=2))
    assert stewardship.tidy() == Tidied(1, 0, 0, old_visits=2, old_devices=1)
    with store.read() as tx:
        assert [tx.visits.get(each.public_id) is None for each in (first, often, newest)] == [True, True, False]
        assert tx.visits.device(first.asker.device) is None
        assert newest.number == often.number, "who comes back keeps the number"


def test_an_erasure_is_one_line_of_audit_with_its_counts(stewardship, store, clock):
    opened(store, clock.now())
    clock.advance(RETENTION + timedelta(days=2))
    stewardship.tidy()  # ends it at the moment it expired, which is old enough
    clock.advance(timedelta(minutes=1))
    stewardship.tidy()
    with store.read() as tx:
        trail = tx.audit.newest(9, noun="visits")
    assert [(each.actor, each.action, each.after) for each in trail] == [
        ("tidy", "erased", asdict(Tidied(1, 0, 0, 1, 1)))
    ]


def test_more_than_one_batch_is_erased_in_one_run(stewardship, store, clock):
    for number in range(5):
        opened(store, clock.now(), number)
    clock.advance(RETENTION + timedelta(days=2))
    assert replace(stewardship, batch=2).tidy() == Tidied(5, 0, 0, 5, 5)
