"""Plans: an installation begins with those of a file, and city IT changes them by applying one."""

import tomllib
from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from wifi_manager.clock import Clock
from wifi_manager.domain.audit import AuditEntry
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.plans import Plan
from wifi_manager.storage.store import Store

_MILLION = 1_000_000
_LIMITS = {
    "down_mbps": "down_bps",
    "up_mbps": "up_bps",
    "volume_mb": "volume_bytes",
    "up_volume_mb": "up_volume_bytes",
    "down_volume_mb": "down_volume_bytes",
}
_TIMES = ("lifetime_hours", "idle_minutes", "extension_hours")
_COUNT = "extensions"
_KEYS = (*_TIMES, _COUNT, *_LIMITS)
_MOST_EXTENSIONS = 1000


def read_plans(text: str) -> tuple[Plan, ...]:
    """Plans of a TOML text such as configs/plans.toml. Raises BadInput naming the plan and the key."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as broken:
        raise BadInput(f"The file of plans is not TOML: {broken}.") from broken
    return tuple(_plan(name, table) for name, table in tables.items())


@dataclass(frozen=True, slots=True)
class Planning:
    """Changes plans under running visits: they go on with the new limits, and with all that they have used."""

    store: Store
    clock: Clock

    def apply(self, plans: Iterable[Plan], actor: str) -> list[str]:
        """Make these plans as they are given, and leave others alone; returns the names of those that changed.

        The new lifetime of a plan holds for visits that begin from now on.
        """
        now = self.clock.now()
        with self.store.begin() as tx:
            known = tx.plans.all()
            changed = [plan for plan in plans if known.get(plan.name) != plan]
            for plan in changed:
                tx.plans.save(plan)
                tx.audit.add(_entry(known.get(plan.name), plan, actor, now))
            if any(plan.name in known for plan in changed):
                tx.changes.note_all_everywhere(now)
        return [plan.name for plan in changed]

    def all(self) -> Collection[Plan]:
        """Every plan, by name."""
        with self.store.read() as tx:
            return tx.plans.all().values()


def read_file(path: Path) -> tuple[Plan, ...]:
    """Plans of a TOML file. Raises BadInput when it cannot be used."""
    try:
        return read_plans(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise BadInput(f"{path}: the file of plans cannot be read: {missing.strerror}.") from missing


def seed_plans(store: Store, path: Path) -> list[str]:
    """Add the plans whose name is not known yet, and say which. A known one stays: operators may have changed it.

    Raises BadInput when the file cannot be used.
    """
    plans = read_file(path)
    with store.begin() as tx:
        known = tx.plans.all()
        new = [plan for plan in plans if plan.name not in known]
        for plan in new:
            tx.plans.save(plan)
    return [plan.name for plan in new]


def _plan(name: str, table: Any) -> Plan:
    if not isinstance(table, dict):
        raise BadInput(f"Plan {name!r} is a table with keys of its own. Example: [{name}]")
    if unknown := set(table) - set(_KEYS):
        raise BadInput(f"Plan {name!r} has no key {min(unknown)}. Known are: {', '.join(_KEYS)}.")
    limits: dict[str, Any] = {
        field: int(_amount(name, key, table) * _MILLION) for key, field in _LIMITS.items() if key in table
    }
    if "idle_minutes" in table:
        limits["idle"] = timedelta(minutes=_amount(name, "idle_minutes", table))
    if "extension_hours" in table:
        limits["extension"] = timedelta(hours=_amount(name, "extension_hours", table))
    lifetime = timedelta(hours=_amount(name, "lifetime_hours", table))
    return Plan(name, lifetime, extensions=_extensions(name, table), **limits)


def _extensions(name: str, table: dict[str, Any]) -> int:
    value = table.get(_COUNT, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _MOST_EXTENSIONS:
        raise BadInput(
            f"Plan {name!r}: {_COUNT} is a whole number from 0 to {_MOST_EXTENSIONS}. Example: {_COUNT} = 1"
        )
    return value


def _amount(name: str, key: str, table: dict[str, Any]) -> float:
    value = table.get(key)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value < _MILLION:
        raise BadInput(f"Plan {name!r}: {key} is a number above 0. Example: {key} = 24")
    return float(value)


def _entry(before: Plan | None, after: Plan, actor: str, now: datetime) -> AuditEntry:
    told = None if before is None else _told(before)
    action = "added" if before is None else "changed"
    return AuditEntry(now, actor, action, "plan", after.name, before=told, after=_told(after))


def _told(plan: Plan) -> dict[str, Any]:
    seconds = {name: value.total_seconds() for name, value in asdict(plan).items() if isinstance(value, timedelta)}
    return {**asdict(plan), **seconds}
