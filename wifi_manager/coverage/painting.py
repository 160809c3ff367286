"""Paints transmitters onto a map, and a part of it anew when one fails or returns: always in the same order.

The order makes sums of 32-bit floats come out the same to the last bit, however a map came to be.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wifi_manager.coverage.grid import Floats, Grid, coordinates
from wifi_manager.coverage.kernels import NOTHING, Kernel, Kernels, Sort, Table, places_in_table
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import Transmitter

_AT_ONCE = 64  # windows that are worked out together: they fit into the processor's cache
Window = tuple[slice, slice]
Integers = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Layers:
    """One band: the strongest median signal in dBm, and ln of how likely no access point is enough.

    The latter has a number for each quality in each cell, side by side: they are painted in one go.
    """

    signal: Table
    misses: Table

    @classmethod
    def empty(cls, shape: tuple[int, int], qualities: int) -> "Layers":
        return cls(np.full(shape, NOTHING), np.zeros((*shape, qualities), np.float32))

    def part(self, window: Window) -> "Layers":
        """A view of a window."""
        return Layers(self.signal[window], self.misses[window])

    def take_over(self, other: "Layers") -> None:
        """Become a copy of layers of the same shape."""
        self.signal[:] = other.signal
        self.misses[:] = other.misses

    def likely(self, quality: int, mask: NDArray[np.bool_]) -> Table:
        """How likely each cell of the mask has enough, 0 to 1; qualities are numbered as the thresholds are."""
        return -np.expm1(self.misses[..., quality][mask])


@dataclass(frozen=True, slots=True)
class Group:
    """Transmitters of one sort, south to north: their cells, and their places in metres from the grid's corner."""

    sort: Sort
    kernel: Kernel
    half: int
    rows: Integers
    columns: Integers
    x: Floats
    y: Floats
    access_points: Sequence[str]
    are_on: NDArray[np.bool_]

    def near(self, window: Window) -> Integers:
        """Those that are on and may be heard in the window, in their order."""
        rows, columns = window
        first, last = np.searchsorted(self.rows, [rows.start - self.half, rows.stop + self.half])
        candidates = self.columns[first:last]
        heard = (candidates >= columns.start - self.half) & (candidates < columns.stop + self.half)
        found: Integers = np.flatnonzero(heard & self.are_on[first:last]) + int(first)
        return found


def groups(
    transmitters: Sequence[Transmitter], grid: Grid, kernels: Kernels, down: Collection[str] = ()
) -> list[Group]:
    """All transmitters that are heard anywhere, sorted: every map of the same ones is painted alike."""
    by_sort = kernels.by_sort(transmitters)
    ordered = sorted(by_sort, key=lambda each: (each.band, each.environment, each.antenna_height, each.power))
    made = (_group(sort, by_sort[sort], grid, kernels.of(sort), down) for sort in ordered)
    return [each for each in made if each.kernel.reach > 0]


def _group(sort: Sort, members: Sequence[Transmitter], grid: Grid, kernel: Kernel, down: Collection[str]) -> Group:
    x, y = grid.places(*coordinates([each.position for each in members]))
    names = [each.access_point for each in members]
    order = np.lexsort((y, x, np.floor(y / grid.cell)))  # those at one place are alike: their order tells nothing
    x, y = x[order], y[order]
    rows, columns = np.floor(y / grid.cell).astype(np.intp), np.floor(x / grid.cell).astype(np.intp)
    ordered = [names[each] for each in order]
    on = np.array([each not in down for each in ordered], np.bool_)
    return Group(sort, kernel, kernel.half(grid.cell), rows, columns, x, y, ordered, on)


def paint(layers: Layers, corner: tuple[int, int], cell: float, group: Group, which: Integers) -> None:
    """Paint some of a group onto layers whose first cell is the grid's cell `corner`; no window may leave them."""
    side = 2 * group.half + 1
    for start in range(0, len(which), _AT_ONCE):
        some = which[start : start + _AT_ONCE]
        places = _places(group, some, cell)
        rows = (group.rows[some] - group.half - corner[0]).tolist()
        columns = (group.columns[some] - group.half - corner[1]).tolist()
        windows = [(slice(r, r + side), slice(c, c + side)) for r, c in zip(rows, columns, strict=True)]
        _brighten(layers.signal, windows, group.kernel.signal.take(places, mode="clip"))
        if layers.misses.shape[2]:
            _add(layers.misses, windows, group.kernel.misses.take(places, axis=0, mode="clip"))


