"""The plans that a new installation begins with."""

from datetime import timedelta

import pytest

from tests.builders import a_plan
from wifi_manager import shipped
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.plans import Plan
from wifi_manager.services.plans import read_plans, seed_plans

SHIPPED = shipped.configs() / "plans.toml"


def test_the_shipped_plans_are_a_day_and_an_hour():
    day, hour = read_plans(SHIPPED.read_text(encoding="utf-8"))
    assert day == a_plan()
    assert hour == Plan("hour", timedelta(hours=1), 10_000_000, 5_000_000)


def test_plans_are_added_once_and_a_changed_one_stays(store):
    assert seed_plans(store, SHIPPED) == ["day", "hour"]
    changed = a_plan(lifetime=timedelta(hours=8))
    with store.begin() as tx:
        tx.plans.save(changed)
    assert seed_plans(store, SHIPPED) == []
    with store.read() as tx:
        assert tx.plans.get("day") == changed


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
    ],
)
def test_a_mistake_is_named(text, said):
    with pytest.raises(BadInput, match=said):
        read_plans(text)


def test_a_missing_file_is_named(store, tmp_path):
    with pytest.raises(BadInput, match=r"none\.toml"):
        seed_plans(store, tmp_path / "none.toml")
