"""The plans that a new installation begins with."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import a_plan, a_visit, an_asker
from wifi_manager import shipped
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.grants import Usage
from wifi_manager.domain.plans import Plan
from wifi_manager.services.granting import Granting
from wifi_manager.services.plans import Planning, read_plans, seed_plans
from wifi_manager.wire.grants import GrantList

SHIPPED = shipped.configs() / "plans.toml"


def test_the_shipped_plans_are_a_day_an_hour_and_a_short_pass():
    day, hour, relief = read_plans(SHIPPED.read_text(encoding="utf-8"))
    assert day == a_plan(extensions=1)
    assert hour == Plan("hour", timedelta(hours=1), 10_000_000, 5_000_000)
    assert relief == Plan("relief", timedelta(minutes=15), 5_000_000, 2_000_000)


def test_plans_are_added_once_and_a_changed_one_stays(store):
    assert seed_plans(store, SHIPPED) == ["day", "hour", "relief"]
    changed = a_plan(lifetime=timedelta(hours=8))
    with store.begin() as tx:
        tx.plans.save(changed)
    assert seed_plans(store, SHIPPED) == []
    with store.read() as tx:
        assert tx.plans.get("day") == changed


def test_a_plan_limits_idleness_and_volumes_by_direction():
    (plan,) = read_plans("[day]\nlifetime_hours = 24\nidle_minutes = 30\nup_volume_mb = 5\ndown_volume_mb = 7.5")
    assert plan == a_plan(idle=timedelta(minutes=30), up_volume_bytes=5_000_000, down_volume_bytes=7_500_000)


def test_a_changed_plan_reaches_running_visits_with_all_that_they_have_used(store, clock):
    with store.begin() as tx:
        tx.gateways.add("gw-1", None, b"digest", clock.now())
        tx.plans.save(a_plan())
        number = tx.visits.device_number(an_asker().device, clock.now())
        visit = a_visit(number=number, opened_at=clock.now(), expires_at=clock.now() + timedelta(hours=1), site=None)
        tx.visits.add(visit)
        before = tx.changes.note("gw-1", [number], clock.now())
        tx.metering.record("gw-1", [Usage(visit.public_id, 10, 20)])
    slower = a_plan(down_bps=1_000_000, idle=timedelta(minutes=5))
    planning = Planning(store, clock)

    assert planning.apply([slower, a_plan(name="new")], "somebody") == ["day", "new"]
    assert planning.apply([slower], "somebody") == []

    answer = Granting(store, clock).answer("gw-1", before)
    assert isinstance(answer, GrantList)
    assert answer.revision > before
    assert answer.grants == (replace(visit, plan=slower).grant(),)
    with store.read() as tx:
        assert tx.visits.get(visit.public_id).down_bytes == 20
        trail = [(each.actor, each.action, each.subject, each.after["down_bps"]) for each in tx.audit.newest(9)]
    assert trail == [("somebody", "added", "new", None), ("somebody", "changed", "day", 1_000_000)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("day", "TOML"),
        ("day = 24", r"\[day\]"),
        ("[day]\n", "lifetime_hours"),
        ("[day]\nlifetime_hours = 24\nspeed = 1", "no key speed"),
        ("[day]\nlifetime_hours = 24\ndown_mbps = 0", "down_mbps"),
        ("[day]\nlifetime_hours = true", "lifetime_hours"),
        ("[day]\nlifetime_hours = inf", "lifetime_hours"),
        ("[day]\nlifetime_hours = 1\nidle_minutes = 0.5", "idle must be a minute or longer"),
    ],
)
def test_a_mistake_is_named(text, said):
    with pytest.raises(BadInput, match=said):
        read_plans(text)


def test_a_missing_file_is_named(store, tmp_path):
    with pytest.raises(BadInput, match=r"none\.toml"):
        seed_plans(store, tmp_path / "none.toml")
