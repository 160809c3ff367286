"""A small map of places, drawn by ourselves: dots, numbered pins, hulls of districts, and no tiles from elsewhere."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from statistics import median

from wifi_manager.domain.hotspots import Place, metres
from wifi_manager.domain.sites import Position

WIDTH, HEIGHT, _EDGE = 480, 320, 28  # of the drawing, in its own units
_MOST_DOTS = 1500
_STRAY = 6.0  # times the median distance from the middle: so far off, a position is taken to be wrong
_SMALLEST = 250.0  # metres across: one place alone is not shown from a metre away
_SCALES = (50, 100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 50_000)  # metres that the scale may say
_LONGEST_SCALE = 140

XY = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Drawing:
    """Everything in the drawing's own units, x to the right and y down; `scale` is metres, and how long they are."""

    dots: Sequence[XY]
    pins: Sequence[tuple[int, int, int]]  # number, x, y
    hulls: Sequence[Sequence[XY]]
    here: XY | None
    scale: tuple[int, int]


def drawing(found: Sequence[Place], shown: Sequence[tuple[int, Position]], here: Position | None) -> Drawing | None:
    """The map of all places found, with pins for those of the page; None where none of them has a position.

    Whoever is somewhere sees the surroundings, with the pins; anybody else sees all.
    """
    spots = _some([(place.district, spot) for place in found for spot in place.spots])
    dots = [spot for _, spot in spots]
    pins = [spot for _, spot in shown]
    if not pins:
        return None
    inside = [*pins, *(without_strays(dots) if here is None else [here])]
    on_map, metres_a_unit = _projection(inside)
    return Drawing(
        dots=sorted({xy for xy in map(on_map, dots) if _is_inside(xy)}),
        pins=[(number, *on_map(spot)) for number, spot in shown],
        hulls=[[on_map(corner) for corner in hull] for hull in _hulls(spots)],
        here=None if here is None else on_map(here),
        scale=_scale(metres_a_unit),
    )


def without_strays(spots: Sequence[Position]) -> list[Position]:
    """Those that are not far away from all others."""
    if not spots:
        return []
    middle = Position(median(x.latitude for x in spots), median(x.longitude for x in spots))
    far = [metres(middle, each) for each in spots]
    limit = max(_STRAY * median(far), _SMALLEST)
    return [each for each, distance in zip(spots, far, strict=True) if distance <= limit]


def hull(points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    """The convex hull, counter-clockwise (Andrew's monotone chain, 1979)."""
    ordered = sorted(set(points))
    if len(ordered) < 3:  # noqa: PLR2004 - a line has no hull
        return ordered
    return [*_chain(ordered)[:-1], *_chain(ordered[::-1])[:-1]]


def _chain(ordered: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    kept: list[tuple[float, float]] = []
    for each in ordered:
        while len(kept) > 1 and _turn(kept[-2], kept[-1], each) <= 0:
            kept.pop()
        kept.append(each)
    return kept


def _turn(a: tuple[float, float], b: tuple[float, float], c: tuple[float, float]) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _hulls(spots: Sequence[tuple[str, Position]]) -> list[list[Position]]:
    by_district: dict[str, list[Position]] = {}
    for district, spot in spots:
        by_district.setdefault(district, []).append(spot)
    corners = (hull((x.latitude, x.longitude) for x in without_strays(each)) for each in by_district.values())
    return [[Position(*corner) for corner in each] for each in corners if len(each) > 2]  # noqa: PLR2004 - an area


def _some(spots: Sequence[tuple[str, Position]]) -> list[tuple[str, Position]]:
    return list(spots[:: math.ceil(len(spots) / _MOST_DOTS) or 1])


def _projection(spots: Sequence[Position]) -> tuple[Callable[[Position], XY], float]:
    """How places come onto the drawing, all of these on it; and how many metres one of its units is."""
    north, south = max(x.latitude for x in spots), min(x.latitude for x in spots)
    east, west = max(x.longitude for x in spots), min(x.longitude for x in spots)
    middle = Position((north + south) / 2, (east + west) / 2)
    metres_up = metres(Position(middle.latitude - 0.05, 0), Position(middle.latitude + 0.05, 0)) / 0.1
    metres_across = metres(Position(middle.latitude, 0), Position(middle.latitude, 0.1)) / 0.1
    wide, high = max((east - west) * metres_across, _SMALLEST), (north - south) * metres_up
    unit = max(wide / (WIDTH - 2 * _EDGE), high / (HEIGHT - 2 * _EDGE))

    def on_map(spot: Position) -> XY:
        return (
            round(WIDTH / 2 + (spot.longitude - middle.longitude) * metres_across / unit),
            round(HEIGHT / 2 - (spot.latitude - middle.latitude) * metres_up / unit),
        )

    return on_map, unit


def _is_inside(xy: XY) -> bool:
    return 0 <= xy[0] <= WIDTH and 0 <= xy[1] <= HEIGHT


def _scale(metres_a_unit: float) -> tuple[int, int]:
    fitting = [each for each in _SCALES if each / metres_a_unit <= _LONGEST_SCALE]
    chosen = fitting[-1] if fitting else _SCALES[0]
    return chosen, round(chosen / metres_a_unit)
