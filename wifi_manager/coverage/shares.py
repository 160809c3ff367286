"""Shares of areas, and of people, that a signal reaches."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wifi_manager.coverage.areas import Area
from wifi_manager.coverage.kernels import NOTHING, Table
from wifi_manager.coverage.painting import Layers
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.coverage import ANY_BAND, Quality, Share, Source


@dataclass(frozen=True, slots=True)
class View:
    """One band as one source sees it: signals in dBm, and how likely an area's cells have enough, if known."""

    band: str
    source: Source
    signal: Table
    likely: Callable[[int, Area], Table] | None


def predicted(bands: Mapping[Band, Layers]) -> list[View]:
    """A view of each band, and of the strongest of them: the likelihoods of one place's bands are not independent."""
    views = [_predicted(band, [layers]) for band, layers in bands.items()]
    return [*views, _predicted(ANY_BAND, list(bands.values()))] if bands else []


def _predicted(band: str, layers: Sequence[Layers]) -> View:
    def likely(quality: int, area: Area) -> Table:
        return strongest([each.part(area.window).likely(quality, area.mask) for each in layers])

    return View(band, Source.PREDICTED, strongest([each.signal for each in layers]), likely)


def strongest(signals: Sequence[Table]) -> Table:
    """The highest of several in each cell; one alone is not copied."""
    found = signals[0]
    for each in signals[1:]:
        found = np.maximum(found, each)
    return found


@dataclass(frozen=True, slots=True)
class Counting:
    """By what cells are counted: thresholds in dBm, how wrong the model may be in dB, and residents if known."""

    thresholds: Mapping[Quality, float]
    model_error: float
    people: Table | None = None

    def shares(self, views: Sequence[View], areas: Sequence[Area]) -> list[Share]:
        """Of each view, area and quality, by area; an area without a cell, or without a resident, has none."""
        return [
            share
            for area in areas
            for view in views
            for number, quality in enumerate(self.thresholds)
            for share in self._shares(view, area, number, quality)
        ]

    def _shares(self, view: View, area: Area, number: int, quality: Quality) -> Iterator[Share]:
        mask = area.mask
        signal = view.signal[area.window][mask]
        likely = None if view.likely is None else view.likely(number, area)
        if view.source is Source.MEASURED:
            known = signal != NOTHING
            signal = signal[known]
        else:
            known = np.ones(len(signal), np.bool_)
        weights = [np.ones(len(signal), np.float32)]
        if self.people is not None:
            weights.append(self.people[area.window][mask][known])
        for is_people, weight in enumerate(weights):
            if total := float(weight.sum(dtype=np.float64)):
                yield self._share(
                    view, area, quality, _Weighed(signal, likely, weight / total), people=bool(is_people)
                )

    def _share(self, view: View, area: Area, quality: Quality, cells: "_Weighed", *, people: bool) -> Share:
        limit = self.thresholds[quality]
        error = 0.0 if view.source is Source.MEASURED else self.model_error
        ratio, low, high = (cells.part_above(each) for each in (limit, limit + error, limit - error))
        where = area.district, area.kind, view.band, quality, view.source
        return Share(*where, ratio, low, high, cells.likely_part(), people)


@dataclass(frozen=True, slots=True)
class _Weighed:
    """Cells of an area; the weights are 1 in all."""

    signal: Table
    likely: Table | None
    weight: Table

    def part_above(self, limit: float) -> float:
        return _ratio(float(self.weight[self.signal >= limit].sum(dtype=np.float64)))

    def likely_part(self) -> float | None:
        return None if self.likely is None else _ratio(float((self.likely * self.weight).sum(dtype=np.float64)))


def _ratio(found: float) -> float:
    """Sums of 32-bit floats end a little beside 1."""
    return round(min(max(found, 0.0), 1.0), 6)
