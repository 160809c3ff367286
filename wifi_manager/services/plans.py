"""Plans that an installation begins with: from a file that city IT edits into the database."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.plans import Plan
from wifi_manager.storage.store import Store

_MILLION = 1_000_000
_LIMITS = {"down_mbps": "down_bps", "up_mbps": "up_bps", "volume_mb": "volume_bytes"}


def read_plans(text: str) -> tuple[Plan, ...]:
    """Plans of a TOML text such as configs/plans.toml. Raises BadInput naming the plan and the key."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise BadInput(f"The file of plans is not TOML: {broken}.") from broken
    return tuple(_plan(name, table) for name, table in tables.items())


def seed_plans(store: Store, path: Path) -> list[str]:
    """Add the plans whose name is not known yet, and say which. A known one stays: operators may have changed it.

    Raises BadInput when the file cannot be used.
    """
    try:
        plans = read_plans(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise BadInput(f"{path}: the file of plans cannot be read: {missing.strerror}.") from missing
    with store.begin() as tx:
        known = tx.plans.all()
        new = [plan for plan in plans if plan.name not in known]
        for plan in new:
            tx.plans.save(plan)
    return [plan.name for plan in new]


def _plan(name: str, table: Any) -> Plan:
    if not isinstance(table, dict):
        raise BadInput(f"Plan {name!r} is a table with keys of its own. Example: [{name}]")
    if unknown := set(table) - {"lifetime_hours", *_LIMITS}:
        raise BadInput(f"Plan {name!r} has no key {min(unknown)}. Known are: lifetime_hours, {', '.join(_LIMITS)}.")
    limits = {field: int(_amount(name, key, table) * _MILLION) for key, field in _LIMITS.items() if key in table}
    return Plan(name, timedelta(hours=_amount(name, "lifetime_hours", table)), **limits)


def _amount(name: str, key: str, table: dict[str, Any]) -> float:
    value = table.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < _MILLION:
        raise BadInput(f"Plan {name!r}: {key} is a number above 0. Example: {key} = 24")
    return float(value)
