"""The whole map of a city put together: what is predicted, what was measured, and both combined."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from wifi_manager.coverage import measured, shares
from wifi_manager.coverage.areas import Area, Mask, Outline, all_areas
from wifi_manager.coverage.cells import signals_by_geohash
from wifi_manager.coverage.grid import Grid, around
from wifi_manager.coverage.kernels import Kernels, Table
from wifi_manager.coverage.painting import SignalMap, Window
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
class Corrected:
    """What samples tell: the prediction with what was learned of each access point, and cells that were measured.

    `spreads` are the standard deviations of that prediction in those cells, in dB; they follow its changes.
    """

    signals: SignalMap
    cells: Mapping[Band, measured.Measured]
    spreads: Mapping[Band, Table]

    def follow(self, painted: Iterable[tuple[Band, Window]]) -> None:
        """Windows of the prediction were painted anew."""
        for band, window in painted:
            if band in self.spreads:
                cells, some = self.cells[band], self.cells[band].within(window)
                self.spreads[band][some] = self.signals.spreads(band, cells.rows[some], cells.columns[some])


@dataclass(frozen=True, slots=True)
class CityMap:
    """A computed map. The views are by source and band; `signals` is the prediction, which can be switched."""

    material: Material
    signals: SignalMap
    areas: Sequence[Area]
    views: Sequence[View]
    people: Table | None
    corrected: Corrected | None

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

    @property
    def sampled_cells(self) -> int:
        """How many cells were measured, in all bands."""
        return 0 if self.corrected is None else sum(len(each.rows) for each in self.corrected.cells.values())

    def while_up(self, up: Collection[str]) -> tuple["CityMap", list[Window]]:
        """The map while of all that are polled these are up, and the windows that were painted anew for it.

        It is the same to the last bit as if it were computed as a whole. This one is used up: it shares its cells.
        """
        fleet = self.material.fleet.while_up(up)
        painted = self._switched(self.signals, fleet)
        if self.corrected is not None:
            again = [] if self.corrected.signals is self.signals else self._switched(self.corrected.signals, fleet)
            painted += again
            self.corrected.follow(painted)
        changed = replace(self.material, fleet=fleet)
        views = _views(self.signals, self.corrected)
        return replace(self, material=changed, views=views), [window for _band, window in painted]

    def _switched(self, signals: SignalMap, fleet: Fleet) -> list[tuple[Band, Window]]:
        before = self.material.fleet.down
        return signals.switch(fleet.down - before, on=False) + signals.switch(before - fleet.down, on=True)

    def shares(self, areas: Sequence[Area] | None = None) -> list[Share]:
        """Of every view in these areas, or in all."""
        assumed = self.material.assumptions
        counting = Counting(assumed.thresholds, assumed.model_error, self.people)
        return counting.shares(self.views, self.areas if areas is None else areas)

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
    grid, fleet, assumed = _grid(material, kernels), material.fleet, material.assumptions
    signals = SignalMap(grid, fleet.transmitters, kernels, fleet.down)
    areas = all_areas(grid, fleet.standings, material.outlines, assumed.hull, assumed.around_site)
    corrected = _corrected(material, signals, kernels, now)
    people = _people(material.people, grid) if material.people else None
    return CityMap(material, signals, areas, _views(signals, corrected), people, corrected)


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


def _corrected(material: Material, signals: SignalMap, kernels: Kernels, now: datetime) -> Corrected | None:
    """What samples tell; None where nothing was measured on the map."""
    found = _measured(material, signals.grid, now)
    if not found:
        return None
    fleet = material.fleet
    learned = measured.biases(material.samples, fleet.transmitters, signals.grid, kernels)
    stronger = measured.corrected(fleet.transmitters, learned)
    better = SignalMap(signals.grid, stronger, kernels, fleet.down) if learned else signals
    cells = {band: each for band, each in found.items() if band in better.bands}
    spreads = {band: better.spreads(band, each.rows, each.columns) for band, each in cells.items()}
    return Corrected(better, found, spreads)


def _views(signals: SignalMap, corrected: Corrected | None) -> list[View]:
    predicted = shares.predicted(signals.bands)
    return predicted if corrected is None else [*predicted, *_measured_views(corrected)]


def _measured_views(corrected: Corrected) -> list[View]:
    on_map = {band: each.on(corrected.signals.grid) for band, each in corrected.cells.items()}
    views = [View(band, Source.MEASURED, signal, None) for band, signal in on_map.items()]
    views.append(View(ANY_BAND, Source.MEASURED, strongest(list(on_map.values())), None))
    both = {band: _combined(corrected, band) for band in corrected.signals.bands}
    views += [View(band, Source.COMBINED, signal, None) for band, signal in both.items()]
    return [*views, View(ANY_BAND, Source.COMBINED, strongest(list(both.values())), None)] if both else views


def _combined(corrected: Corrected, band: Band) -> Table:
    predicted, found = corrected.signals.bands[band].signal, corrected.cells.get(band)
    return predicted if found is None else measured.combined(predicted, found, corrected.spreads[band])


def _people(people: Sequence[tuple[Position, float]], grid: Grid) -> Table:
    """Residents in each cell; those off the grid are left out."""
    rows, columns = grid.cells([position for position, _ in people])
    counts = np.array([count for _, count in people])
    inside = (rows >= 0) & (rows < grid.rows) & (columns >= 0) & (columns < grid.columns)
    found = np.zeros((grid.rows, grid.columns), np.float32)
    np.add.at(found, (rows[inside], columns[inside]), counts[inside])
    return found
