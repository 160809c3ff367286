"""Pictures of a map for people: PNG files of areas, and tiles that any map page can show (z/x/y, Web Mercator)."""

import io
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from wifi_manager.coverage.areas import Area, tight
from wifi_manager.coverage.grid import Floats, Grid, Plane
from wifi_manager.coverage.kernels import Table

TILE = 256  # pixels
_PAGE = 0  # palette: outside of the area; no signal; from weak to good
_NO_SIGNAL = 1
_COLOURS = ((255, 255, 255), (226, 228, 232), (205, 216, 228), (158, 202, 225), (49, 130, 189), (8, 69, 130))
_INK, _PAPER = len(_COLOURS), len(_COLOURS) + 1  # of a legend: it must be read on dark pages too
_PALETTE = (*_COLOURS, (32, 36, 44), (255, 255, 255))
_SAID = ("no signal or hardly any", "weak", "usable", "good", "strong")  # words for the levels, the weakest first
_LINE, _LETTERS = 26, 15  # pixels
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


def area_png(signal: Table, area: Area, scale: Scale, widest: int = 1600, *, legend: bool = False) -> bytes:
    """A picture of an area, a pixel a cell and more for small ones; outside of it the page shows through.

    With a legend, a strip below it says what each colour means.
    """
    rows, columns = tight(area.mask)
    inside = area.mask[rows, columns]
    part = signal[area.window][rows, columns]
    colours = np.where(inside, scale.colours(part), _PAGE).astype(np.uint8)[::-1]
    times = max(1, min(4, widest // max(colours.shape)))
    drawn = colours.repeat(times, axis=0).repeat(times, axis=1)
    return _png(np.vstack((drawn, _strip(scale, drawn.shape[1]))) if legend else drawn)


def _strip(scale: Scale, width: int) -> NDArray[np.uint8]:
    """Squares of all colours with their words, in as many lines as they need."""
    font = ImageFont.load_default(_LETTERS)
    words = [
        f"{name} ({said})" if said else name for (_colour, name), said in zip(scale.legend(), _SAID, strict=True)
    ]
    wide = max(int(font.getlength(each)) for each in words) + 2 * _LINE
    a_line = max(1, width // wide)
    lines = math.ceil(len(words) / a_line)
    strip = Image.new("P", (width, lines * _LINE + _LINE // 2), _PAPER)
    pen = ImageDraw.Draw(strip)
    pen.fontmode = "1"  # no shades between ink and paper: the palette has none
    for number, each in enumerate(words):
        left, top = number % a_line * wide + _LINE // 2, number // a_line * _LINE + _LINE // 2
        pen.rectangle((left, top, left + _LETTERS, top + _LETTERS), _NO_SIGNAL + number, _INK)
        pen.text((left + _LINE, top - 2), each, _INK, font)
    return np.asarray(strip)


def _png(colours: NDArray[np.uint8]) -> bytes:
    picture = Image.fromarray(np.ascontiguousarray(colours))
    picture.putpalette([part for colour in _PALETTE for part in colour])
    file = io.BytesIO()
    picture.save(file, "PNG", transparency=_PAGE)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Raster:
    """A drawn map: the number of each cell's colour, and where the cells lie."""

    grid: Grid
    colours: NDArray[np.uint8]

    @classmethod
    def of(cls, grid: Grid, signal: Table, mask: NDArray[np.bool_], scale: Scale) -> "Raster":
        """The mask's cells and as little as can be around them."""
        rows, columns = window = tight(mask)
        west, south = grid.west + columns.start * grid.cell, grid.south + rows.start * grid.cell
        colours = np.where(mask[window], scale.colours(signal[window]), _PAGE).astype(np.uint8)
        return cls(Grid(grid.plane, west, south, grid.cell, len(colours), colours.shape[1], 0), colours)

    @classmethod
    def read(cls, frame: Mapping[str, float], png: bytes) -> "Raster":
        """What `frame` and `png` said of it."""
        colours = np.asarray(Image.open(io.BytesIO(png)))[::-1]
        plane = Plane(frame["latitude"], frame["longitude"])
        lies = Grid(plane, frame["west"], frame["south"], frame["cell"], len(colours), colours.shape[1], 0)
        return cls(lies, colours)

    def frame(self) -> dict[str, float]:
        """Where it lies: the plane's middle in degrees; the south-west corner and a cell's side in metres."""
        plane, grid = self.grid.plane, self.grid
        return {
            "latitude": plane.latitude, "longitude": plane.longitude,
            "west": grid.west, "south": grid.south, "cell": grid.cell,
        }  # fmt: skip

    def png(self) -> bytes:
        """A pixel a cell."""
        return _png(self.colours[::-1])

    def tile(self, zoom: int, x: int, y: int) -> bytes | None:
        """PNG of a tile, None where it has no cell of the map. Cells are drawn as they are, unsmoothed."""
        longitudes, latitudes = _degrees(x * TILE + np.arange(TILE) + 0.5, y * TILE + np.arange(TILE) + 0.5, zoom)
        grid = self.grid
        across, up = grid.places(latitudes, longitudes)
        columns, rows = np.floor(across / grid.cell).astype(np.intp), np.floor(up / grid.cell).astype(np.intp)
        inside = ((rows >= 0) & (rows < grid.rows))[:, None] & ((columns >= 0) & (columns < grid.columns))[None, :]
        if not inside.any():
            return None
        cells = np.ix_(rows.clip(0, grid.rows - 1), columns.clip(0, grid.columns - 1))
        colours = np.where(inside, self.colours[cells], _PAGE).astype(np.uint8)
        return _png(colours) if colours.any() else None

    def tiles(self, zoom: int) -> Iterator[tuple[int, int, bytes]]:
        """All tiles of a zoom that have a cell of the map: x, y and PNG."""
        low, high = self.grid.corners
        left, bottom = _pixel(low.longitude, low.latitude, zoom)
        right, top = _pixel(high.longitude, high.latitude, zoom)
        for x in range(int(left // TILE), int(right // TILE) + 1):
            for y in range(int(top // TILE), int(bottom // TILE) + 1):
                if drawn := self.tile(zoom, x, y):
                    yield x, y, drawn


def empty_tile() -> bytes:
    """One that lets whatever is below show through."""
    return _png(np.full((TILE, TILE), _PAGE, np.uint8))


def _pixel(longitude: float, latitude: float, zoom: int) -> tuple[float, float]:
    """Web Mercator (EPSG:3857) pixels from the north-west of the world."""
    size = TILE * 2**zoom
    sine = math.sin(math.radians(latitude))
    return (longitude + 180) / 360 * size, (0.5 - math.atanh(sine) / (2 * math.pi)) * size


def _degrees(x: Floats, y: Floats, zoom: int) -> tuple[Floats, Floats]:
    size = TILE * 2**zoom
    return x / size * 360 - 180, np.degrees(np.arctan(np.sinh(math.pi * (1 - 2 * y / size))))
