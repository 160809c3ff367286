"""Coverage: what is taken for granted where the inventory is silent, who transmits, and what the figures are.

Signal levels and powers are in dBm, heights and distances in metres.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
    """What the map is made of, and which access points were left out or taken on trust.

    `transmitters` are of all that have a place on the map, up or down; `omitted` counts those that have none.
    """

    transmitters: Sequence[Transmitter]
    standings: Sequence[Standing]
    omitted: Mapping[Omission, int] = field(default_factory=dict)
    polled: frozenset[str] = frozenset()  # managed by this program; others are taken to be up
    unpowered: frozenset[str] = (
        frozenset()
    )  # without a power in the inventory: taken to have that of their kind of site
    down: frozenset[str] = frozenset()

    def while_up(self, up: Collection[str]) -> "Fleet":
        """The same one while of all that are polled these are up."""
        return replace(self, down=self.polled.difference(up))

    def sentences(self) -> list[str]:
        """How many count, and why others do not."""
        counted = {each.access_point for each in self.transmitters} - self.down
        told = [f"{len(counted)} access points count."]
        if unpolled := len(counted - self.polled):
            told.append(f"{unpolled} of them are not polled and are taken to be up.")
        if unpowered := len(self.unpowered & counted):
            told.append(f"{unpowered} of them lack a power in the inventory and take that of their kind of site.")
        omitted = {**self.omitted, Omission.DOWN: len(self.down)}
        told.extend(f"{omitted[why]} do not count: {why}." for why in Omission if omitted.get(why))
        return told


def fleet(points: Iterable[AccessPoint], up: Collection[str], assumptions: Assumptions) -> Fleet:
    """What transmits. `up` has the managed access points that their newest poll found up; others are not asked."""
    reasons = [(point, omission(point, up, assumptions)) for point in points]
    placed = [point for point, reason in reasons if reason in (None, Omission.DOWN)]
    return Fleet(
        [radio for point in placed for radio in radios(point, assumptions)],
        [Standing(each.position, each.site.district, each.site.kind) for each in placed if each.position is not None],
        Counter(reason for _point, reason in reasons if reason is not None and reason is not Omission.DOWN),
        frozenset(each.external_id for each in placed if each.life_cycle is LifeCycle.MANAGED),
        frozenset(each.external_id for each in placed if not _says_its_power(each)),
        frozenset(point.external_id for point, reason in reasons if reason is Omission.DOWN),
    )


def _says_its_power(point: AccessPoint) -> bool:
    return bool(point.radios) and all(each.eirp_dbm is not None for each in point.radios)


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
