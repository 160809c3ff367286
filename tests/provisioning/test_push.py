"""A push as a state machine: whatever the device says, and whenever the line breaks, it ends with the device's truth."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from provisioning.changes import ChangeSet
from provisioning.config_files import ConfigFiles
from provisioning.driver import Answer, Facts, GoesOn, Refused, Standing, State
from provisioning.link import HostKeyChanged, Unreachable
from provisioning.push import Outcome, OutcomeKind, Pace, PushOrder, push
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.observations import Observation

OLD, NEW = ConfigFiles({"etc/config/network": b"old"}), ConfigFiles({"etc/config/network": b"new"})
ORDER = PushOrder("park-01", "7", NEW, timedelta(seconds=10))
MINE = ORDER.push_id
PENDING = Standing(State.PENDING, MINE)
COMMITTED = Standing(State.COMMITTED, MINE)


@dataclass
class ScriptedDevice:
    """Answers each question with the next of its answers, the last one for ever; an exception is raised."""

    stages: list[Any] = field(default_factory=lambda: [Standing(State.NONE)])
    applies: list[Any] = field(default_factory=lambda: [Answer.ARMED])
    confirms: list[Any] = field(default_factory=lambda: [COMMITTED])
    standings: list[Any] = field(default_factory=lambda: [PENDING])
    runs: ConfigFiles = OLD
    asked: list[str] = field(default_factory=list)
    switch_seconds: float = 0.0

    def stage(self, config: ConfigFiles) -> tuple[Standing, ChangeSet]:
        return self._next("stage", self.stages), ChangeSet(self.runs, config)

    def apply(self, push_id: str, *, undo_after: timedelta) -> Answer:
        answer: Answer = self._next("apply", self.applies)
        return answer

    def send(self, config: ConfigFiles, push_id: str, *, undo_after: timedelta, goes_on: GoesOn) -> Answer | None:
        standing, change = self.stage(config)
        return self.apply(push_id, undo_after=undo_after) if goes_on(standing, runs=change.is_empty) else None

    def confirm(self, push_id: str) -> Standing:
        answer: Standing = self._next("confirm", self.confirms)
        return answer

    def standing(self) -> Standing:
        answer: Standing = self._next("standing", self.standings)
        return answer

    def facts(self) -> Facts:
        raise AssertionError("a push does not ask that")

    def running_config(self) -> ConfigFiles:
        raise AssertionError("a push does not ask that")

    def observe(self) -> Observation:
        raise AssertionError("a push does not ask that")

    def _next(self, question: str, answers: list[Any]) -> Any:
        self.asked.append(question)
        answer = answers.pop(0) if len(answers) > 1 else answers[0]
        if isinstance(answer, Exception):
            raise answer
        return answer


def _pace() -> Pace:
    moments: Iterator[int] = iter(range(10_000))  # each look at the clock is a second later
    nothing: Callable[[float], None] = lambda _: None  # noqa: E731 - no waiting in a test
    return Pace(lambda: next(moments), nothing)


def _push(device: ScriptedDevice, new: ScriptedDevice | None = None) -> Outcome:
    return push(ORDER, device, new or device, _pace())


def test_a_push_that_is_confirmed_is_committed_in_three_steps():
    device = ScriptedDevice()

    assert _push(device) == Outcome(OutcomeKind.COMMITTED)
    assert device.asked == ["stage", "apply", "confirm"]


def test_it_is_confirmed_at_the_new_address():
    old, new = ScriptedDevice(), ScriptedDevice(confirms=[Unreachable("not yet"), PENDING, COMMITTED])

    assert _push(old, new) == Outcome(OutcomeKind.COMMITTED)
    assert (old.asked, new.asked) == (["stage", "apply"], ["confirm", "confirm", "confirm"])


def test_what_runs_already_is_no_change_and_nothing_is_sent():
    device = ScriptedDevice(runs=NEW)

    assert _push(device) == Outcome(OutcomeKind.NOCHANGE)
    assert device.asked == ["stage"]


@pytest.mark.parametrize(
    ("refusal", "outcome"),
    [
        (Refused("DRIFT"), Outcome(OutcomeKind.REFUSED, "DRIFT")),
        (Refused("UCI", "etc/config/x"), Outcome(OutcomeKind.TEMPLATE_ERROR, "UCI etc/config/x")),
    ],
)
def test_a_refusal_is_an_outcome_with_its_code(refusal, outcome):
    assert _push(ScriptedDevice(applies=[refusal])) == outcome


@pytest.mark.parametrize("reason", ["timeout", "reboot", "operator"])
def test_a_device_that_has_undone_it_says_why(reason):
    undone = Standing(State.ROLLEDBACK, MINE, reason)

    assert _push(ScriptedDevice(confirms=[undone])) == Outcome(OutcomeKind.UNDONE, reason)


def test_a_device_that_cannot_be_reached_in_time_is_asked_at_its_old_address_how_it_ended():
    old = ScriptedDevice(standings=[Unreachable("still away"), PENDING, Standing(State.ROLLEDBACK, MINE, "timeout")])
    new = ScriptedDevice(confirms=[Unreachable("never there")], standings=[Unreachable("never there")])

    assert _push(old, new) == Outcome(OutcomeKind.UNDONE, "timeout")


def test_a_device_that_stays_away_leaves_it_unknown():
    away = Unreachable("away")

    assert _push(ScriptedDevice(confirms=[away], standings=[away])) == Outcome(OutcomeKind.UNKNOWN)


def test_a_stranger_at_the_new_address_confirms_nothing():
    old = ScriptedDevice(standings=[Standing(State.ROLLEDBACK, MINE, "timeout")])
    new = ScriptedDevice(confirms=[HostKeyChanged("stranger")])

    assert _push(old, new) == Outcome(OutcomeKind.UNDONE, "timeout")


def test_after_a_lost_answer_the_device_is_asked():
    assert _push(ScriptedDevice(applies=[Unreachable("cut")])) == Outcome(OutcomeKind.COMMITTED)


def test_after_a_lost_upload_the_device_says_that_it_knows_nothing():
    device = ScriptedDevice(applies=[Unreachable("cut")], confirms=[Standing(State.COMMITTED, "another")])

    assert _push(device) == Outcome(OutcomeKind.REFUSED, "NOTSTAGED")


@pytest.mark.parametrize(
    ("standing", "outcome", "asked"),
    [
        (PENDING, Outcome(OutcomeKind.COMMITTED), ["stage", "confirm"]),
        (COMMITTED, Outcome(OutcomeKind.COMMITTED), ["stage"]),
        (Standing(State.ROLLEDBACK, MINE, "reboot"), Outcome(OutcomeKind.UNDONE, "reboot"), ["stage"]),
        (Standing(State.ROLLEDBACK, "other"), Outcome(OutcomeKind.COMMITTED), ["stage", "apply", "confirm"]),
    ],
)
def test_a_push_that_was_interrupted_goes_on_where_the_device_stands(standing, outcome, asked):
    device = ScriptedDevice(stages=[standing])

    assert _push(device) == outcome
    assert device.asked == asked


def test_a_push_that_was_interrupted_after_the_move_is_found_at_the_new_address():
    old, new = ScriptedDevice(stages=[Unreachable("moved")]), ScriptedDevice(stages=[PENDING])

    assert _push(old, new) == Outcome(OutcomeKind.COMMITTED)


def test_where_it_is_at_neither_address_the_error_is_about_the_one_that_it_has():
    old, new = ScriptedDevice(stages=[Unreachable("here")]), ScriptedDevice(stages=[Unreachable("there")])

    with pytest.raises(Unreachable, match="here"):
        _push(old, new)


@pytest.mark.parametrize("error", [Unreachable("away"), HostKeyChanged("stranger")])
def test_where_nothing_was_sent_the_error_is_the_callers(error):
    device = ScriptedDevice(stages=[error])

    with pytest.raises(type(error)):
        _push(device)
    assert device.asked == ["stage"]


def test_the_id_follows_from_device_and_revision_alone():
    assert PushOrder("park-01", "7", OLD).push_id == MINE
    assert len({PushOrder("park-01", "8", OLD).push_id, PushOrder("park-02", "7", OLD).push_id, MINE}) == 3


@pytest.mark.parametrize("seconds", [0, 3, 3601])
def test_an_undo_time_that_cannot_work_is_refused(seconds):
    with pytest.raises(BadInput, match="undo time"):
        PushOrder("park-01", "7", NEW, timedelta(seconds=seconds))
