"""From a plan to a rollout: its pushes, and what people see of it. What the console asks for is planned here."""

import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from provisioning.changes import ChangeSet
from provisioning.planning import NOTHING, Plan, plan
from provisioning.platforms import render
from wifi_manager import log
from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.errors import BadInput, Conflict
from wifi_manager.domain.intent_documents import approved_intent
from wifi_manager.domain.risk import Touched, risk, touched
from wifi_manager.domain.rollouts import Member, Rollout, Shown, ShownGroup
from wifi_manager.services.intents import Intents
from wifi_manager.services.rollouts import Change, Rollouts

_PAUSE_SECONDS = 2.0


@dataclass(frozen=True, slots=True)
class Proposal:
    """All that a rollout needs."""

    changes: tuple[Change, ...]
    shown: Shown


def forward(intents: Intents) -> Proposal:
    """What the layers in force would change."""
    points = {each.external_id: each for each in intents.fleet()}
    running = intents.running()
    found = plan(points.values(), intents.wants(), running, intents.digests())
    changes = sorted(changes_of(found, points, running), key=lambda each: each.member.access_point)
    return Proposal(tuple(changes), shown_of(found))


def backward(intents: Intents, ways: list[tuple[str, str]]) -> Proposal:
    """The way back to the intents of `ways`, in their order."""
    points = {each.external_id: each for each in intents.fleet()}
    running = intents.running()
    back = [(name, text) for name, text in ways if name in points]
    changes = [_change_back(points[name], text, running.get(name)) for name, text in back]
    groups: dict[tuple[str, tuple[Touched, ...]], list[str]] = {}
    for name, text in back:
        groups.setdefault(_difference(running.get(name), text, points[name].platform), []).append(name)
    fleet = [each.site.key for each in points.values()]
    shown = []
    for (diff, what), names in groups.items():
        score = risk(what, [points[name].site.key for name in names], fleet).score
        shown.append(ShownGroup(diff, tuple(each.value for each in what), score, tuple(names)))
    whole = risk({each for _, what in groups for each in what}, [points[name].site.key for name, _ in back], fleet)
    return Proposal(tuple(changes), Shown(tuple(shown), whole.score, whole.reasons))


def changes_of(found: Plan, points: Mapping[str, AccessPoint], running: Mapping[str, str]) -> Iterator[Change]:
    """A canary for each shape of change on each platform."""
    for group in found.groups:
        for name in group.access_points:
            wanted, point = found.wanted[name], points[name]
            member = Member(name, point.site.key, f"{point.platform}\n{group.shape}")
            yield Change(member, wanted.intent, wanted.digest, running.get(name))


def shown_of(found: Plan) -> Shown:
    """What people see of a plan."""
    groups = tuple(
        ShownGroup(each.example, _in_order(each.touched), each.risk.score, each.access_points)
        for each in found.groups
    )
    return Shown(groups, found.risk.score, found.risk.reasons, len(found.unchanged), found.wrong)


@dataclass(frozen=True, slots=True)
class Planner:
    """Makes the plans of the rollouts that were asked for. Several may do so at once: the first one counts."""

    intents: Intents
    rollouts: Rollouts
    pause_seconds: float = _PAUSE_SECONDS

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set."""
        while not stop.wait(self.pause_seconds):
            self._step_safely()

    def step(self) -> None:
        """Plan all that was asked for."""
        for each in self.rollouts.asked_for():
            self._plan(each)

    def _plan(self, asked: Rollout) -> None:
        try:
            made = self._proposal(asked)
            self.rollouts.fill(asked.number, made.changes, made.shown)
        except BadInput as nothing:
            self.rollouts.give_up(asked.number, str(nothing))

    def _proposal(self, asked: Rollout) -> Proposal:
        if asked.undoes is None:
            return forward(self.intents)
        return backward(self.intents, self.rollouts.ways_back(asked.undoes))

    def _step_safely(self) -> None:
        try:
            self.step()
        except Conflict:
            log.get("provisioning.rollouts").info("another worker was faster with a plan, or it was taken back")
        except Exception:  # noqa: BLE001 - the outermost loop: whatever failed, the next look must come
            log.get("provisioning.rollouts").exception("rollouts were not planned")


def _change_back(point: AccessPoint, text: str, now: str | None) -> Change:
    member = Member(point.external_id, point.site.key, point.platform)
    return Change(member, text, render(approved_intent(text), point.platform).digest(), now)


def _difference(now: str | None, text: str, platform: str) -> tuple[str, tuple[Touched, ...]]:
    after = approved_intent(text)
    before = None if now is None else approved_intent(now)
    change = ChangeSet(NOTHING if before is None else render(before, platform), render(after, platform))
    return change.diff(context=1), tuple(each for each in Touched if each in touched(before, after))


def _in_order(what: frozenset[Touched]) -> tuple[str, ...]:
    return tuple(each.value for each in Touched if each in what)
