"""A day's budget of somebody, whom it counts for as a keyed digest that no other day shares."""

from datetime import datetime
from zoneinfo import ZoneInfo

from wifi_manager.domain.budgets import Budget, day_of
from wifi_manager.storage.vault import Vault


def a_day(vault: Vault, zone: ZoneInfo, name: str, whom: bytes, now: datetime, limit: int) -> Budget:
    """The budget of this name for `whom` on the city's day that `now` is in."""
    day = day_of(now, zone)
    return Budget(name, vault.digest(f"{name} {day.date()}", whom), day, limit)
