"""Who is looked at when: healthy access points by the clock, silent ones less and less often."""

from hypothesis import given
from hypothesis import strategies as st

from provisioning.poll_schedule import LONGEST_SECONDS, Schedule


def a_schedule(interval=60.0):
    return Schedule(interval, lambda: 1.0)


def looked(schedule, now, *, answered, seconds=1.0):
    schedule.begun("AP-1", now)
    schedule.done("AP-1", now + seconds, answered=answered, seconds=seconds)


def next_look(schedule, now):
    """After how many seconds it is due again."""
    return next(wait for wait in range(10_000) if schedule.take_due(["AP-1"], now + wait))


def test_one_that_answers_is_due_an_interval_after_its_last_look_began():
    schedule = a_schedule()
    assert schedule.take_due(["AP-1"], 0.0) == ["AP-1"]
    looked(schedule, 5.0, answered=True)
    assert next_look(schedule, 5.0) == 60


def test_one_that_does_not_answer_is_asked_less_and_less_often_and_at_once_as_before_when_it_does():
    schedule, now, waits = a_schedule(), 0.0, []
    for _ in range(6):
        schedule.take_due(["AP-1"], now)
        looked(schedule, now, answered=False, seconds=0.0)
        waits.append(next_look(schedule, now))
        now += waits[-1]
    assert waits == [60, 120, 240, 300, 300, 300]
    looked(schedule, now, answered=True, seconds=0.0)
    assert next_look(schedule, now) == 60


@given(st.integers(1, 10_000), st.floats(1, 3600))
def test_no_access_point_is_left_alone_for_longer_than_the_longest_pause_or_the_interval(misses, interval):
    schedule = a_schedule(interval)
    for _ in range(min(misses, 40)):
        looked(schedule, 0.0, answered=False, seconds=0.0)
    assert schedule.take_due(["AP-1"], max(LONGEST_SECONDS, interval)) == ["AP-1"]


def test_a_look_under_way_is_not_begun_again():
    schedule = a_schedule()
    assert schedule.take_due(["AP-1"], 0.0) == ["AP-1"]
    assert schedule.take_due(["AP-1"], 10_000.0) == []


def test_the_silent_and_the_slow_are_in_doubt_until_they_answer_in_time():
    schedule = a_schedule()
    for answered, seconds, doubtful in ((True, 1, False), (False, 1, True), (True, 30, True), (True, 1, False)):
        looked(schedule, 0.0, answered=answered, seconds=seconds)
        assert schedule.is_doubtful("AP-1") is doubtful


def test_what_is_known_of_one_goes_with_it():
    schedule = a_schedule()
    looked(schedule, 0.0, answered=False)
    assert schedule.forget_all_but(["AP-2"]) == ["AP-1"]
    assert not schedule.is_doubtful("AP-1")
