"""The map in fewer and larger cells: H3 hexagons as GeoJSON for maps, geohashes for Prometheus."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import h3
import numpy as np
from numpy.typing import NDArray

from wifi_manager.coverage.grid import Grid
from wifi_manager.coverage.kernels import NOTHING, Table
from wifi_manager.coverage.painting import Window
from wifi_manager.domain.coverage import Quality
from wifi_manager.domain.geohashes import bits_of, geohash
from wifi_manager.domain.sites import Position

GEOHASH_LETTERS = 6
_SAMPLED = 5  # each fifth cell across and up is asked for its geohash: a geohash of six letters is 60 cells wide
Cells = NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Hexagons:
    """H3 cells that have cells of the map: their names, and rows and columns of those in each.

    Asking for the hexagon of each cell takes most of the time, and holds as long as the map's grid.
    """

    members: Sequence[tuple[str, Cells, Cells]]

    @classmethod
    def of(cls, grid: Grid, mask: NDArray[np.bool_], resolution: int) -> "Hexagons":
        """Those of the mask's cells."""
        rows, columns = np.nonzero(mask)
        found = _by_hexagon(grid, rows, columns, resolution)
        return cls([(name, rows[members], columns[members]) for name, members in found])

    def within(self, windows: Sequence[Window]) -> "Hexagons":
        """Those whose extent meets one of the windows."""
        extents = ((r.min(), r.max(), c.min(), c.max()) for _, r, c in self.members)
        low, high, left, right = np.array([*extents]).reshape(-1, 4).T
        met = np.zeros(len(self.members), np.bool_)
        for up, across in windows:
            met |= (low < up.stop) & (high >= up.start) & (left < across.stop) & (right >= across.start)
        return Hexagons([self.members[each] for each in np.flatnonzero(met).tolist()])

    def drawn(self, signal: Table, thresholds: Mapping[Quality, float]) -> dict[str, dict[str, Any]]:
        """Each as a feature of GeoJSON (RFC 7946) with shares and the median signal, by name."""
        return {name: _hexagon(name, signal[rows, columns], thresholds) for name, rows, columns in self.members}


def hexagons(
    grid: Grid, signal: Table, mask: NDArray[np.bool_], thresholds: Mapping[Quality, float], resolution: int
) -> dict[str, Any]:
    """The hexagons of a map that is drawn once, as a GeoJSON FeatureCollection."""
    return collection(Hexagons.of(grid, mask, resolution).drawn(signal, thresholds).values())


def collection(features: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """A GeoJSON FeatureCollection (RFC 7946)."""
    return {"type": "FeatureCollection", "features": [*features]}


def _by_hexagon(grid: Grid, rows: Cells, columns: Cells, resolution: int) -> Iterator[tuple[str, Cells]]:
    latitudes, longitudes = grid.middle(rows, columns)
    places = zip(latitudes.tolist(), longitudes.tolist(), strict=True)
    names = np.array([h3.latlng_to_cell(*place, resolution) for place in places])
    order = np.argsort(names, kind="stable")
    different, starts = np.unique(names[order], return_index=True)
    return zip(different.tolist(), np.split(order, starts[1:]) if len(names) else [], strict=True)


def _hexagon(name: str, signal: Table, thresholds: Mapping[Quality, float]) -> dict[str, Any]:
    ring = [[round(longitude, 6), round(latitude, 6)] for latitude, longitude in h3.cell_to_boundary(name)]
    shares = {str(quality): round(float((signal >= limit).mean()), 3) for quality, limit in thresholds.items()}
    return {
        "type": "Feature",
        "id": name,
        "geometry": {"type": "Polygon", "coordinates": [[*ring, ring[0]]]},
        "properties": {**shares, "signal_dbm": _median(signal)},
    }


def _median(signal: Table) -> float | None:
    """The median over cells; None where most have no signal at all."""
    middle = float(np.median(signal)) if signal.size else float(NOTHING)
    return round(middle, 1) if np.isfinite(middle) else None


def signals_by_geohash(grid: Grid, signal: Table, mask: NDArray[np.bool_]) -> dict[str, float]:
    """The median signal of each geohash that has one, in dBm."""
    rows, columns = np.nonzero(mask[::_SAMPLED, ::_SAMPLED])
    rows, columns = rows * _SAMPLED, columns * _SAMPLED
    latitudes, longitudes = grid.middle(rows, columns)
    across, up = bits_of(GEOHASH_LETTERS)
    place = np.floor((longitudes + 180) / 360 * 2**across) * 2**up + np.floor((latitudes + 90) / 180 * 2**up)
    order = np.argsort(place, kind="stable")
    starts = np.flatnonzero(np.diff(place[order], prepend=-1))
    found = {
        geohash(Position(float(latitudes[members[0]]), float(longitudes[members[0]])), GEOHASH_LETTERS): _median(
            signal[rows[members], columns[members]]
        )
        for members in np.split(order, starts[1:])
        if members.size
    }
    return {name: value for name, value in sorted(found.items()) if value is not None}
