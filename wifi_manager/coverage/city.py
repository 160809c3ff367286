"""The whole map of a city put together: what is predicted, what was measured, and both combined."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from wifi_manager.coverage import measured, shares
from wifi_manager.coverage.areas import Area, Mask, Outline, all_areas
from wifi_manager.coverage.cells import signals_by_geohash
from wifi_manager.coverage.grid import Grid, around
from wifi_manager.coverage.kernels import Kernels, Table
from wifi_manager.coverage.painting import SignalMap
from wifi_manager.coverage.shares import Counting, View, strongest
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import ANY_BAND, Assumptions, Fleet, Sample, Share, Source
from wifi_manager.domain.errors import NotFound
from wifi_manager.domain.sites import Position


@dataclass(frozen=True, slots=True)
class Material:
    """What a map is made of. `people`: where so many residents live; empty where nobody said."""

    fleet: Fleet
    assumptions: Assumptions
    outlines: Sequence[Outline] = ()
    people: Sequence[tuple[Position, float]] = ()
    samples: Sequence[Sample] = ()


@dataclass(frozen=True, slots=True)
class CityMap:
    """A computed map. The views are by source and band; `signals` is the prediction, which can be switched."""

    material: Material
    signals: SignalMap
    areas: Sequence[Area]
    views: Sequence[View]
    people: Table | None
    sampled_cells: int

    @property
    def grid(self) -> Grid:
        return self.signals.grid

    @property
    def city(self) -> Area:
        """All districts together."""
        return self.areas[0]

    def area(self, district: str, kind: str = "") -> Area:
        """A district, a kind of site, or the city. Raises NotFound."""
        for each in self.areas:
            if (each.district, each.kind) == (district, kind):
                return each
        names = ", ".join(each.district for each in self.areas if each.district)
        raise NotFound(f"The map has no district {district!r}. It has: {names or 'none'}.")

    def mask(self, area: Area) -> Mask:
        """The area's cells on the whole map."""
        found = np.zeros((self.grid.rows, self.grid.columns), np.bool_)
        found[area.window] = area.mask
        return found

    def view(self, band: str = ANY_BAND) -> View:
        """The best there is of a band: combined where anything was measured, else predicted. Raises NotFound."""
        for source in (Source.COMBINED, Source.PREDICTED):
            for each in self.views:
                if (each.band, each.source) == (band, source):
                    return each
        raise NotFound(f"No access point on the map sends at {band} GHz.")

    def shares(self) -> list[Share]:
        """Of every view and area."""
        assumed = self.material.assumptions
        return Counting(assumed.thresholds, assumed.model_error, self.people).shares(self.views, self.areas)

    def geohashes(self) -> dict[str, dict[str, float]]:
        """Median signals by band and geohash."""
        return {
            band: signals_by_geohash(self.grid, self.view(band).signal, self.mask(self.city))
            for band in self.signals.bands
        }

    def sentences(self) -> list[str]:
        """Everything that the figures take for granted."""
        outlined = (
            "from the file of outlines"
            if self.city.is_outlined
            else (
                f"where access points stand, and {self.material.assumptions.hull:g} m around (no outlines were given)"
            )
        )
        told = [*self.material.assumptions.sentences(), f"Districts are taken {outlined}."]
        if self.sampled_cells:
            told.append(f"{len(self.material.samples)} samples measured {self.sampled_cells} cells.")
        return [*told, *self.material.fleet.sentences()]


def city_map(material: Material, now: datetime) -> CityMap:
    """Compute it all. Raises BadInput where no access point has a position, and for a city that no plane can hold."""
    kernels = Kernels(material.assumptions)
    grid = _grid(material, kernels)
    signals = SignalMap(grid, material.fleet.transmitters, kernels)
    assumed = material.assumptions
    areas = all_areas(grid, material.fleet.standings, material.outlines, assumed.hull, assumed.around_site)
    views = shares.predicted(signals.bands)
    found = _measured(material, grid, now)
    if found:
        views += _measured_views(material, signals, kernels, found)
    people = _people(material.people, grid) if material.people else None
    return CityMap(material, signals, areas, views, people, sum(len(each.rows) for each in found.values()))


def _grid(material: Material, kernels: Kernels) -> Grid:
    """Large enough for outlines too; with room for the windows, and for those of whoever turns out to be stronger."""
    assumed = material.assumptions
    corners = [corner for outline in material.outlines for ring in outline.rings for corner in ring]
    positions = [*(each.position for each in material.fleet.standings), *corners]
    reach = kernels.reach(material.fleet.transmitters)
    room = reach * 2 if material.samples else reach
    return around(positions, assumed.cell, max(assumed.hull, assumed.around_site), room + 2 * assumed.cell)


def _measured(material: Material, grid: Grid, now: datetime) -> dict[Band, measured.Measured]:
    by_band: dict[Band, list[Sample]] = {}
    for each in material.samples:
        by_band.setdefault(each.band, []).append(each)
    half_life = material.assumptions.sample_half_life_days
    found = {band: measured.measured(each, grid, now, half_life) for band, each in by_band.items()}
    return {band: each for band, each in found.items() if len(each.rows)}


def _measured_views(
    material: Material, signals: SignalMap, kernels: Kernels, found: Mapping[Band, measured.Measured]
) -> list[View]:
    grid, transmitters = signals.grid, material.fleet.transmitters
    learned = measured.biases(material.samples, transmitters, grid, kernels)
    better = SignalMap(grid, measured.corrected(transmitters, learned), kernels) if learned else signals
    on_map = {band: each.on(grid) for band, each in found.items()}
    views = [View(band, Source.MEASURED, signal, None) for band, signal in on_map.items()]
    views.append(View(ANY_BAND, Source.MEASURED, strongest(list(on_map.values())), None))
    both = {band: _combined(better, band, found.get(band)) for band in better.bands}
    views += [View(band, Source.COMBINED, signal, None) for band, signal in both.items()]
    return [*views, View(ANY_BAND, Source.COMBINED, strongest(list(both.values())), None)] if both else views


def _combined(better: SignalMap, band: Band, found: measured.Measured | None) -> Table:
    return better.bands[band].signal if found is None else measured.combined(better, band, found)


def _people(people: Sequence[tuple[Position, float]], grid: Grid) -> Table:
    """Residents in each cell; those off the grid are left out."""
    rows, columns = grid.cells([position for position, _ in people])
    counts = np.array([count for _, count in people])
    inside = (rows >= 0) & (rows < grid.rows) & (columns >= 0) & (columns < grid.columns)
    found = np.zeros((grid.rows, grid.columns), np.float32)
    np.add.at(found, (rows[inside], columns[inside]), counts[inside])
    return found
