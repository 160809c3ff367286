"""How much of a signal is left after some metres: median path loss and its spread, by published models.

Distances are in metres, frequencies in GHz, losses in dB. Rules: Recommendation ITU-R P.1411-10 section 4.1.1
(site-general, below the roofs), 3GPP TR 38.901 section 7.4 (UMi street canyon), Recommendation ITU-R P.2109-2
section 3 (entry into a building).
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

_LIGHT = 299_792_458.0  # metres per second
_GHZ = 1e9
_EFFECTIVE_GROUND = 1.0  # metres: what people and cars take of both heights (TR 38.901, table 7.4.1-1, note 1)


@dataclass(frozen=True, slots=True)
class SiteGeneral:
    """A row of P.1411-10 table 4: 10 a log10 d + b + 10 g log10 f, spread `sigma` dB, `nearest` to `farthest` m."""

    a: float
    b: float
    g: float
    sigma: float
    nearest: float
    farthest: float

    def loss(self, distance: float, ghz: float) -> float:
        """Median loss in dB."""
        return 10 * self.a * math.log10(distance) + self.b + 10 * self.g * math.log10(ghz)


P1411_LINE_OF_SIGHT = SiteGeneral(2.12, 29.2, 2.11, 5.06, 5, 660)
P1411_HIGH_RISE = SiteGeneral(4.00, 10.2, 2.36, 7.60, 30, 715)
P1411_RESIDENTIAL = SiteGeneral(3.01, 18.8, 2.07, 3.07, 30, 170)

UMI_SIGMA_LINE_OF_SIGHT = 4.0
UMI_SIGMA_HIDDEN = 7.82
_UMI_NEAREST, _UMI_FARTHEST = 10.0, 5000.0  # metres along the ground


@dataclass(frozen=True, slots=True)
class Heights:
    """Of the access point's antenna and of the phone above the ground, in metres."""

    antenna: float
    phone: float = 1.5

    def slant(self, ground: float) -> float:
        """Distance through the air for one along the ground."""
        return math.hypot(ground, self.antenna - self.phone)


def umi_single_slope(distance: float, ghz: float) -> float:
    """Median loss with a line of sight, nearer than the break point; `distance` through the air."""
    return 32.4 + 21 * math.log10(distance) + 20 * math.log10(ghz)


def umi_break_point(ghz: float, heights: Heights) -> float:
    """From this distance along the ground on, the ray from the ground cancels: 4 h'BS h'UT f/c."""
    above = (heights.antenna - _EFFECTIVE_GROUND) * (heights.phone - _EFFECTIVE_GROUND)
    return 4 * above * ghz * _GHZ / _LIGHT


def umi_line_of_sight(ground: float, ghz: float, heights: Heights) -> float:
    """Median loss with a line of sight, by the distance along the ground."""
    distance, turn = heights.slant(ground), umi_break_point(ghz, heights)
    if ground <= turn:
        return umi_single_slope(distance, ghz)
    bend = turn**2 + (heights.antenna - heights.phone) ** 2
    return 32.4 + 40 * math.log10(distance) + 20 * math.log10(ghz) - 9.5 * math.log10(bend)


def umi_hidden(ground: float, ghz: float, heights: Heights) -> float:
    """Median loss without a line of sight, by the distance along the ground; never less than with one."""
    steep = 35.3 * math.log10(heights.slant(ground)) + 22.4 + 21.3 * math.log10(ghz) - 0.3 * (heights.phone - 1.5)
    return max(steep, umi_line_of_sight(ground, ghz, heights))


def umi_sight(ground: float) -> float:
    """How likely a line of sight is in a street canyon, 0 to 1 (TR 38.901, table 7.4.2-1)."""
    if ground <= 18:  # noqa: PLR2004 - metres, as the table has it
        return 1.0
    return 18 / ground + math.exp(-ground / 36) * (1 - 18 / ground)


