"""Coverage: what is taken for granted where the inventory is silent, who transmits, and what the figures are.

Signal levels and powers are in dBm, heights and distances in metres.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wifi_manager.domain.access_points import AccessPoint, Band, LifeCycle
from wifi_manager.domain.propagation import MODELS, Environment
from wifi_manager.domain.sites import Position, SiteKind


class Quality(StrEnum):
    """What a signal is good for."""

    GOOD = "good"  # voice and video
    USABLE = "usable"  # pages and messages


class Source(StrEnum):
    """Where a figure comes from."""

    PREDICTED = "predicted"
    MEASURED = "measured"
    COMBINED = "combined"


ANY_BAND = "any"  # the strongest of all bands
WHOLE_CITY = ""  # the name of the area that is all districts together


@dataclass(frozen=True, slots=True)
class KindDefaults:
    """What an access point at a kind of site is taken for where its inventory does not say.

    `eirp` has the power of each band that it is taken to have. `obstacles` is a further loss in dB outside, such as
    trees; `is_moving`: it covers a place only while it is there, so it counts nowhere.
    """

    environment: Environment
    antenna_height: float
    eirp: Mapping[Band, float]
    is_indoor: bool = False
    is_moving: bool = False
    obstacles: float = 0.0


@dataclass(frozen=True, slots=True)
class Assumptions:
    """All that a prediction takes for granted; `model_error` is by how many dB the whole model may be wrong.

    In metres: `phone_height`, `cell` (the side of a map's cell), `hull` (how far a district without an outline
    reaches beyond its access points) and `around_site` (the same for a kind of site). `entry_loss` is in dB,
    `frequency` in GHz.
    """

    kinds: Mapping[SiteKind, KindDefaults]
    frequency: Mapping[Band, float]
    entry_loss: Mapping[Band, float]
    thresholds: Mapping[Quality, float]
    phone_height: float = 1.5
    cell: float = 20.0
    hull: float = 150.0
    around_site: float = 100.0
    model_error: float = 6.0
    sample_half_life_days: float = 30.0

    def sentences(self) -> list[str]:
        """The same for people; each figure on a page stands beside these."""
        limits = ", ".join(f"{quality} from {limit:g} dBm on" for quality, limit in self.thresholds.items())
        entries = ", ".join(f"{loss:g} dB at {band} GHz" for band, loss in self.entry_loss.items())
        return [
            f"Outdoors, {self.phone_height:g} m above the ground: {limits}.",
            *self._models(),
            f"Map of {self.cell:g} m cells; buildings, trees and hills are known only through the kind of site.",
            f"Indoor access points count outdoors with less: {entries} (ITU-R P.2109).",
            f"The range is what follows if all signals are {self.model_error:g} dB weaker or stronger.",
            "Shadowing of one access point is taken to be independent of another's.",
        ]

    def _models(self) -> Iterator[str]:
        """Which kinds of site are computed by which model."""
        for environment, model in MODELS.items():
            kinds = [
                kind.value.replace("_", " ") for kind, each in self.kinds.items() if each.environment is environment
            ]
            if kinds:
                yield f"Kinds of site by {model.name}: {', '.join(kinds)}."


class Omission(StrEnum):
    """Why an access point does not count."""

    RETIRED = "retired"
    NO_POSITION = "no position"
    MOVING = "moving"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Transmitter:
    """One radio as the map sees it. `power` is what leaves into the street: EIRP less walls and obstacles."""

    access_point: str
    position: Position
    band: Band
    environment: Environment
    antenna_height: float
    power: float


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an access point stands, whether it is up or not: the areas of districts and kinds do not shrink."""

    position: Position
    district: str
    kind: SiteKind


