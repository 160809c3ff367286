import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta

import prometheus_client
import pytest

from tests.fakes.clock import FrozenClock
from tests.gateway.conftest import NOW, grant
from tests.lab.namespaces import wait_for
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.domain.grants import Usage
from wifi_manager.gateway.agent import Agent
from wifi_manager.gateway.city_time import SystemTime
from wifi_manager.gateway.last_known import LastKnown
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.netfilter.elements import Element, Operation, Verb
from wifi_manager.gateway.state import StateFolder
from wifi_manager.wire.grants import GrantChanges, GrantList
from wifi_manager.wire.reports import Report

pytestmark = pytest.mark.root


@dataclass
class ScriptedControl:
    """Gives the answers it was told, then waits; refuses as many reports as it was told."""

    answers: list[GrantList | GrantChanges]
    refused_reports: int = 0
    enough: int = 1  # reports until `told`
    heard: list[str] = field(default_factory=list)
    reports: list[Report] = field(default_factory=list)
    more: asyncio.Event = field(default_factory=asyncio.Event)  # than the first answer
    told: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.more.set()

    async def grants(self, after: int, wait_seconds: int) -> GrantList | GrantChanges:
        self.heard.append(f"asked after {after}")
        if len(self.heard) > 1:
            await self.more.wait()
        if not self.answers:
            await asyncio.Event().wait()
        return self.answers.pop(0)

    async def report(self, report: Report) -> None:
        if self.refused_reports:
            self.refused_reports -= 1
            self.heard.append("refused a report")
            raise OutsideFailure("Control does not answer.")
        self.heard.append(f"took a report of {report.revision}")
        self.reports.append(report)
        if len(self.reports) >= self.enough:
            self.told.set()


@pytest.fixture
def make(kernel, tmp_path):
    """An agent over the real kernel sets, with this control; and what it tells of changes."""

    def agent(control: ScriptedControl) -> Agent:
        metrics = GatewayMetrics(prometheus_client.CollectorRegistry())
        machine_time = SystemTime(FrozenClock(NOW))
        return Agent(kernel, control, StateFolder(tmp_path), machine_time, metrics, changed=lambda _: None)

    return agent


async def until(event: asyncio.Event, *loops: Callable[[], Awaitable[None]]) -> None:
    """Run loops side by side until the event, at most 20 s."""
    tasks = [asyncio.ensure_future(loop()) for loop in loops]
    try:
        await asyncio.wait_for(event.wait(), 20)
    finally:
        for task in tasks:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await task


def test_an_answer_is_enforced_before_it_is_acknowledged(make, kernel):
    async def scenario() -> list[Report]:
        control = ScriptedControl([GrantList(5, (grant(1),), NOW)])
        await until(control.told, make(control).follow_control)
        return control.reports

    assert asyncio.run(scenario()) == [Report(5, ())]
    assert kernel.passage(grant(1).device).visit == "visit-1"


def test_an_acknowledgement_that_was_lost_is_sent_again_before_the_next_question(make):
    async def scenario() -> ScriptedControl:
        control = ScriptedControl([GrantList(5, (), NOW)], refused_reports=1)
        await until(control.told, make(control).follow_control)
        return control

    control = asyncio.run(scenario())
    assert control.heard[:3] == ["asked after 0", "refused a report", "took a report of 5"]


def test_a_control_that_was_restored_from_a_backup_is_followed_backwards(make, kernel):
    async def scenario() -> ScriptedControl:
        control = ScriptedControl([GrantList(9, (grant(1),), NOW), GrantList(4, (grant(2),), NOW)], enough=2)
        await until(control.told, make(control).follow_control)
        return control

    control = asyncio.run(scenario())
    assert [report.revision for report in control.reports] == [9, 4]
    assert {passage.visit for passage in kernel.seen().passages.values()} == {"visit-2"}


NEWS = GrantChanges(5, 6, (grant(3), grant(1, minutes=30)), (2,), NOW)


def test_news_are_enforced_beside_what_was_known_and_acknowledged(make, kernel):
    async def scenario() -> list[Report]:
        control = ScriptedControl([GrantList(5, (grant(1), grant(2)), NOW), NEWS], enough=2)
        await until(control.told, make(control).follow_control)
        return control.reports

    reports = asyncio.run(scenario())
    assert [report.revision for report in reports] == [5, 6]
    assert [usage.visit for usage in reports[1].usage] == ["visit-2"]
    found = kernel.seen().passages
    assert {number: passage.visit for number, passage in found.items()} == {1: "visit-1", 3: "visit-3"}
    assert found[1].left <= timedelta(minutes=30)
    assert kernel.reconcile([grant(1, minutes=30), grant(3)], NOW, {}).is_empty


