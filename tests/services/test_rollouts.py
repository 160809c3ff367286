"""Rollouts on both databases, their pushes carried out by a worker of the test."""

from datetime import timedelta

import pytest

from tests.builders import NOON, a_site, an_access_point
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.errors import BadInput, Conflict, Forbidden, NotFound
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import Member, RolloutState, Shown, ShownGroup
from wifi_manager.services.change_control import ChangeControl
from wifi_manager.services.rollouts import Change, Rollouts

pytestmark = pytest.mark.slow

SOAK = timedelta(minutes=2)
SITES = [a_site(name=f"Park {number}") for number in range(12)]
POINTS = [an_access_point(f"AP-{number:02}", site=site) for number, site in enumerate(SITES)]


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def rollouts(store, clock):
    with store.begin() as tx:
        tx.sites.save(SITES)
        tx.access_points.save(POINTS, tx.sites.numbers())
    return Rollouts(store, clock)


@pytest.fixture
def worker(store, clock):
    return Worker(ChangeControl(store, clock), clock)


class Worker:
    """Ends every push that was let go as it is told to."""

    def __init__(self, changes, clock):
        self.changes, self.clock = changes, clock

    def work(self, **fates):
        self.clock.advance(timedelta(seconds=30))
        done = []
        while (push := self.changes.claim("w")) is not None:
            fate = fates.get(push.access_point.replace("-", "_"), PushState.COMMITTED)
            if fate is None:
                self.changes.postpone(push, "w", "no answer")
            else:
                self.changes.finish(push, "w", fate)
            done.append(push.access_point)
        return done


def changes():
    return [Change(Member(each.external_id, each.site.key), f"new {each.external_id}", "d", "old") for each in POINTS]


def begun(rollouts, **given):
    number = rollouts.propose(changes(), "new name", SOAK, by="somebody", **given)
    rollouts.approve(number, by="somebody else")
    return number


def next_wave(rollouts, clock):
    clock.advance(SOAK)
    rollouts.advance()


def test_nothing_begins_before_it_is_approved(rollouts, worker):
    rollouts.propose(changes(), "new name", SOAK, by="somebody")
    rollouts.advance()
    assert worker.work() == []


def test_waves_go_one_after_the_other_and_then_it_is_done(rollouts, worker, clock):
    number = begun(rollouts)
    seen = []
    for _ in range(3):
        seen.append(len(worker.work()))
        next_wave(rollouts, clock)
    assert seen == [1, 5, 5]
    assert len(worker.work()) == 1
    next_wave(rollouts, clock)
    assert rollouts.standing(number)[0].state is RolloutState.DONE


def test_the_next_wave_waits_for_the_soak(rollouts, worker):
    begun(rollouts)
    worker.work()
    rollouts.advance()
    assert worker.work() == []


def test_a_canary_that_comes_to_harm_halts_it_and_the_rest_keeps_what_it_has(rollouts, worker, clock):
    number = begun(rollouts)
    worker.work(AP_00=PushState.UNDONE)
    next_wave(rollouts, clock)
    halted, standings = rollouts.standing(number)
    assert (halted.state, halted.note) == (RolloutState.HALTED, "wave 1: 1 of 1 came to harm, 0 are tolerated")
    assert worker.work() == []
    assert sum(each.counts.get(PushState.HELD, 0) for each in standings.values()) == 11


def test_an_operator_who_has_seen_why_can_go_on(rollouts, worker, clock):
    number = begun(rollouts)
    worker.work(AP_00=PushState.REFUSED)
    next_wave(rollouts, clock)
    rollouts.resume(number, by="somebody")
    next_wave(rollouts, clock)
    assert len(worker.work()) == 5


def test_what_cannot_be_reached_holds_nobody_up_and_is_tried_until_it_comes_back(rollouts, worker, clock):
    number = begun(rollouts)
    worker.work(AP_00=None)
    for _ in range(4):
        next_wave(rollouts, clock)
        worker.work(AP_00=None)
    assert rollouts.standing(number)[0].state is RolloutState.RUNNING
    clock.advance(timedelta(hours=2))
    assert worker.work() == ["AP-00"]
    next_wave(rollouts, clock)
    assert rollouts.standing(number)[0].state is RolloutState.DONE


def test_a_pause_lets_nothing_begin_and_resuming_goes_on(rollouts, worker, clock):
    number = begun(rollouts)
    rollouts.pause(number, by="somebody")
    assert worker.work() == []
    rollouts.advance()
    rollouts.resume(number, by="somebody")
    assert worker.work() == ["AP-00"]


def test_an_aborted_rollout_never_goes_on(rollouts, worker, clock):
    number = begun(rollouts)
    worker.work()
    rollouts.abort(number, by="somebody")
    next_wave(rollouts, clock)
    assert worker.work() == []
    with pytest.raises(Conflict, match="is aborted"):
        rollouts.resume(number, by="somebody")
    assert rollouts.standing(number)[1][2].counts == {PushState.CANCELLED: 5}


