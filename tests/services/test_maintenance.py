"""Maintenance windows are set by people, written into the trail, and kept by rollouts, on both databases."""

from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from tests.builders import NOON
from tests.fakes.clock import FrozenClock
from tests.services.test_rollouts import POINTS, SITES, SOAK, Worker, changes
from wifi_manager.domain.errors import BadInput, Conflict, NotFound
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.rollouts import RolloutState
from wifi_manager.services.change_control import ChangeControl
from wifi_manager.services.maintenance import NEEDED, Maintenance
from wifi_manager.services.rollouts import Rollouts

pytestmark = pytest.mark.slow

SEOUL = ZoneInfo("Asia/Seoul")
HERE = NOON.astimezone(SEOUL)


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def city(store, clock):
    with store.begin() as tx:
        tx.sites.save(SITES)
        tx.access_points.save(POINTS, tx.sites.numbers())
    return City(store, clock)


class City:
    def __init__(self, store, clock):
        self.store, self.clock = store, clock
        self.maintenance = Maintenance(store, clock, SEOUL)
        self.rollouts = Rollouts(store, clock, zone=SEOUL)
        self.changes = ChangeControl(store, clock, zone=SEOUL)
        self.worker = Worker(self.changes, clock)

    def open(self, scope, shift, hours=1):
        """Windows that open so many hours from now."""
        opens, closes = (HERE + timedelta(hours=each) for each in (shift, shift + hours))
        self.maintenance.put(scope, f"daily {opens:%H:%M}-{closes:%H:%M}", by="chief")

    def begin(self):
        number = self.rollouts.propose(changes(), "new name", SOAK, by="somebody")
        self.rollouts.approve(number, by="somebody else")
        return number


def test_a_push_waits_for_its_window_and_says_when_it_opens(city):
    city.open("city", 3)
    number = city.begin()
    assert city.worker.work() == []
    (canary,) = [each for each in city.rollouts.report(number) if each.wave == 1]
    opens = HERE + timedelta(hours=3)
    assert canary.opens == opens
    assert f"{opens:%H:%M}" in canary.reason
    city.clock.advance(timedelta(hours=3))
    assert city.worker.work() == ["AP-00"]


def test_what_waits_for_its_window_holds_its_wave_and_is_no_harm(city):
    city.open("city", 3)
    number = city.begin()
    city.clock.advance(SOAK)
    city.rollouts.advance()
    found, standings = city.rollouts.standing(number)
    assert (found.state, found.wave, standings[1].waiting) == (RolloutState.RUNNING, 1, 1)


def test_a_window_that_closed_since_the_wave_was_let_go_is_kept_too(city):
    number = city.begin()
    city.open("city", 3)
    assert city.worker.work() == []
    assert city.rollouts.report(number)[0].attempts == 0
    city.clock.advance(timedelta(hours=3))
    assert city.worker.work() == ["AP-00"]


def test_a_push_that_was_taken_is_not_sent_once_its_window_does_not_last(city):
    city.begin()
    city.clock.advance(timedelta(seconds=30))
    taken = city.changes.claim("w")
    assert city.changes.may_start(taken)
    city.open("city", 3)
    assert not city.changes.may_start(taken)
    with city.store.read() as tx:
        assert tx.pushes.get(taken.number).state is PushState.APPROVED


def test_a_push_does_not_start_when_the_window_is_about_to_close(city):
    city.open("city", -1, hours=1 + NEEDED.total_seconds() / 3600)
    number = city.begin()
    city.clock.advance(timedelta(seconds=30))
    assert city.worker.work() == []
    assert city.rollouts.report(number)[0].opens is not None


def test_an_operator_lets_a_rollout_run_at_any_hour_with_a_reason(city):
    city.open("city", 3)
    number = city.begin()
    with pytest.raises(BadInput, match="Say why"):
        city.rollouts.ignore_windows(number, "", by="chief")
    city.rollouts.ignore_windows(number, "the old key is known to everybody", by="chief")
    assert city.worker.work() == ["AP-00"]
    with city.store.read() as tx:
        entry = tx.audit.newest(1, noun="rollout")[0]
    assert (entry.actor, entry.after) == ("chief", {"reason": "the old key is known to everybody"})
    city.rollouts.abort(number, by="chief")
    with pytest.raises(Conflict):
        city.rollouts.ignore_windows(number, "why not", by="chief")


def test_a_push_alone_keeps_to_windows_unless_whoever_approves_it_says_why_not(city):
    city.open("kind:park", 3)
    for reason, taken in (("", False), ("it is down", True)):
        push = city.changes.propose("AP-03", "intent", "d", by="somebody")
        city.changes.approve(push.number, by="somebody else", at_any_hour=reason)
        assert (city.changes.claim("w") is not None) is taken


def test_a_site_may_have_other_hours_than_its_city_and_lose_them_again(city):
    city.open("city", 3)
    scope = "site:" + "/".join(SITES[0].key)
    city.open(scope, -1, hours=3)
    city.begin()
    assert city.worker.work() == ["AP-00"]
    city.maintenance.take_away(scope, by="chief")
    assert [str(each.scope) for each in city.maintenance.all()] == ["city"]
    with pytest.raises(NotFound):
        city.maintenance.take_away(scope, by="chief")
    with pytest.raises(NotFound):
        city.open("site:Nowhere/None", 1)
    with city.store.read() as tx:
        deeds = [each.action for each in tx.audit.newest(9, noun="maintenance windows")]
    assert deeds == ["removed", "set", "set"]
