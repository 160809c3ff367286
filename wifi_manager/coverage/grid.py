"""A city laid flat: metres east and north of its middle, and square cells of them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.sites import Position

Floats = NDArray[np.floating[Any]]
_EQUATOR, _FLATTENING = 6_378_137.0, 1 / 298.257223563  # metres; WGS 84
_HIGHEST_LATITUDE = 75.0  # beyond, the plane is wrong by more than a cell within a city
_WIDEST = 200_000.0  # metres; the plane is wrong by less than 2 % up to there
_MOST_CELLS = 40_000_000


@dataclass(frozen=True, slots=True)
class Plane:
    """East and north of a middle, in metres, on the plane that touches the ellipsoid there; areas hold within 1 %."""

    latitude: float
    longitude: float

    def flat(self, latitudes: Floats, longitudes: Floats) -> tuple[Floats, Floats]:
        """Degrees to metres east and north."""
        east_metres, north_metres = self._metres_a_degree()
        return self._turned(longitudes) * east_metres, (latitudes - self.latitude) * north_metres

    def degrees(self, east: Floats, north: Floats) -> tuple[Floats, Floats]:
        """Metres to latitudes and longitudes."""
        east_metres, north_metres = self._metres_a_degree()
        return self.latitude + north / north_metres, (self.longitude + east / east_metres + 180) % 360 - 180

    def _turned(self, longitudes: Floats) -> Floats:
        """Degrees east of the middle, the short way round."""
        return (longitudes - self.longitude + 180) % 360 - 180

    def _metres_a_degree(self) -> tuple[float, float]:
        latitude = math.radians(self.latitude)
        bulge = _FLATTENING * (2 - _FLATTENING)
        flat = 1 - bulge * math.sin(latitude) ** 2
        prime, meridian = _EQUATOR / math.sqrt(flat), _EQUATOR * (1 - bulge) / flat**1.5
        return math.radians(1) * prime * math.cos(latitude), math.radians(1) * meridian


@dataclass(frozen=True, slots=True)
class Grid:
    """Cells of `cell` metres; row 0 is the southernmost, column 0 the westernmost, whose corner is `west`, `south`.

    Around all that matters lies a margin of `margin` cells, so that what is painted never meets an edge.
    """

    plane: Plane
    west: float
    south: float
    cell: float
    rows: int
    columns: int
    margin: int

    def places(self, latitudes: Floats, longitudes: Floats) -> tuple[Floats, Floats]:
        """Metres east and north of the grid's corner."""
        east, north = self.plane.flat(latitudes, longitudes)
        return east - self.west, north - self.south

    def cells(self, positions: Sequence[Position]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Row and column of each; those off the grid have numbers that are off it too."""
        x, y = self.places(*coordinates(positions))
        return np.floor(y / self.cell).astype(np.intp), np.floor(x / self.cell).astype(np.intp)

    def middle(self, row: NDArray[np.intp], column: NDArray[np.intp]) -> tuple[Floats, Floats]:
        """Latitudes and longitudes of cells' middles."""
        return self.plane.degrees(
            self.west + (column + 0.5) * self.cell,
            self.south + (row + 0.5) * self.cell,
        )

    @property
    def corners(self) -> tuple[Position, Position]:
        """South-west and north-east."""
        east = np.array([self.west, self.west + self.columns * self.cell])
        north = np.array([self.south, self.south + self.rows * self.cell])
        latitudes, longitudes = self.plane.degrees(east, north)
        low, high = zip(latitudes.tolist(), longitudes.tolist(), strict=True)
        return Position(*low), Position(*high)

    @property
    def square_kilometres_a_cell(self) -> float:
        return self.cell**2 / 1e6


def coordinates(positions: Sequence[Position]) -> tuple[Floats, Floats]:
    """Latitudes and longitudes."""
    return (
        np.array([each.latitude for each in positions], dtype=np.float64),
        np.array([each.longitude for each in positions], dtype=np.float64),
    )


def around(positions: Sequence[Position], cell: float, beyond: float, margin: float) -> Grid:
    """The grid of a city: all positions and `beyond` metres around them, and a margin that windows need.

    Raises BadInput without positions, near a pole, and for a city that is wider than a plane can be.
    """
    if not positions:
        raise BadInput(
            "No access point has a position, so there is nothing to compute. Import them with latitude and longitude."
        )
    plane = _plane(positions)
    east, north = plane.flat(*coordinates(positions))
    _check_width(positions, east, north)
    edge = math.ceil(margin / cell)
    low = [math.floor((float(each.min()) - beyond) / cell) - edge for each in (east, north)]
    high = [math.ceil((float(each.max()) + beyond) / cell) + edge for each in (east, north)]
    columns, rows = (above - below for below, above in zip(low, high, strict=True))
    if rows * columns > _MOST_CELLS:
        raise BadInput(
            f"The map would have {rows * columns:,} cells, more than {_MOST_CELLS:,}. Choose larger cells in the "
            "assumptions, or compute a part of the city."
        )
    return Grid(plane, low[0] * cell, low[1] * cell, cell, rows, columns, edge)


def _plane(positions: Sequence[Position]) -> Plane:
    """Touching at the median, which a few wrong positions do not move."""
    latitudes, longitudes = coordinates(positions)
    first = Plane(0.0, positions[0].longitude)
    latitude = float(np.median(latitudes))
    if abs(latitude) > _HIGHEST_LATITUDE:
        raise BadInput(
            f"The city lies at latitude {latitude:.1f}: maps are computed up to {_HIGHEST_LATITUDE:g} degrees "
            "south or north."
        )
    turned = (longitudes - first.longitude + 180) % 360 - 180
    return Plane(latitude, float((first.longitude + np.median(turned) + 180) % 360 - 180))


def _check_width(positions: Sequence[Position], east: Floats, north: Floats) -> None:
    far = np.hypot(east, north)
    if far.max() <= _WIDEST / 2:
        return
    which = positions[int(far.argmax())]
    raise BadInput(
        f"The position {which.latitude:.5f}, {which.longitude:.5f} is {far.max() / 1000:.0f} km from the city's "
        f"middle; a map reaches {_WIDEST / 2000:g} km. Correct that access point's position, or compute a part."
    )