def test_the_way_back_names_what_was_committed_the_last_wave_first(rollouts, worker, clock):
    number = begun(rollouts)
    worker.work()
    next_wave(rollouts, clock)
    worker.work(AP_01=PushState.UNDONE)
    back = rollouts.ways_back(number)
    assert [name for name, _ in back] == ["AP-02", "AP-03", "AP-04", "AP-05", "AP-00"]
    assert {before for _, before in back} == {"old"}


def test_a_wave_begins_no_faster_than_it_may(rollouts, store, clock):
    slow = Rollouts(store, clock, a_second=0.5)
    number = begun(slow)
    worker = Worker(ChangeControl(store, clock), clock)
    worker.work()
    next_wave(slow, clock)
    changes_ = ChangeControl(store, clock)
    assert changes_.claim("w") is not None
    assert changes_.claim("w") is None
    clock.advance(timedelta(seconds=2))
    assert changes_.claim("w") is not None
    assert number == 1


def test_nobody_approves_their_own_where_the_city_wants_two(store, clock, rollouts):
    strict = Rollouts(store, clock, second_person=True)
    number = strict.propose(changes(), "new name", SOAK, by="somebody")
    with pytest.raises(Forbidden):
        strict.approve(number, by="somebody")


def test_nothing_to_roll_out_and_unknown_numbers_are_said(rollouts):
    with pytest.raises(BadInput, match="Nothing would change"):
        rollouts.propose([], "", SOAK, by="somebody")
    with pytest.raises(NotFound, match="no rollout number 99"):
        rollouts.approve(99, by="somebody")


def test_who_did_what_stands_in_the_audit_trail(rollouts, worker, clock, store):
    begun(rollouts)
    worker.work(AP_00=PushState.UNDONE)
    next_wave(rollouts, clock)
    with store.read() as tx:
        deeds = [(each.actor, each.action) for each in tx.audit.newest(9, noun="rollout")]
    assert deeds == [("rollout", "halted"), ("somebody else", "approved"), ("somebody", "proposed")]


def test_a_canary_that_cannot_be_reached_is_stood_in_for_before_anybody_else_goes(rollouts, worker, clock):
    number = begun(rollouts)
    worker.work(AP_00=None)
    next_wave(rollouts, clock)
    assert "AP-01" in worker.work(AP_00=None)
    assert rollouts.standing(number)[0].wave == 1
    next_wave(rollouts, clock)
    assert rollouts.standing(number)[0].wave == 2


def test_what_comes_back_is_tried_at_once(rollouts, worker, clock, store):
    begun(rollouts)
    for _ in range(4):
        clock.advance(timedelta(minutes=4))
        worker.work(AP_00=None)
    assert worker.work() == []
    with store.begin() as tx:
        tx.observations.record([Looked("AP-00", Observation(clock.now(), up=True), "")])
    rollouts.advance()
    assert "AP-00" in worker.work()


def test_never_two_of_one_site_at_once_also_when_one_comes_back_late(rollouts, clock, store):
    with store.begin() as tx:
        tx.sites.save(SITES)
        tx.access_points.save([an_access_point("AP-99", site=SITES[0])], tx.sites.numbers())
    both = [*changes()[:1], Change(Member("AP-99", SITES[0].key), "new", "d", "old")]
    rollouts.approve(rollouts.propose(both, "new name", timedelta(0), by="one"), by="two")
    control = ChangeControl(store, clock)
    control.postpone(control.claim("w"), "w", "no answer")
    rollouts.advance()
    clock.advance(timedelta(hours=1))
    assert (control.claim("w").access_point, control.claim("w")) == ("AP-00", None)


def test_the_report_names_whoever_needs_somebody_and_no_one_else(rollouts, worker, clock):
    number = begun(rollouts)
    worker.work()
    next_wave(rollouts, clock)
    worker.work(AP_01=PushState.UNDONE, AP_02=PushState.REFUSED, AP_03=None)
    found = {each.access_point: each for each in rollouts.report(number, trouble=True)}
    assert set(found) == {"AP-01", "AP-02", "AP-03"}
    assert [name for name, each in found.items() if each.next_step] == ["AP-03"]
    assert all(each.needs_somebody for each in found.values())
    assert len(rollouts.report(number)) == 12


def test_what_was_asked_for_is_planned_once(rollouts):
    number = rollouts.ask("new name", SOAK, by="somebody")
    assert [each.number for each in rollouts.asked_for()] == [number]
    rollouts.fill(number, changes(), Shown((ShownGroup("diff", ("networks",), 35, ("AP-00",)),), 35))
    assert rollouts.asked_for() == []
    assert rollouts.standing(number)[0].score == 35
    with pytest.raises(Conflict):
        rollouts.fill(number, changes(), Shown())
    with pytest.raises(BadInput, match="Say why"):
        rollouts.ask("", SOAK, by="somebody")
    other = rollouts.ask("again", SOAK, by="somebody")
    rollouts.give_up(other, "Nothing would change.")
    assert rollouts.standing(other)[0].state is RolloutState.ABORTED
