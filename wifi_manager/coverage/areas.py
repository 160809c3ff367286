"""What a share is a share of: districts and kinds of site, as cells."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wifi_manager.coverage.grid import Floats, Grid, coordinates
from wifi_manager.coverage.painting import Window
from wifi_manager.domain.coverage import WHOLE_CITY, Standing
from wifi_manager.domain.sites import Position

Mask = NDArray[np.bool_]
Ring = Sequence[Position]
_CORNERS = 24  # of the circle around an access point
_STRAY = 6.0  # times the median distance from the middle: so far off, a position is taken to be wrong


@dataclass(frozen=True, slots=True)
class Area:
    """Cells of a district (its name, or WHOLE_CITY) or of a kind of site in the whole city."""

    district: str
    kind: str
    window: Window
    mask: Mask
    is_outlined: bool  # from a file, and not guessed from where access points stand


@dataclass(frozen=True, slots=True)
class Outline:
    """Borders from a file: rings of a district or a kind of site; what an odd number of rings surrounds is inside."""

    district: str
    kind: str
    rings: Sequence[Ring]


def all_areas(
    grid: Grid, standings: Sequence[Standing], outlines: Sequence[Outline], hull: float, around_site: float
) -> list[Area]:
    """The city first, then districts and kinds of site by name. An outline replaces what would be guessed."""
    drawn = [_outlined(grid, each) for each in outlines]
    known = {(each.district, each.kind) for each in drawn}
    by_district = _sorted_by((each.district, each.position) for each in standings)
    by_kind = _sorted_by((each.kind.value, each.position) for each in standings)
    districts = [each for each in drawn if not each.kind]
    if not districts:
        districts = [_hull(grid, name, positions, hull) for name, positions in by_district.items()]
    kinds = [each for each in drawn if each.kind]
    kinds += [
        _discs(grid, name, positions, around_site)
        for name, positions in by_kind.items()
        if (WHOLE_CITY, name) not in known
    ]
    everything = _together(grid, districts)
    return [everything, *sorted(districts + kinds, key=lambda each: (each.kind, each.district))]


def _sorted_by(named: Iterable[tuple[str, Position]]) -> Mapping[str, list[Position]]:
    found: dict[str, list[Position]] = {}
    for name, position in named:
        found.setdefault(name, []).append(position)
    return found


def _together(grid: Grid, areas: Sequence[Area]) -> Area:
    mask = np.zeros((grid.rows, grid.columns), np.bool_)
    for each in areas:
        mask[each.window] |= each.mask
    window = tight(mask)
    return Area(WHOLE_CITY, "", window, mask[window], areas[0].is_outlined)


def _outlined(grid: Grid, outline: Outline) -> Area:
    rings = [np.column_stack(grid.places(*coordinates(ring))) for ring in outline.rings]
    return _area(grid, outline.district, outline.kind, rings, is_outlined=True)


def _hull(grid: Grid, district: str, positions: Sequence[Position], beyond: float) -> Area:
    """The convex hull of circles around access points; those far from all others are left out."""
    places = np.column_stack(grid.places(*coordinates(positions)))
    far = np.hypot(*(places - np.median(places, axis=0)).T)
    places = places[far <= max(_STRAY * float(np.median(far)), beyond)]
    turns = np.arange(_CORNERS) * (2 * math.pi / _CORNERS)
    circle = max(beyond, grid.cell) * np.column_stack((np.cos(turns), np.sin(turns)))
    corners = convex_hull(convex_hull(places)[:, None, :] + circle)
    return _area(grid, district, "", [corners], is_outlined=False)


def convex_hull(points: Floats) -> Floats:
    """Corners of the hull, counter-clockwise (Andrew's monotone chain)."""
    ordered = np.unique(points.reshape(-1, 2), axis=0)
    if len(ordered) < 3:  # noqa: PLR2004 - corners of a triangle
        return ordered
    return np.array(_half(ordered.tolist())[:-1] + _half(ordered[::-1].tolist())[:-1])


def _half(points: Iterable[Sequence[float]]) -> list[Sequence[float]]:
    chain: list[Sequence[float]] = []
    for point in points:
        while len(chain) > 1 and _turn(chain[-2], chain[-1], point) <= 0:
            chain.pop()
        chain.append(point)
    return chain


def _turn(a: Sequence[float], b: Sequence[float], c: Sequence[float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _area(grid: Grid, district: str, kind: str, rings: Sequence[Floats], *, is_outlined: bool) -> Area:
    everything = np.concatenate(rings) / grid.cell
    low = np.maximum(np.floor(everything.min(axis=0)).astype(int), 0)
    high = np.minimum(np.ceil(everything.max(axis=0)).astype(int), (grid.columns, grid.rows))
    window = slice(int(low[1]), int(max(high[1], low[1]))), slice(int(low[0]), int(max(high[0], low[0])))
    return Area(district, kind, window, filled([each / grid.cell for each in rings], window), is_outlined)


def filled(rings: Sequence[Floats], window: Window) -> Mask:
    """Cells whose middle an odd number of rings surrounds; rings are x, y in cells."""
    rows, columns = window
    middles = np.arange(columns.start, columns.stop) + 0.5
    mask = np.zeros((rows.stop - rows.start, len(middles)), np.bool_)
    edges = np.concatenate([np.hstack((ring, np.roll(ring, -1, axis=0))) for ring in rings])
    x1, y1, x2, y2 = edges.T
    for number in range(len(mask)):
        level = rows.start + number + 0.5
        met = (y1 <= level) != (y2 <= level)
        crossings = np.sort(x1[met] + (level - y1[met]) * (x2[met] - x1[met]) / (y2[met] - y1[met]))
        mask[number] = np.searchsorted(crossings, middles) % 2 == 1
    return mask


def _discs(grid: Grid, kind: str, positions: Sequence[Position], radius: float) -> Area:
    """All cells within a radius of any of the positions."""
    half = math.floor(radius / grid.cell)
    around = np.arange(-half, half + 1) * grid.cell
    disc = np.hypot(around[:, None], around[None, :]) <= radius
    rows, columns = grid.cells(positions)
    mask = np.zeros((grid.rows, grid.columns), np.bool_)
    for row, column in set(zip(rows.tolist(), columns.tolist(), strict=True)):
        top, left = max(row - half, 0), max(column - half, 0)
        view = mask[top : row + half + 1, left : column + half + 1]
        view |= disc[top - row + half :, left - column + half :][: view.shape[0], : view.shape[1]]
    window = tight(mask)
    return Area(WHOLE_CITY, kind, window, mask[window], is_outlined=False)


def tight(mask: Mask) -> Window:
    """The smallest window with all of the mask; one cell where it has none."""
    rows, columns = (np.flatnonzero(mask.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return slice(0, 1), slice(0, 1)
    return slice(int(rows[0]), int(rows[-1]) + 1), slice(int(columns[0]), int(columns[-1]) + 1)
