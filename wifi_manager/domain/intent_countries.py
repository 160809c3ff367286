"""Which channels, widths and powers a country allows an access point.

Source: wireless-regdb 2026.05.30 (kernel.org, ISC licence), the data that the radios' own kernel obeys, without what
no access point may use (NO-IR). A country without data here gets what a radio can do at all, and the kernel decides.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.intent_radios import CHANNELS, WIDTHS_MHZ, block


@dataclass(frozen=True, slots=True)
class Span:
    """A range of frequencies in MHz with one rule. `eirp_dbm` includes the antenna's gain."""

    low: float
    high: float
    width_mhz: int
    eirp_dbm: float
    radar: bool = False  # DFS: the access point must listen for radar first, and leave when it hears one
    indoor_only: bool = False
    joins: bool = False  # AUTO-BW: a wide channel may reach into the next range


_CEPT = (
    Span(2400, 2483.5, 40, 20),
    Span(5150, 5250, 80, 23.01, indoor_only=True, joins=True),
    Span(5250, 5350, 80, 20, radar=True, indoor_only=True, joins=True),
    Span(5470, 5725, 160, 26.98, radar=True),
    Span(5725, 5875, 80, 13.97),
    Span(5945, 6425, 320, 23, indoor_only=True),
)
_CEPT_COUNTRIES = "AT BE BG CH CY CZ DE DK EE ES FI FR GR HU IE IS IT LI LT LU LV MT NL NO PL PT RO SE SI SK"
_SPANS: dict[str, tuple[Span, ...]] = {
    **dict.fromkeys(_CEPT_COUNTRIES.split(), _CEPT),
    "KR": (
        Span(2400, 2483.5, 40, 23),
        Span(5150, 5230, 40, 23, joins=True),
        Span(5230, 5250, 20, 17, joins=True),
        Span(5250, 5350, 80, 20, radar=True, joins=True),
        Span(5470, 5725, 160, 20, radar=True),
        Span(5725, 5850, 80, 23),
        Span(5925, 6425, 320, 18, indoor_only=True, joins=True),
        Span(6425, 7125, 320, 15, indoor_only=True, joins=True),
    ),
    "PH": (
        Span(2400, 2483.5, 40, 20),
        Span(5150, 5250, 80, 23, joins=True),
        Span(5250, 5350, 80, 23, radar=True, joins=True),
        Span(5470, 5725, 160, 24, radar=True),
        Span(5725, 5850, 80, 24),
        Span(5925, 6425, 320, 23.97, indoor_only=True),
    ),
    "US": (
        Span(2400, 2472, 40, 30),
        Span(5150, 5250, 80, 23, joins=True),
        Span(5250, 5350, 80, 24, radar=True, joins=True),
        Span(5470, 5730, 160, 24, radar=True),
        Span(5730, 5850, 80, 30, joins=True),
    ),
}
COUNTRIES = frozenset(_SPANS)
_BASE_MHZ = {Band.GHZ_2_4: 2407, Band.GHZ_5: 5000, Band.GHZ_6: 5950}
_HALF_MHZ = 10  # a channel reaches so far to either side of its middle


@lru_cache(maxsize=1024)  # ten thousand access points have a handful of kinds of radio
def allowed_channels(country: str, band: Band, width_mhz: int = 20, *, outdoor: bool = False) -> tuple[int, ...]:
    """The channels that may be the main one at this width, in order; without data on it all that a radio can."""
    if country not in _SPANS:
        return tuple(sorted(CHANNELS[band])) if width_mhz in WIDTHS_MHZ[band] else ()
    return tuple(each for each in sorted(CHANNELS[band]) if _allowed(country, band, each, width_mhz, outdoor=outdoor))


@lru_cache(maxsize=4096)
def eirp_limit(country: str, band: Band, channel: int, width_mhz: int = 20) -> float | None:
    """The most that may leave the antenna, in dBm; of channel 0 that of the band's best; None where it is unknown."""
    channels = [channel] if channel else allowed_channels(country, band, width_mhz)
    ranges = (_spans(country, band, each, width_mhz) for each in channels)
    return max((min(span.eirp_dbm for span in spans) for spans in ranges if spans), default=None)


def listens_for_radar(country: str, band: Band, channel: int, width_mhz: int = 20) -> bool:
    """True where the access point must listen for radar before it sends there (DFS)."""
    return any(span.radar for span in _spans(country, band, channel, width_mhz) or ())


def _allowed(country: str, band: Band, channel: int, width_mhz: int, *, outdoor: bool) -> bool:
    spans = _spans(country, band, channel, width_mhz)
    if not spans or (outdoor and any(span.indoor_only for span in spans)):
        return False
    if len(set(spans)) == 1 and not spans[0].joins:
        return spans[0].width_mhz >= width_mhz
    return all(span.joins for span in spans)


def _spans(country: str, band: Band, channel: int, width_mhz: int) -> Sequence[Span] | None:
    """The range of each 20 MHz channel that it takes up, or None where one of them is in none."""
    found = [_span(country, _BASE_MHZ[band] + 5 * each) for each in block(band, channel, width_mhz)]
    spans = [span for span in found if span is not None]
    return spans if len(spans) == len(found) else None


def _span(country: str, middle: int) -> Span | None:
    return next(
        (
            span
            for span in _SPANS.get(country, ())
            if span.low <= middle - _HALF_MHZ and middle + _HALF_MHZ <= span.high
        ),
        None,
    )