def _places(group: Group, which: Integers, cell: float) -> NDArray[np.int32]:
    """Where in the tables the cells of each window stand: transmitter, row, column."""
    offsets = np.arange(-group.half, group.half + 1) + 0.5
    across = ((group.columns[which, None] + offsets) * cell - group.x[which, None]).astype(np.float32)
    up = ((group.rows[which, None] + offsets) * cell - group.y[which, None]).astype(np.float32)
    squares = np.square(up)[:, :, None] + np.square(across)[:, None, :]
    return places_in_table(np.sqrt(squares, out=squares))


def _brighten(layer: Table, windows: Sequence[Window], blocks: Table) -> None:
    for window, block in zip(windows, blocks, strict=True):
        view = layer[window]
        np.maximum(view, block, out=view)


def _add(layer: Table, windows: Sequence[Window], blocks: Table) -> None:
    for window, block in zip(windows, blocks, strict=True):
        layer[window] += block


class SignalMap:
    """The predicted signal of a city. It is computed as a whole once, and in part whenever one fails or returns."""

    def __init__(
        self, grid: Grid, transmitters: Sequence[Transmitter], kernels: Kernels, down: Collection[str] = ()
    ) -> None:
        self.grid = grid
        self.groups = groups(transmitters, grid, kernels, down)
        shape = (grid.rows, grid.columns)
        self.bands = {each.sort.band: Layers.empty(shape, len(kernels.qualities)) for each in self.groups}
        self._homes: dict[str, list[tuple[Group, int]]] = {}
        for group in self.groups:
            paint(self.bands[group.sort.band], (0, 0), grid.cell, group, np.flatnonzero(group.are_on))
            for number, name in enumerate(group.access_points):
                self._homes.setdefault(name, []).append((group, number))

    def switch(self, access_points: Iterable[str], *, on: bool) -> list[tuple[Band, Window]]:
        """Let access points fail or return; gives the windows that were painted anew. Unknown ones change nothing."""
        changed = [
            home for each in access_points for home in self._homes.get(each, ()) if home[0].are_on[home[1]] != on
        ]
        for group, number in changed:
            group.are_on[number] = on
        windows = [(group.sort.band, _window(group, number)) for group, number in changed]
        for band, window in windows:
            self._repaint(band, window)
        return windows

    def spreads(self, band: Band, rows: Integers, columns: Integers) -> Table:
        """Standard deviation of the strongest signal in some cells, in dB; NaN where nothing is heard.

        Within a group the signal falls with the distance, so that a signal tells the distance and with it the spread.
        """
        told = self.bands[band].signal[rows, columns]
        found = np.full(len(told), np.nan, np.float32)
        if not len(told):
            return found
        window = _around(rows), _around(columns)
        for group, which in self._heard(band, window):
            alone = self._painted(window, [(group, which)], 0).signal[
                rows - window[0].start, columns - window[1].start
            ]
            own = (alone == told) & (told != NOTHING)
            falling, sigma = group.kernel.signal[:-1], group.kernel.sigma[:-1]
            found[own] = np.interp(told[own], falling[::-1], sigma[::-1])
        return found

    def windows(self, access_point: str) -> Iterator[tuple[Band, Window]]:
        """Where an access point may be heard."""
        return ((group.sort.band, _window(group, number)) for group, number in self._homes.get(access_point, ()))

    def _repaint(self, band: Band, window: Window) -> None:
        """From nothing, by all that are heard there."""
        layers = self.bands[band]
        layers.part(window).take_over(self._painted(window, self._heard(band, window), layers.misses.shape[2]))

    def _heard(self, band: Band, window: Window) -> list[tuple[Group, Integers]]:
        """Who may be heard in a window, in the order in which they are painted."""
        near = [(each, each.near(window)) for each in self.groups if each.sort.band == band]
        return [(group, which) for group, which in near if len(which)]

    def _painted(self, window: Window, heard: Sequence[tuple[Group, Integers]], qualities: int) -> Layers:
        """A window painted by these alone, on a canvas that has room for all their windows."""
        room = 2 * max((group.half for group, _ in heard), default=0)
        rows, columns = window
        shape = (rows.stop - rows.start + 2 * room, columns.stop - columns.start + 2 * room)
        canvas = Layers.empty(shape, qualities)
        for group, which in heard:
            paint(canvas, (rows.start - room, columns.start - room), self.grid.cell, group, which)
        return canvas.part((slice(room, shape[0] - room), slice(room, shape[1] - room)))


def _around(numbers: Integers) -> slice:
    return slice(int(numbers.min()), int(numbers.max()) + 1)


def _window(group: Group, number: int) -> Window:
    row, column = int(group.rows[number]), int(group.columns[number])
    return slice(row - group.half, row + group.half + 1), slice(column - group.half, column + group.half + 1)
