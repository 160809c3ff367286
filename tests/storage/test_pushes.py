"""The queue of pushes on both databases: each is taken by one worker, and taken over when that worker falls silent."""

from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import NOON, an_access_point
from wifi_manager.domain.errors import Conflict, NotFound
from wifi_manager.domain.pushes import PushState
from wifi_manager.storage.pushes import Wanted

SILENCE = timedelta(seconds=30)
SECRET_INTENT = "key = 'correct horse'"


@pytest.fixture
def fleet(store):
    """A store with two access points."""
    points = [an_access_point("AP-1"), an_access_point("AP-2")]
    with store.begin() as tx:
        tx.sites.save([points[0].site])
        tx.access_points.save(points, tx.sites.numbers())
    return store


def proposed(store, external_id="AP-1", *, approve=True):
    with store.begin() as tx:
        push = tx.pushes.propose(external_id, SECRET_INTENT, "d1", by="dispatcher", at=NOON)
        if approve:
            tx.pushes.approve(push.number, "second person")
        return tx.pushes.get(push.number)


def claimed(store, worker="worker-1", now=NOON):
    with store.begin() as tx:
        return tx.pushes.claim(worker, now, SILENCE)


def test_nobody_can_claim_what_nobody_approved(fleet):
    proposed(fleet, approve=False)
    assert claimed(fleet) is None


def test_an_approved_push_is_claimed_once_and_ends_once(fleet):
    push = proposed(fleet)
    mine = claimed(fleet)
    assert (mine.number, mine.state, mine.intent, mine.attempts) == (push.number, PushState.RUNNING, SECRET_INTENT, 1)
    assert claimed(fleet, "worker-2") is None
    with fleet.begin() as tx:
        assert tx.pushes.finish(mine.number, "worker-1", PushState.COMMITTED, reason="", at=NOON)
        assert not tx.pushes.finish(mine.number, "worker-1", PushState.UNDONE, reason="", at=NOON)
        assert tx.pushes.get(mine.number).state is PushState.COMMITTED


def test_a_push_whose_worker_fell_silent_is_taken_over_and_the_first_has_no_say(fleet):
    push = proposed(fleet)
    claimed(fleet)
    with fleet.begin() as tx:
        assert tx.pushes.heartbeat(push.number, "worker-1", NOON + timedelta(seconds=10))
    assert claimed(fleet, "worker-2", NOON + timedelta(seconds=35)) is None
    later = NOON + timedelta(seconds=60)
    assert claimed(fleet, "worker-2", later).number == push.number
    with fleet.begin() as tx:
        assert not tx.pushes.heartbeat(push.number, "worker-1", later)
        assert not tx.pushes.finish(push.number, "worker-1", PushState.COMMITTED, reason="", at=later)


def test_one_access_point_has_one_push_running(fleet):
    first, _second, other = proposed(fleet), proposed(fleet), proposed(fleet, "AP-2")
    assert claimed(fleet).number == first.number
    assert claimed(fleet, "worker-2").number == other.number
    assert claimed(fleet, "worker-3") is None


def test_a_device_that_does_not_answer_stays_queued(fleet):
    push = proposed(fleet)
    claimed(fleet)
    later = NOON + timedelta(minutes=5)
    with fleet.begin() as tx:
        assert tx.pushes.postpone(push.number, "worker-1", until=later, reason="no answer")
    assert claimed(fleet, now=NOON + timedelta(minutes=4)) is None
    assert claimed(fleet, now=later).attempts == 2


def test_a_push_is_approved_or_cancelled_only_in_time(fleet):
    push = proposed(fleet)
    with fleet.begin() as tx, pytest.raises(Conflict, match="approved, not proposed"):
        tx.pushes.approve(push.number, "third person")
    with fleet.begin() as tx:
        tx.pushes.cancel(push.number, "dispatcher", NOON)
    with fleet.begin() as tx, pytest.raises(Conflict, match="cancelled"):
        tx.pushes.cancel(push.number, "dispatcher", NOON)


def test_what_should_run_and_keys_come_back_and_lie_sealed(fleet, engine):
    proposed(fleet)
    value = Wanted(SECRET_INTENT, "d1", NOON)
    with fleet.begin() as tx:
        assert tx.pushes.wanted("AP-1") is None
        tx.pushes.set_wanted("AP-1", Wanted("old", "d0", NOON))
        tx.pushes.set_wanted("AP-1", value)
        tx.pushes.set_credential("AP-1", "PRIVATE KEY")
        assert tx.pushes.wanted("AP-1") == value
        assert tx.pushes.credential("AP-1") == "PRIVATE KEY"
    with engine.connect() as connection:
        tables = ("push", "wanted", "credential")
        everything = repr([connection.execute(sa.text(f"SELECT * FROM {table}")).all() for table in tables])
    assert "correct horse" not in everything
    assert "PRIVATE KEY" not in everything


def test_what_is_not_there_is_named_with_the_command_that_helps(fleet):
    with fleet.read() as tx:
        with pytest.raises(NotFound, match="provision enrol"):
            tx.pushes.credential("AP-1")
        with pytest.raises(NotFound, match="fleet list"):
            tx.pushes.wanted("AP-9")
        with pytest.raises(NotFound, match="provision status"):
            tx.pushes.get(99)


def test_states_are_counted(fleet):
    proposed(fleet)
    proposed(fleet, approve=False)
    with fleet.read() as tx:
        assert tx.pushes.counts() == {PushState.APPROVED: 1, PushState.PROPOSED: 1}
        assert [push.number for push in tx.pushes.newest(5, "AP-1")] == [2, 1]
