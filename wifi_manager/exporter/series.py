"""How one family writes its lines for one access point, in the Prometheus text format 0.0.4.

A large city writes tens of thousands of lines a second, so each family's text is made by a function that was put
together once and asks nothing twice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from wifi_manager.domain.observations import RadioReading
from wifi_manager.exporter.points import Point
from wifi_manager.metrics import Family

Value = float | None  # None: the access point has no such series now
Sample = tuple[str, Value]  # labels without the closing brace, and the value
Text = Callable[[Point], bytes]
_MOST = 1e300  # neither infinite nor NaN, whatever a device says of itself


class Tier(StrEnum):
    """Which cities read a family: all of them, or those that want to know everything."""

    CORE = "core"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Series:
    """One family and what writes it: `text` gives all lines of an access point, nothing where it has none.

    What a description says does not change by a look alone.
    """

    family: Family
    text: Text
    tier: Tier
    is_description: bool = False


def of_point(family: Family, value: Callable[[Point], Value], tier: Tier = Tier.FULL, decimals: int = 0) -> Series:
    """One sample for each access point."""
    name, number = _name(family), _rounding(decimals)

    def text(point: Point) -> bytes:
        found = value(point)
        if found is None or not -_MOST <= found <= _MOST:
            return b""
        return f"{name}{point.labels}}} {number(found)!r}\n".encode()

    return Series(family, text, tier)


def of_radios(
    family: Family, value: Callable[[RadioReading], Value], tier: Tier = Tier.FULL, decimals: int = 0
) -> Series:
    """One sample for each of its radios."""
    name, number = _name(family), _rounding(decimals)

    def text(point: Point) -> bytes:
        lines = ""
        for labels, radio in point.radios:
            found = value(radio)
            if found is not None and -_MOST <= found <= _MOST:
                lines += f"{name}{labels}}} {number(found)!r}\n"
        return lines.encode()

    return Series(family, text, tier)


def of_samples(
    family: Family, samples: Callable[[Point], Iterable[Sample]], tier: Tier = Tier.FULL, decimals: int = 0
) -> Series:
    """As many samples as there are, each with labels of its own."""
    name, number = _name(family), _rounding(decimals)

    def text(point: Point) -> bytes:
        lines = [
            f"{name}{labels}}} {number(value)!r}\n"
            for labels, value in samples(point)
            if value is not None and -_MOST <= value <= _MOST
        ]
        return "".join(lines).encode()

    return Series(family, text, tier)


def of_description(family: Family, labels: Callable[[Point], str]) -> Series:
    """1, and labels that say what it is."""
    name = _name(family)
    return Series(
        family, lambda point: f"{name}{point.labels}{labels(point)}}} 1\n".encode(), Tier.CORE, is_description=True
    )


def _name(family: Family) -> str:
    """As it is written in each line."""
    return f"{family.name}_total" if family.kind == "counter" else family.name


def _rounding(decimals: int) -> Callable[[float], float]:
    return (lambda value: round(value, decimals)) if decimals else int
