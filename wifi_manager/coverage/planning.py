"""Holes when access points are down, and where the next one would help most."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wifi_manager.coverage.grid import Grid
from wifi_manager.coverage.kernels import Table
from wifi_manager.coverage.painting import SignalMap, Window
from wifi_manager.domain.coverage import Quality
from wifi_manager.domain.sites import Position


@dataclass(frozen=True, slots=True)
class Loss:
    """What is lost while access points are down: square kilometres in which no band has enough any more."""

    square_kilometres: Mapping[Quality, float]
    people: Mapping[Quality, float] | None


def loss(
    found: SignalMap, access_points: Sequence[str], thresholds: Mapping[Quality, float], people: Table | None
) -> Loss:
    """Let them fail, look, and let them return: the map is as before, to the last bit."""
    windows = [window for each in access_points for _, window in found.windows(each)]
    if not windows:
        nothing = dict.fromkeys(thresholds, 0.0)
        return Loss(nothing, None if people is None else nothing)
    around = tuple(slice(min(w[axis].start for w in windows), max(w[axis].stop for w in windows)) for axis in (0, 1))
    window = around[0], around[1]
    before = _covered(found, window, thresholds)
    found.switch(access_points, on=False)
    after = _covered(found, window, thresholds)
    found.switch(access_points, on=True)
    lost = {quality: before[quality] & ~after[quality] for quality in thresholds}
    area = found.grid.square_kilometres_a_cell
    return Loss(
        {quality: float(mask.sum()) * area for quality, mask in lost.items()},
        None if people is None else {quality: float(people[window][mask].sum()) for quality, mask in lost.items()},
    )


def _covered(
    found: SignalMap, window: Window, thresholds: Mapping[Quality, float]
) -> dict[Quality, NDArray[np.bool_]]:
    parts = [layers.signal[window] for layers in found.bands.values()]
    return {quality: np.any([part >= limit for part in parts], axis=0) for quality, limit in thresholds.items()}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place for one more access point, and what it adds: square kilometres, or people, that have nothing now."""

    position: Position
    gain: float


def best_places(grid: Grid, uncovered: Table, reach: float, count: int) -> list[Suggestion]:
    """The best place, then the best with that one there, and so on; fewer when nothing is left to gain.

    `uncovered` has the weight of each cell that lacks a signal, 0 elsewhere; `reach` is how far the new access point
    is enough, in metres. Each choice is the best of all cells; together they gain at least 63 % of the best set
    (Nemhauser, Wolsey and Fisher 1978: the gain is submodular).
    """
    left = uncovered.astype(np.float64)
    half = math.floor(reach / grid.cell)
    spans = [math.floor(math.sqrt((reach / grid.cell) ** 2 - up**2)) for up in range(-half, half + 1)]
    gains = _disc_sums(left, half, spans)
    chosen: list[Suggestion] = []
    for _ in range(count):
        best = int(gains.argmax())
        row, column = divmod(best, grid.columns)
        gain = float(gains.flat[best])
        if gain <= 0:
            break
        latitude, longitude = grid.middle(np.array([row]), np.array([column]))
        chosen.append(Suggestion(Position(float(latitude[0]), float(longitude[0])), gain))
        _cover(left, gains, (row, column), half, spans)
    return chosen


def _disc_sums(weights: NDArray[np.float64], half: int, spans: Sequence[int]) -> NDArray[np.float64]:
    """The sum of the weights within a disc around each cell, from running sums along the rows."""
    wide = np.pad(weights, half)
    running = np.pad(np.cumsum(wide, axis=1), ((0, 0), (1, 0)))
    rows, columns = weights.shape
    sums = np.zeros_like(weights)
    for up, span in enumerate(spans):
        lines = running[up : up + rows]
        sums += lines[:, half + span + 1 : half + span + 1 + columns] - lines[:, half - span : half - span + columns]
    return np.where(sums > 1e-9, sums, 0.0)  # noqa: PLR2004 - what differences of running sums leave


def _cover(
    left: NDArray[np.float64], gains: NDArray[np.float64], cell: tuple[int, int], half: int, spans: Sequence[int]
) -> None:
    """Nothing is left to gain in the chosen disc; gains change only where discs meet it."""
    row, column = cell
    for up, span in enumerate(spans):
        line = row + up - half
        if 0 <= line < len(left):
            left[line, max(column - span, 0) : column + span + 1] = 0.0
    far = 4 * half
    top, side = max(row - far, 0), max(column - far, 0)
    part = left[top : row + far + 1, side : column + far + 1]
    sums = _disc_sums(part, half, spans)
    near = slice(max(row - 2 * half, 0), row + 2 * half + 1), slice(max(column - 2 * half, 0), column + 2 * half + 1)
    view = gains[near]
    first, begin = near[0].start - top, near[1].start - side
    view[:] = sums[first : first + view.shape[0], begin : begin + view.shape[1]]
