"""Measured signals on the map: how wrong the prediction is of each access point, and what cells really have.

A sample counts half after the assumptions' half-life. Variances are in dB².
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from wifi_manager.coverage.grid import Grid, coordinates
from wifi_manager.coverage.kernels import NOTHING, Kernels, Table, places_in_table
from wifi_manager.coverage.painting import Window
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import Sample, Transmitter

_SHRINKING = 20.0  # so many samples weigh as much as the prediction
_LEAST_VARIANCE = 4.0  # of a cell's mean, however many samples: phones and people differ
_FEW_VARIANCE = 36.0  # of one sample, where too few tell


def biases(
    samples: Sequence[Sample], transmitters: Sequence[Transmitter], grid: Grid, kernels: Kernels
) -> dict[tuple[str, Band], float]:
    """By how many dB each access point is stronger than predicted: the mean, shrunk where samples are few."""
    own = {(each.access_point, each.band): each for each in transmitters}
    found: dict[tuple[str, Band], list[float]] = {}
    for sample in samples:
        one = own.get((sample.access_point, sample.band))
        if one is not None and (told := _predicted(one, sample, grid, kernels)) is not None:
            found.setdefault((one.access_point, one.band), []).append(sample.dbm - told)
    return {key: sum(each) / (len(each) + _SHRINKING) for key, each in found.items()}


def corrected(transmitters: Sequence[Transmitter], found: Mapping[tuple[str, Band], float]) -> list[Transmitter]:
    """The transmitters with what was learned of each."""
    return [
        replace(each, power=round(each.power + found.get((each.access_point, each.band), 0.0), 1))
        for each in transmitters
    ]


def _predicted(one: Transmitter, sample: Sample, grid: Grid, kernels: Kernels) -> float | None:
    """The prediction where a sample was taken; None beyond what the access point is heard."""
    x, y = grid.places(*coordinates([one.position, sample.position]))
    metres = np.array([np.hypot(x[1] - x[0], y[1] - y[0])], np.float32)
    (sort,) = kernels.by_sort([one])
    told = float(kernels.of(sort).signal.take(places_in_table(metres), mode="clip")[0])
    return None if told == NOTHING else told


@dataclass(frozen=True, slots=True)
class Measured:
    """Cells with samples of one band: mean in dBm, and its variance."""

    rows: NDArray[np.intp]
    columns: NDArray[np.intp]
    mean: Table
    variance: Table

    def within(self, window: Window) -> NDArray[np.bool_]:
        """Which of them lie in a window."""
        up, across = window
        inside: NDArray[np.bool_] = (self.rows >= up.start) & (self.rows < up.stop)
        inside &= (self.columns >= across.start) & (self.columns < across.stop)
        return inside

    def on(self, grid: Grid) -> Table:
        """A map of them alone."""
        signal = np.full((grid.rows, grid.columns), NOTHING)
        signal[self.rows, self.columns] = self.mean
        return signal


def measured(samples: Sequence[Sample], grid: Grid, now: datetime, half_life_days: float) -> Measured:
    """The samples of one band in cells; those off the grid are left out."""
    rows, columns = grid.cells([each.position for each in samples])
    inside = (rows >= 0) & (rows < grid.rows) & (columns >= 0) & (columns < grid.columns)
    cells, of_cell = np.unique(rows[inside] * grid.columns + columns[inside], return_inverse=True)
    dbm = np.array([each.dbm for each in samples])[inside]
    ages = np.array([max((now - each.at) / timedelta(days=half_life_days), 0.0) for each in samples])[inside]
    weight = 0.5**ages
    total = np.bincount(of_cell, weight, len(cells))
    mean = np.bincount(of_cell, weight * dbm, len(cells)) / total
    scatter = np.bincount(of_cell, weight * (dbm - mean[of_cell]) ** 2, len(cells))
    each_variance = (scatter + _FEW_VARIANCE) / total  # a single one, or an old one, is not certain at all
    variance = np.maximum(each_variance / total, _LEAST_VARIANCE)
    return Measured(*np.divmod(cells, grid.columns), mean.astype(np.float32), variance.astype(np.float32))


def combined(predicted: Table, found: Measured, sigma: Table) -> Table:
    """The prediction, with measured cells drawn to what was measured, by the precision of both.

    `sigma` is the standard deviation of the prediction in those cells. Where nothing was predicted at all, the
    measured value stands.
    """
    signal = predicted.copy()
    told = signal[found.rows, found.columns]
    trust = np.square(sigma) / (np.square(sigma) + found.variance)
    is_told = told != NOTHING
    drawn = found.mean.copy()
    drawn[is_told] = told[is_told] + trust[is_told] * (found.mean - told)[is_told]
    signal[found.rows, found.columns] = drawn
    return signal
