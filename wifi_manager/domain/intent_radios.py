"""Radios as they are wanted. What a country allows is in `intent_countries`; here is what a radio can do at all."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from wifi_manager.domain.access_points import Band

CHANNELS = {
    Band.GHZ_2_4: frozenset(range(1, 14)),
    Band.GHZ_5: frozenset([*range(36, 65, 4), *range(100, 145, 4), *range(149, 178, 4)]),
    Band.GHZ_6: frozenset(range(1, 234, 4)),
}
WIDTHS_MHZ = {
    Band.GHZ_2_4: frozenset({20, 40}),
    Band.GHZ_5: frozenset({20, 40, 80, 160}),
    Band.GHZ_6: frozenset({20, 40, 80, 160}),
}
_WORD = re.compile(r"[A-Za-z0-9]{1,15}")  # no _: it joins network and radio to a section's name
_PLATFORM_PATH = re.compile(r"[A-Za-z0-9/._:+-]{1,200}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_POWER_DBM = range(41)
_GAIN_DBI = range(31)


@dataclass(frozen=True, slots=True)
class RadioIntent:
    """One transmitter. `channel` 0: automatic; `country`: an ISO 3166-1 code; `path`: the platform's own name.

    `power_dbm` is what leaves the radio, None as much as the country allows; `gain_dbi` is its antenna's.
    `networks_max`: how many BSSs the board can hold on it.
    """

    name: str
    band: Band
    country: str
    channel: int = 0
    width_mhz: int = 20
    path: str = ""
    power_dbm: int | None = None
    gain_dbi: int = 0
    networks_max: int = 16


def radio_problems(place: str, radio: RadioIntent) -> Iterator[str]:
    """What no radio could do, or no platform could be told."""
    if not _WORD.fullmatch(radio.name):
        yield f"{place}.name: 1 to 15 letters and digits, such as radio0."
    if not _COUNTRY.fullmatch(radio.country):
        yield f"{place}.country: two capital letters, such as KR; it decides what the radio may send."
    if radio.channel and radio.channel not in CHANNELS[radio.band]:
        yield f"{place}.channel: {radio.channel} is no channel of the {radio.band} GHz band; 0 chooses automatically."
    if radio.width_mhz not in WIDTHS_MHZ[radio.band]:
        allowed = ", ".join(map(str, sorted(WIDTHS_MHZ[radio.band])))
        yield f"{place}.width_mhz: {radio.width_mhz} is not possible at {radio.band} GHz; one of {allowed}."
    if radio.path and not _PLATFORM_PATH.fullmatch(radio.path):
        yield f"{place}.path: the platform's path of the radio, such as platform/soc/18000000.wifi."
    if radio.power_dbm is not None and radio.power_dbm not in _POWER_DBM:
        yield f"{place}.power_dbm: {radio.power_dbm} is not possible; 0 to {_POWER_DBM[-1]} dBm."
    if radio.gain_dbi not in _GAIN_DBI:
        yield f"{place}.gain_dbi: {radio.gain_dbi} is not possible; 0 to {_GAIN_DBI[-1]} dBi."
    if radio.networks_max < 1:
        yield f"{place}.networks_max: how many networks the board holds on this radio, 1 or more."


def block(band: Band, channel: int, width_mhz: int) -> tuple[int, ...]:
    """The 20 MHz channels that a wider one takes up (IEEE 802.11-2020, annex E), the channel itself among them.

    At 2.4 GHz the second half may lie on either side, so a wide one is said by its own channel alone.
    """
    if band is Band.GHZ_2_4:
        return (channel,)
    start = 1 if band is Band.GHZ_6 else max(each for each in (36, 100, 149) if each <= channel)
    step = 4 * (width_mhz // 20)
    first = start + (channel - start) // step * step
    return tuple(range(first, first + step, 4))
