"""Drift: what runs on an access point is not what was last committed on it; and what operators decided about it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class DriftState(StrEnum):
    """Whether somebody has to look at it."""

    FOUND = "found"
    IGNORED = "ignored"  # until the end date, or until something else runs


@dataclass(frozen=True, slots=True)
class Ignored:
    """An operator's word that this drift may stay for a while."""

    until: datetime
    by: str
    reason: str


@dataclass(frozen=True, slots=True)
class Drift:
    """One access point that differs.

    `digest` is that of what runs. `override` is the part of an intent, as TOML, that would make what runs the wanted
    thing; `obstacles` are what no intent can say. `diff` hides keys; `override` does not.
    """

    access_point: str
    district: str
    site: str
    since: datetime
    digest: str
    diff: str = field(repr=False)
    override: str = field(repr=False)
    obstacles: tuple[str, ...] = ()
    ignored: Ignored | None = None
    adopted_version: int | None = None  # of the access point's own layer, which waits or holds

    def state(self, now: datetime) -> DriftState:
        """Ignored up to its end date."""
        return DriftState.IGNORED if self.ignored and now < self.ignored.until else DriftState.FOUND


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read on an access point because its digest was a new one.

    `observed` is the digest that the device told, `digest` that of the files that were read a moment later. `files`
    is an archive of them, `wanted` the digest that they were compared with, empty where nothing was ever committed.
    """

    observed: str
    digest: str
    files: bytes = field(repr=False)
    wanted: str = ""
    diff: str = field(default="", repr=False)
    override: str = field(default="", repr=False)
    obstacles: tuple[str, ...] = ()


def laid_over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """One layer's text over another of the same scope: nothing is lost, tables of the same name become one.

    Unlike `intent_layers.combine` it keeps what says that something is absent.
    """
    made = dict(below)
    for key, value in above.items():
        before = made.get(key)
        if isinstance(value, Mapping):
            made[key] = laid_over(before if isinstance(before, Mapping) else {}, value)
        elif _are_tables(value) and (before is None or _are_tables(before)):
            rows = {row["name"]: row for row in before or ()}
            rows.update({row["name"]: laid_over(rows.get(row["name"], {}), row) for row in value})
            made[key] = list(rows.values())
        else:
            made[key] = value
    return made


def _are_tables(value: Any) -> bool:
    return (
        isinstance(value, list) and bool(value) and all(isinstance(row, Mapping) and "name" in row for row in value)
    )
