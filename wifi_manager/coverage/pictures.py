"""Pictures of a map for people: PNG files of areas, and tiles that any map page can show (z/x/y, Web Mercator)."""

import io
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wifi_manager.coverage.areas import Area, tight
from wifi_manager.coverage.grid import Floats, Grid
from wifi_manager.coverage.kernels import Table

TILE = 256  # pixels
_PAGE = 0  # palette: outside of the area; no signal; from weak to good
_NO_SIGNAL = 1
_COLOURS = ((255, 255, 255), (226, 228, 232), (205, 216, 228), (158, 202, 225), (49, 130, 189), (8, 69, 130))
_WEAK, _STRONG = -5.0, 8.0  # dB under the usable and above the good threshold: where colours change


@dataclass(frozen=True, slots=True)
class Scale:
    """Levels in dBm at which the colour changes, the weakest first."""

    levels: tuple[float, ...]

    @classmethod
    def of(cls, good: float, usable: float) -> "Scale":
        return cls((usable + _WEAK, usable, good, good + _STRONG))

    def colours(self, signal: Table) -> NDArray[np.uint8]:
        """Number of each cell's colour."""
        return (np.digitize(signal, self.levels) + _NO_SIGNAL).astype(np.uint8)

    def legend(self) -> list[tuple[str, str]]:
        """Colours as #rrggbb, and what each says."""
        names = [f"under {self.levels[0]:g} dBm", *(f"from {level:g} dBm on" for level in self.levels)]
        return [("#" + bytes(each).hex(), name) for each, name in zip(_COLOURS[_NO_SIGNAL:], names, strict=True)]


def area_png(signal: Table, area: Area, scale: Scale, widest: int = 1600) -> bytes:
    """A picture of an area, a pixel a cell and more for small ones; outside of it the page shows through."""
    rows, columns = tight(area.mask)
    inside = area.mask[rows, columns]
    part = signal[area.window][rows, columns]
    colours = np.where(inside, scale.colours(part), _PAGE).astype(np.uint8)[::-1]
    times = max(1, min(4, widest // max(colours.shape)))
    return _png(colours.repeat(times, axis=0).repeat(times, axis=1))


def _png(colours: NDArray[np.uint8]) -> bytes:
    picture = Image.fromarray(np.ascontiguousarray(colours))
    picture.putpalette([part for colour in _COLOURS for part in colour])
    file = io.BytesIO()
    picture.save(file, "PNG", transparency=_PAGE)
    return file.getvalue()


def tiles(
    grid: Grid, signal: Table, mask: NDArray[np.bool_], scale: Scale, zoom: int
) -> Iterator[tuple[int, int, bytes]]:
    """All tiles of a zoom that have a cell of the map: x, y and PNG. Cells are drawn as they are, unsmoothed."""
    low, high = grid.corners
    left, bottom = _pixel(low.longitude, low.latitude, zoom)
    right, top = _pixel(high.longitude, high.latitude, zoom)
    for x in range(int(left // TILE), int(right // TILE) + 1):
        for y in range(int(top // TILE), int(bottom // TILE) + 1):
            colours = _tile(grid, signal, mask, scale, (zoom, x, y))
            if colours.any():
                yield x, y, _png(colours)


def _tile(
    grid: Grid, signal: Table, mask: NDArray[np.bool_], scale: Scale, place: tuple[int, int, int]
) -> NDArray[np.uint8]:
    zoom, x, y = place
    longitudes, latitudes = _degrees(x * TILE + np.arange(TILE) + 0.5, y * TILE + np.arange(TILE) + 0.5, zoom)
    across, up = grid.places(latitudes, longitudes)
    columns, rows = np.floor(across / grid.cell).astype(np.intp), np.floor(up / grid.cell).astype(np.intp)
    inside = ((rows >= 0) & (rows < grid.rows))[:, None] & ((columns >= 0) & (columns < grid.columns))[None, :]
    cells = np.ix_(rows.clip(0, grid.rows - 1), columns.clip(0, grid.columns - 1))
    return np.where(inside & mask[cells], scale.colours(signal[cells]), _PAGE).astype(np.uint8)


def _pixel(longitude: float, latitude: float, zoom: int) -> tuple[float, float]:
    """Web Mercator (EPSG:3857) pixels from the north-west of the world."""
    size = TILE * 2**zoom
    sine = math.sin(math.radians(latitude))
    return (longitude + 180) / 360 * size, (0.5 - math.atanh(sine) / (2 * math.pi)) * size


def _degrees(x: Floats, y: Floats, zoom: int) -> tuple[Floats, Floats]:
    size = TILE * 2**zoom
    return x / size * 360 - 180, np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * y / size))))
