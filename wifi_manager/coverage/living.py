"""A map that is kept true: what is told of it is computed once, and anew only where something was painted anew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from wifi_manager.coverage.areas import Area, Mask
from wifi_manager.coverage.cells import Hexagons, collection
from wifi_manager.coverage.city import CityMap
from wifi_manager.coverage.painting import Window
from wifi_manager.coverage.pictures import Raster, Scale, area_png
from wifi_manager.domain.coverage import Share

_RESOLUTION = 9  # H3: about 350 m across
_SAMPLED = 3  # each third cell across and up is asked for its hexagon, which has hundreds of cells of 20 m
Key = tuple[str, str]  # district and kind


@dataclass(slots=True)
class LivingMap:
    """The newest map, with shares and pictures by area, and hexagons. It holds one map, whatever changes."""

    found: CityMap
    scale: Scale
    _cells: Hexagons
    _hexagons: dict[str, dict[str, Any]] = field(default_factory=dict)
    _shares: dict[Key, Sequence[Share]] = field(default_factory=dict)
    _pictures: dict[str, bytes] = field(default_factory=dict)

    @classmethod
    def of(cls, found: CityMap, scale: Scale) -> "LivingMap":
        """All of it."""
        made = cls(found, scale, Hexagons.of(found.grid, _sampled(found), _RESOLUTION))
        made._tell(found.areas, made._cells)
        return made

    def while_up(self, up: Collection[str]) -> None:
        """Become the map while of all that are polled these are up."""
        self.found, windows = self.found.while_up(up)
        areas = [each for each in self.found.areas if any(_meet(each.window, window) for window in windows)]
        self._tell(areas, self._cells.within(windows))

    def shares(self) -> list[Share]:
        """Of every view and area, in the order of the areas."""
        return [share for each in self.found.areas for share in self._shares[_key(each)]]

    def pictures(self) -> dict[str, bytes]:
        """PNG by district, the city's without a name."""
        return self._pictures

    def hexagons(self) -> dict[str, Any]:
        """A GeoJSON FeatureCollection, with what it takes for granted."""
        return {**collection(self._hexagons.values()), "assumptions": self.found.sentences()}

    def raster(self) -> Raster:
        """The city drawn cell by cell."""
        found = self.found
        return Raster.of(found.grid, found.view().signal, found.mask(found.city), self.scale)

    def _tell(self, areas: Sequence[Area], cells: Hexagons) -> None:
        signal = self.found.view().signal
        self._hexagons.update(cells.drawn(signal, self.found.material.assumptions.thresholds))
        for each in areas:
            self._shares[_key(each)] = self.found.shares([each])
            if not each.kind:
                self._pictures[each.district] = area_png(signal, each, self.scale)


def _key(area: Area) -> Key:
    return area.district, area.kind


def _meet(one: Window, other: Window) -> bool:
    return all(a.start < b.stop and b.start < a.stop for a, b in zip(one, other, strict=True))


def _sampled(found: CityMap) -> Mask:
    some = np.zeros((found.grid.rows, found.grid.columns), np.bool_)
    some[::_SAMPLED, ::_SAMPLED] = found.mask(found.city)[::_SAMPLED, ::_SAMPLED]
    return some