def test_news_that_do_not_follow_what_is_known_make_the_agent_ask_for_everything(make, kernel):
    async def scenario() -> ScriptedControl:
        answers = [GrantList(4, (grant(1),), NOW), NEWS, GrantList(6, (grant(2),), NOW)]
        control = ScriptedControl(answers, enough=2)
        await until(control.told, make(control).follow_control)
        return control

    control = asyncio.run(scenario())
    assert [each for each in control.heard if each.startswith("asked")][:3] == [
        "asked after 0",
        "asked after 4",
        "asked after 0",
    ]
    assert set(kernel.seen().passages) == {2}


def test_a_list_and_news_are_on_the_disk_and_the_list_is_not_written_for_news(make, tmp_path):
    async def scenario() -> None:
        control = ScriptedControl([GrantList(5, (grant(1), grant(2)), NOW), NEWS])
        control.more.clear()
        agent = make(control)
        loops = [asyncio.ensure_future(loop()) for loop in (agent.follow_control, agent.keep_saved)]
        state, file = StateFolder(tmp_path), tmp_path / "last-known.json"
        await eventually(file.exists)
        written = file.stat().st_mtime_ns
        control.more.set()
        await eventually(lambda: state.last_known().revision == 6)
        assert file.stat().st_mtime_ns == written
        assert state.last_known().answer == GrantList(5, (grant(1), grant(2)), NOW).after(NEWS)
        for loop in loops:
            loop.cancel()

    asyncio.run(scenario())


def test_grants_whose_time_is_over_are_forgotten_though_control_does_not_tell_of_them(make, tmp_path):
    async def scenario() -> None:
        agent = make(ScriptedControl([GrantList(5, (grant(1), grant(2, minutes=0)), NOW)]))
        running = [asyncio.ensure_future(loop()) for loop in (agent.follow_control, agent.keep_saved)]
        await eventually((tmp_path / "last-known.json").exists)
        running.append(asyncio.ensure_future(agent.keep_reconciled()))
        await eventually(lambda: StateFolder(tmp_path).last_known().answer.grants == (grant(1),))
        for loop in running:
            loop.cancel()

    asyncio.run(scenario())


async def eventually(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("not within 20 s")


def test_an_ended_visit_reports_its_last_bytes_with_the_acknowledgement(make, kernel):
    async def scenario() -> ScriptedControl:
        control = ScriptedControl([GrantList(2, (), NOW)])
        kernel.reconcile([grant(1)], NOW, {"visit-1": Usage("visit-1", 40, 50)})
        await until(control.told, make(control).follow_control)
        return control

    assert asyncio.run(scenario()).reports == [Report(2, (Usage("visit-1", 40, 50),))]


def test_an_empty_kernel_is_filled_from_the_disk_with_the_life_and_the_usage_that_were_left(make, kernel, tmp_path):
    moment = SystemTime(FrozenClock(NOW)).moment()
    answer = GrantList(3, (grant(1), grant(2, minutes=0)), NOW)
    StateFolder(tmp_path).save_last_known(LastKnown(answer, moment, (Usage("visit-1", 7, 8),)))

    asyncio.run(make(ScriptedControl([])).restore(kernel_is_filled=False))

    (passage,) = kernel.seen().passages.values()
    assert passage.usage == Usage("visit-1", 7, 8)
    assert timedelta(minutes=59) < passage.left <= timedelta(minutes=60)


def test_a_kernel_that_still_holds_grants_is_believed_and_not_the_disk(make, kernel, tmp_path):
    kernel.reconcile([grant(2)], NOW, {})
    moment = SystemTime(FrozenClock(NOW)).moment()
    StateFolder(tmp_path).save_last_known(LastKnown(GrantList(3, (grant(1),), NOW), moment))

    asyncio.run(make(ScriptedControl([])).restore(kernel_is_filled=True))

    assert {passage.visit for passage in kernel.seen().passages.values()} == {"visit-2"}


def test_a_damaged_disk_is_passed_over(make, tmp_path):
    (tmp_path / "last-known.json").write_text("{")

    asyncio.run(make(ScriptedControl([])).restore(kernel_is_filled=False))


def test_what_somebody_else_removed_from_the_kernel_is_put_back(make, kernel, table):
    async def scenario() -> None:
        control = ScriptedControl([GrantList(5, (grant(1),), NOW)])
        agent = make(control)
        await until(control.told, agent.follow_control)
        table.apply([Operation(Verb.DELETE, Element("online", grant(1).device.octets))])
        mended = asyncio.Event()

        async def look() -> None:
            await asyncio.to_thread(wait_for, "the visit", lambda: kernel.passage(grant(1).device))
            mended.set()

        await until(mended, agent.keep_reconciled, look)

    asyncio.run(scenario())
