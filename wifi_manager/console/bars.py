"""Figures with bars beside them: how many of each sort, the largest first."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Counted:
    """How many there are of one sort, and where a click on it leads; empty: nowhere."""

    name: str
    count: int
    url: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """A figure with its share of the largest one, in per cent: how long its bar is."""

    name: str
    count: int
    url: str
    share: float


def bars(counted: Iterable[Counted]) -> list[Bar]:
    """The largest first; equal ones stay as they were."""
    ordered = sorted(counted, key=lambda each: -each.count)
    largest = max((each.count for each in ordered), default=1)
    return [Bar(each.name, each.count, each.url, round(100 * each.count / largest, 1)) for each in ordered]
