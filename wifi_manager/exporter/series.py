"""How one family writes its lines for one access point, in the Prometheus text format 0.0.4."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from wifi_manager.domain.observations import RadioReading
from wifi_manager.exporter.points import Point
from wifi_manager.metrics import Family

Value = float | None  # None: the access point has no such series now
Sample = tuple[str, Value]  # labels behind those of the access point, and the value
_MOST = 1e300  # neither infinite nor NaN, whatever a device says of itself
Samples = Callable[[Point], Iterable[Sample]]


class Tier(StrEnum):
    """Which cities read a family: all of them, or those that want to know everything."""

    CORE = "core"
    FULL = "full"


@dataclass(frozen=True, slots=True)
class Series:
    """One family, its samples of one access point, and how many decimals they have."""

    family: Family
    samples: Samples
    tier: Tier = Tier.FULL
    decimals: int = 0

    def text(self, point: Point) -> bytes:
        """All lines of one access point; empty where it has none."""
        name, labels, decimals = self.name, point.labels, self.decimals
        lines = [
            f"{name}{labels}{rest}}} {_number(value, decimals)}\n"
            for rest, value in self.samples(point)
            if value is not None and -_MOST <= value <= _MOST
        ]
        return "".join(lines).encode()

    @property
    def name(self) -> str:
        """As it is written in each line."""
        return f"{self.family.name}_total" if self.family.kind == "counter" else self.family.name


def _number(value: float, decimals: int) -> str:
    return repr(round(value, decimals)) if decimals else str(int(value))


def of_point(value: Callable[[Point], Value]) -> Samples:
    """One sample for each access point."""
    return lambda point: (("", value(point)),)


def of_radios(value: Callable[[RadioReading], Value]) -> Samples:
    """One sample for each of its radios."""
    return lambda point: [(label, value(radio)) for label, radio in point.radios]
