"""A worker carries pushes out side by side, begins no more in a second than it may, and outlives what fails."""

import threading

import pytest

from provisioning.crew import Crew
from provisioning.driver import Answer, Standing, State
from provisioning.worker import Worker
from tests.builders import a_site, an_access_point
from tests.fakes.clock import FrozenClock
from tests.provisioning.golden import BEFORE
from tests.provisioning.kit import until
from tests.provisioning.test_push import ScriptedDevice
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.pushes import PushState
from wifi_manager.services.change_control import ChangeControl, Reach

NAMES = [f"AP-{number}" for number in range(5)]
PATIENCE = 30


@pytest.fixture
def changes(store, clock: FrozenClock):
    """Change control with an approved push for each of five access points."""
    points = [an_access_point(name, site=a_site(name=f"Park of {name}")) for name in NAMES]
    with store.begin() as tx:
        tx.sites.save([each.site for each in points])
        tx.access_points.save(points, tx.sites.numbers())
    control = ChangeControl(store, clock)
    for name in NAMES:
        control.enrol(name, "openwrt", Reach(Management(name, 22, "root", "SHA256:abc"), "A KEY"), by="dispatcher")
        proposed = control.propose(name, BEFORE.read_text(encoding="utf-8"), "d1", by="dispatcher")
        control.approve(proposed.number, by="second person")
    return control


class Stop(threading.Event):
    """Remembers how long was waited between one claim and the next, and does not wait at all."""

    def __init__(self):
        super().__init__()
        self.waits = []

    def wait(self, timeout=None):
        self.waits.append(timeout)
        return super().wait(0.01)


class Meeting(ScriptedDevice):
    """Goes on only once so many pushes are at their access points."""

    def __init__(self, all_here):
        super().__init__(applies=[Answer.NOCHANGE])
        self.all_here = all_here

    def stage(self, config):
        self.all_here.wait(PATIENCE)
        return super().stage(config)


def working(crew, stop, is_done):
    """Let it work until that is so."""
    thread = threading.Thread(target=crew.run, args=(stop,), kwargs={"idle_seconds": 0.02})
    thread.start()
    try:
        until(is_done, PATIENCE)
    finally:
        stop.set()
        thread.join()


def ended(changes, state):
    with changes.store.read() as tx:
        return tx.pushes.counts().get(state, 0)


def test_five_pushes_wait_for_their_access_points_side_by_side(changes):
    all_here = threading.Barrier(len(NAMES))
    crew = Crew(Worker(changes, lambda *_: Meeting(all_here), "worker"), len(NAMES), 1000)
    working(crew, Stop(), lambda: ended(changes, PushState.UNCHANGED) == len(NAMES))


def test_no_more_pushes_begin_in_a_second_than_may_whatever_they_belong_to(changes):
    stop = Stop()
    crew = Crew(Worker(changes, lambda *_: ScriptedDevice(applies=[Answer.NOCHANGE]), "worker"), 3, 4.0)
    working(crew, stop, lambda: ended(changes, PushState.UNCHANGED) == len(NAMES))
    assert stop.waits.count(0.25) == len(NAMES)


def test_a_database_that_fails_meanwhile_stops_no_other_push_and_invents_no_outcome(changes):
    answers = iter([OutsideFailure("The database does not answer."), *[None] * 9])

    def device(*_):
        error = next(answers)
        return ScriptedDevice(stages=[error or Standing(State.NONE)], applies=[Answer.NOCHANGE])

    crew = Crew(Worker(changes, device, "worker"), 1, 1000)
    working(crew, Stop(), lambda: ended(changes, PushState.UNCHANGED) == len(NAMES) - 1)
    assert ended(changes, PushState.RUNNING) == 1
