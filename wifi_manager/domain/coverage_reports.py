"""What is kept of a computed map: shares, what they take for granted, signals of larger cells, and pictures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from wifi_manager.domain.coverage import ANY_BAND, Quality, Share, Source


@dataclass(frozen=True, slots=True)
class CoverageReport:
    """The newest map in figures. `at` is UTC; `signals`: dBm by band and geohash; `legend`: colours and meanings."""

    at: datetime
    sentences: Sequence[str]
    shares: Sequence[Share]
    signals: Mapping[str, Mapping[str, float]]
    legend: Sequence[tuple[str, str]] = ()

    @property
    def source(self) -> Source:
        """The best there is: combined where anything was measured."""
        sources = {each.source for each in self.shares}
        return Source.COMBINED if Source.COMBINED in sources else Source.PREDICTED

    def lines(self, *, people: bool = False) -> list["CoverageLine"]:
        """Both qualities of each area side by side, of the best source and the strongest of all bands."""
        wanted = [
            each for each in self.shares if (each.band, each.source, each.people) == (ANY_BAND, self.source, people)
        ]
        areas = dict.fromkeys((each.area, each.kind) for each in wanted)
        found = {(each.area, each.kind, each.quality): each for each in wanted}
        return [CoverageLine(*area, *(found[*area, quality] for quality in Quality)) for area in areas]


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One area: its district (empty: the city) and kind of site (empty: all places)."""

    district: str
    kind: str
    good: Share
    usable: Share
