"""Loss by distance, looked up: the formulas of the domain are asked some hundred times for each sort of transmitter.

A table has a value for each 5 cm, which is off by less than 0.05 dB anywhere.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import Assumptions, Quality, Transmitter
from wifi_manager.domain.propagation import MODELS, Branch, Environment, Heights, above, branches, mean_loss, spread

Table = NDArray[np.float32]
Floats = NDArray[np.floating[Any]]
NOTHING = np.float32(-np.inf)  # no signal
_STEP = 0.05  # metres
_NODES = 500
_BELOW = 10.0  # dB under the lowest threshold: weaker signals are none
_SUREST = 1 - 1e-6  # no cell is covered for certain: its logarithm must be a number


@dataclass(frozen=True, slots=True)
class Sort:
    """What transmitters have in common that one table serves. `ghz`: where its band lies."""

    environment: Environment
    band: Band
    ghz: float
    antenna_height: float
    power: float


@dataclass(frozen=True, slots=True)
class Kernel:
    """Tables by distance, `reach` metres long: median signal in dBm, its standard deviation in dB, and ln(1 - p).

    p is how likely the signal is enough: a column for each quality, in the order of the thresholds.
    """

    reach: float
    signal: Table
    sigma: Table
    misses: Table

    def half(self, cell: float) -> int:
        """So many cells on each side of a transmitter's own may have its signal."""
        return math.floor(self.reach / cell + 0.5)


def places_in_table(metres: NDArray[np.float32]) -> NDArray[np.int32]:
    """Where in a table a distance stands; what is beyond its end is to be taken as its end."""
    return (metres * np.float32(1 / _STEP) + np.float32(0.5)).astype(np.int32)


class Kernels:
    """All kernels of one set of assumptions, made when first asked for."""

    def __init__(self, assumptions: Assumptions) -> None:
        self._assumptions = assumptions
        self._floor = min(assumptions.thresholds.values()) - _BELOW
        self._ways = cache(self._computed_ways)
        self._kernel = cache(self._computed)

    @property
    def qualities(self) -> tuple[Quality, ...]:
        """Those that there are thresholds for."""
        return tuple(self._assumptions.thresholds)

    def reach(self, transmitters: Iterable[Transmitter]) -> float:
        """The farthest that any of them is heard, in metres."""
        return max((self.of(sort).reach for sort in self.by_sort(transmitters)), default=0.0)

    def enough(self, sort: Sort, limit: float) -> float:
        """How far from a transmitter its median signal is at least `limit` dBm, in metres."""
        return float(np.count_nonzero(self.of(sort).signal >= limit) * _STEP)

    def by_sort(self, transmitters: Iterable[Transmitter]) -> dict[Sort, list[Transmitter]]:
        """Those that one kernel serves, together."""
        found: dict[tuple[Environment, Band, float, float], list[Transmitter]] = {}
        for one in transmitters:
            key = one.environment, one.band, one.antenna_height, one.power
            found.setdefault(key, []).append(one)
        ghz = self._assumptions.frequency
        return {Sort(where, band, ghz[band], *rest): each for (where, band, *rest), each in found.items()}

    def of(self, sort: Sort) -> Kernel:
        """Its tables."""
        return self._kernel(sort)

    def _computed(self, sort: Sort) -> Kernel:
        metres, ways = self._ways(sort.environment, sort.ghz, sort.antenna_height)
        signal = np.array([sort.power - mean_loss(each) for each in ways])
        heard = np.flatnonzero(signal >= self._floor)
        if not heard.size:
            return _silent(self._assumptions)
        last = int(heard[-1])
        reach = _reach(metres, signal, last, self._floor)
        metres, ways, signal = metres[: last + 2], ways[: last + 2], signal[: last + 2]
        at = np.arange(round(reach / _STEP) + 1) * _STEP
        sigma = np.array([spread(each) for each in ways])
        limits = self._assumptions.thresholds.values()
        misses = [np.array([_miss(each, sort.power, limit) for each in ways]) for limit in limits]
        return Kernel(
            reach,
            _table(at, metres, signal, end=float(NOTHING)),
            _table(at, metres, sigma, end=0.0),
            np.stack([_table(at, metres, values, end=0.0) for values in misses], axis=1),
        )

    def _computed_ways(
        self, environment: Environment, ghz: float, height: float
    ) -> tuple[Floats, list[tuple[Branch, ...]]]:
        model = MODELS[environment]
        heights = Heights(height, self._assumptions.phone_height)
        farthest = min(model.farthest, 2000.0)  # no Wi-Fi on a street reaches farther
        metres = np.geomspace(model.nearest, farthest * (1 - 1e-12), _NODES)
        return metres, [branches(environment, float(each), ghz, heights) for each in metres]


def _reach(metres: Floats, signal: Floats, last: int, floor: float) -> float:
    """Where the signal crosses the floor, between two nodes; else the end of the model."""
    if last + 1 == len(metres):
        return float(metres[-1])
    part = (signal[last] - floor) / (signal[last] - signal[last + 1])
    return float(metres[last] * (metres[last + 1] / metres[last]) ** part)


def _miss(ways: tuple[Branch, ...], power: float, threshold: float) -> float:
    return math.log1p(-min(above(ways, power, threshold), _SUREST))


def _table(at: Floats, metres: Floats, values: Floats, *, end: float) -> Table:
    """Losses are nearly straight over the logarithm of the distance. The last value stands for all beyond."""
    inside = np.interp(np.log(np.maximum(at, metres[0])), np.log(metres), values)
    return np.append(inside, end).astype(np.float32)


def _silent(assumptions: Assumptions) -> Kernel:
    nothing = np.zeros(1, np.float32)
    return Kernel(0.0, np.array([NOTHING]), nothing, np.zeros((1, len(assumptions.thresholds)), np.float32))