@dataclass(frozen=True, slots=True)
class Fleet:
    """What the map is made of, and how many access points were left out or taken on trust."""

    transmitters: Sequence[Transmitter]
    standings: Sequence[Standing]
    omitted: Mapping[Omission, int] = field(default_factory=dict)
    unpolled: int = 0  # not managed by this program, so taken to be up
    unpowered: int = 0  # have no radios with a power in the inventory, so taken to have that of their kind of site

    def sentences(self) -> list[str]:
        """How many count, and why others do not."""
        counted = len({each.access_point for each in self.transmitters})
        told = [f"{counted} access points count."]
        if self.unpolled:
            told.append(f"{self.unpolled} of them are not polled and are taken to be up.")
        if self.unpowered:
            told.append(
                f"{self.unpowered} of them lack a power in the inventory and take that of their kind of site."
            )
        told.extend(f"{count} do not count: {why}." for why, count in self.omitted.items() if count)
        return told


def fleet(points: Iterable[AccessPoint], up: Collection[str], assumptions: Assumptions) -> Fleet:
    """What transmits. `up` has the managed access points that their newest poll found up; others are not asked."""
    transmitters: list[Transmitter] = []
    standings: list[Standing] = []
    omitted: Counter[Omission] = Counter()
    unpolled = unpowered = 0
    for point in points:
        reason = omission(point, up, assumptions)
        if point.position is not None and reason not in (Omission.RETIRED, Omission.MOVING):
            standings.append(Standing(point.position, point.site.district, point.site.kind))
        if reason is not None:
            omitted[reason] += 1
            continue
        unpolled += point.life_cycle is not LifeCycle.MANAGED
        unpowered += any(radio.eirp_dbm is None for radio in point.radios) or not point.radios
        transmitters.extend(radios(point, assumptions))
    return Fleet(transmitters, standings, {each: omitted[each] for each in Omission}, unpolled, unpowered)


def omission(point: AccessPoint, up: Collection[str], assumptions: Assumptions) -> Omission | None:
    """Why an access point covers nothing on the map, if so."""
    if point.life_cycle is LifeCycle.RETIRED:
        return Omission.RETIRED
    if assumptions.kinds[point.site.kind].is_moving:
        return Omission.MOVING
    if point.position is None:
        return Omission.NO_POSITION
    if point.life_cycle is LifeCycle.MANAGED and point.external_id not in up:
        return Omission.DOWN
    return None


def radios(point: AccessPoint, assumptions: Assumptions) -> Iterator[Transmitter]:
    """Its radios, or those that its kind of site is taken to have; nothing without a position."""
    if point.position is None:
        return
    usual = assumptions.kinds[point.site.kind]
    indoor = usual.is_indoor if point.indoor is None else point.indoor
    for band, power in _powers(point, usual).items():
        walls = assumptions.entry_loss[band] if indoor else 0.0
        left = power - walls - usual.obstacles
        yield Transmitter(
            point.external_id, point.position, band, usual.environment, usual.antenna_height, round(left, 1)
        )


def _powers(point: AccessPoint, usual: KindDefaults) -> Mapping[Band, float]:
    """EIRP of each band; of two radios in a band, the stronger one."""
    if not point.radios:
        return usual.eirp
    found: dict[Band, float] = {}
    for radio in point.radios:
        power = usual.eirp.get(radio.band, max(usual.eirp.values())) if radio.eirp_dbm is None else radio.eirp_dbm
        found[radio.band] = max(power, found.get(radio.band, power))
    return found


@dataclass(frozen=True, slots=True)
class Sample:
    """One measured signal of the city's network: where, when, in which band, and of which access point if known."""

    position: Position
    at: datetime
    band: Band
    dbm: float
    access_point: str = ""


@dataclass(frozen=True, slots=True)
class Share:
    """Part of an area that is covered, 0 to 1, and what it is between if the model is wrong.

    `area` is a district or WHOLE_CITY; `kind` a kind of site or empty for all places; `band` a Band or ANY_BAND.
    `ratio` counts cells whose median signal is enough, `likely` adds up how likely each cell has enough, None where
    that is not known. `people`: shares of residents instead of the area.
    """

    area: str
    kind: str
    band: str
    quality: Quality
    source: Source
    ratio: float
    low: float
    high: float
    likely: float | None = None
    people: bool = False