def entry_loss(ghz: float, *, is_insulated: bool = False) -> float:
    """Median loss through a wall, level with it: traditional or thermally efficient buildings (P.2109-2, L_h)."""
    r, s, t = (28.19, -3.00, 8.48) if is_insulated else (12.64, 3.72, 0.96)
    decades = math.log10(ghz)
    return r + s * decades + t * decades**2


@dataclass(frozen=True, slots=True)
class Branch:
    """One of the ways a signal may go: how likely it is, its median loss and its spread, both in dB."""

    share: float
    loss: float
    sigma: float


class Environment(StrEnum):
    """What stands around an access point: it matters more than any other figure (a factor of 3 to 11 in radius)."""

    OPEN = "open"  # a square, a lawn, a river bank: P.1411 line of sight
    STREET = "street"  # houses on both sides: UMi, with and without a line of sight as likely as they are
    RESIDENTIAL = "residential"  # low houses between access point and phone: P.1411
    HIGH_RISE = "high_rise"  # towers between access point and phone: P.1411


@dataclass(frozen=True, slots=True)
class Model:
    """The published model of an environment, and between which distances along the ground it holds, in metres.

    Nearer than `nearest` the loss stays as it is there; farther than `farthest` nothing is promised.
    """

    name: str
    nearest: float
    farthest: float
    branches: Callable[[float, float, Heights], tuple[Branch, ...]]


def _street(ground: float, ghz: float, heights: Heights) -> tuple[Branch, ...]:
    sight = umi_sight(ground)
    return (
        Branch(sight, umi_line_of_sight(ground, ghz, heights), UMI_SIGMA_LINE_OF_SIGHT),
        Branch(1 - sight, umi_hidden(ground, ghz, heights), UMI_SIGMA_HIDDEN),
    )


def _site_general(name: str, row: SiteGeneral) -> Model:
    def branches(ground: float, ghz: float, heights: Heights) -> tuple[Branch, ...]:
        return (Branch(1.0, row.loss(heights.slant(ground), ghz), row.sigma),)

    return Model(name, row.nearest, row.farthest, branches)


MODELS = {
    Environment.OPEN: _site_general("ITU-R P.1411-10, line of sight", P1411_LINE_OF_SIGHT),
    Environment.STREET: Model("3GPP TR 38.901 UMi street canyon", _UMI_NEAREST, _UMI_FARTHEST, _street),
    Environment.RESIDENTIAL: _site_general("ITU-R P.1411-10, residential, no line of sight", P1411_RESIDENTIAL),
    Environment.HIGH_RISE: _site_general("ITU-R P.1411-10, high-rise, no line of sight", P1411_HIGH_RISE),
}


def branches(environment: Environment, ground: float, ghz: float, heights: Heights) -> tuple[Branch, ...]:
    """The ways a signal may go at that distance along the ground; none beyond the model's range."""
    model = MODELS[environment]
    if ground > model.farthest:
        return ()
    return model.branches(max(ground, model.nearest), ghz, heights)


def mean_loss(ways: tuple[Branch, ...]) -> float:
    """Mean of the medians, by how likely each way is."""
    return sum(way.share * way.loss for way in ways)


def spread(ways: tuple[Branch, ...]) -> float:
    """Standard deviation about the mean loss: of each way, and between them."""
    mean = mean_loss(ways)
    return math.sqrt(sum(way.share * (way.sigma**2 + (way.loss - mean) ** 2) for way in ways))


def above(ways: tuple[Branch, ...], eirp: float, threshold: float) -> float:
    """How likely the signal is at least `threshold` (dBm), 0 to 1: each way has normal shadowing."""
    return sum(way.share * normal_above(threshold, eirp - way.loss, way.sigma) for way in ways)


def normal_above(threshold: float, mean: float, sigma: float) -> float:
    """How likely a normal value is at least `threshold`."""
    return 0.5 * math.erfc((threshold - mean) / (sigma * math.sqrt(2)))
