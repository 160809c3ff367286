"""Reading what iw says of interfaces, stations and channels. Whatever is cut, strange or hostile is left out.

iw writes an SSID on one line, with escapes for what cannot be printed; nothing of an SSID is read here at all.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from wifi_manager.domain.observations import Signal

_GOOD, _FAIR = -67, -75  # dBm
_FIELD = re.compile(r"^\s*([a-z][a-z /]*?):\s*(.*)$")
_NUMBER = re.compile(r"(-?\d{1,19})(?!\d)")
_PHY = re.compile(r"^phy#(\d{1,9})$")
_INTERFACE = re.compile(r"^\tInterface ([A-Za-z0-9._-]{1,15})$")
_TYPE = re.compile(r"^\t\ttype (.+)$")
_CHANNEL = re.compile(r"^\t\tchannel \d{1,4} \((\d{4,5}) MHz\)")
_POWER = re.compile(r"^\t\ttxpower (-?\d{1,3}(?:\.\d{1,2})?) dBm$")
_STATION = re.compile(r"^Station ([0-9a-f]{2}(?::[0-9a-f]{2}){5}) \(on .*\)$", re.MULTILINE)
_SURVEY = re.compile(r"^Survey data from .*$", re.MULTILINE)


@dataclass(slots=True)
class Interface:
    """One of `iw dev`: the number of its radio in the kernel, and what it says of itself."""

    phy: int
    name: str
    kind: str = ""
    frequency_mhz: int | None = None
    power_dbm: float | None = None


@dataclass(frozen=True, slots=True)
class Station:
    """A client as the radio hears it. The address is in no repr; `retries` and `failed` count since it joined."""

    address: bytes = field(repr=False)
    signal_dbm: int | None
    retries: int | None
    failed: int | None


@dataclass(frozen=True, slots=True)
class Channel:
    """What a radio measured on one frequency, in milliseconds since its driver started to count."""

    frequency_mhz: int
    in_use: bool
    noise_dbm: int | None
    times: Mapping[str, int]


_TIMES = {
    "channel active time": "active_seconds",
    "channel busy time": "busy_seconds",
    "channel receive time": "receive_seconds",
    "channel transmit time": "transmit_seconds",
}


def interfaces(text: str) -> list[Interface]:
    """Those of `iw dev` that have a name."""
    found: list[Interface] = []
    phy, current = -1, None
    for line in text.splitlines():
        if radio := _PHY.match(line):
            phy, current = int(radio[1]), None
        elif line.startswith("\t") and not line.startswith("\t\t"):
            named = _INTERFACE.match(line)
            current = Interface(phy, named[1]) if named and phy >= 0 else None
            found += [current] if current else []
        elif current:
            _tell(current, line)
    return found


def _tell(interface: Interface, line: str) -> None:
    if kind := _TYPE.match(line):
        interface.kind = kind[1]
    elif channel := _CHANNEL.match(line):
        interface.frequency_mhz = int(channel[1])
    elif power := _POWER.match(line):
        interface.power_dbm = float(power[1])


def stations(text: str) -> list[Station]:
    """The clients of `iw dev INTERFACE station dump` that have shown that they may come in."""
    return [
        Station(
            bytes.fromhex(address.replace(":", "")),
            _negative(said.get("signal")) or _negative(said.get("signal avg")),
            _count(said.get("tx retries")),
            _count(said.get("tx failed")),
        )
        for address, said in _blocks(_STATION, text)
        if said.get("authorized") != "no"
    ]


def channels(text: str) -> list[Channel]:
    """Those of `iw dev INTERFACE survey dump`."""
    found = []
    for _, said in _blocks(_SURVEY, text):
        frequency = _count(said.get("frequency"))
        if frequency:
            times = {name: _count(said.get(words)) for words, name in _TIMES.items()}
            known = {name: value for name, value in times.items() if value is not None}
            noise = _negative(said.get("noise"))
            found.append(Channel(frequency, said["frequency"].endswith("[in use]"), noise, known))
    return found


def signal_of(dbm: int) -> Signal:
    """How well a client is heard."""
    return Signal.GOOD if dbm >= _GOOD else Signal.FAIR if dbm >= _FAIR else Signal.POOR


def by_signal(heard: Iterable[int]) -> dict[Signal, int]:
    """How many of these clients, in dBm, are heard how well."""
    counts = dict.fromkeys(Signal, 0)
    for dbm in heard:
        counts[signal_of(dbm)] += 1
    return counts


def _blocks(head: re.Pattern[str], text: str) -> Iterator[tuple[str, dict[str, str]]]:
    """What was captured of each head (or all of it), and the fields up to the next one."""
    text = text[: text.rfind("\n") + 1]  # half a line may end in half a number
    heads = list(head.finditer(text))
    ends = [each.start() for each in heads[1:]] + [len(text)]
    for each, end in zip(heads, ends, strict=False):
        lines = text[each.end() : end].splitlines()
        yield each[each.lastindex or 0], {said[1]: said[2].strip() for said in map(_FIELD.match, lines) if said}


def _count(text: str | None) -> int | None:
    number = _number(text)
    return number if number is not None and number >= 0 else None


def _negative(text: str | None) -> int | None:
    """A level in dBm; some drivers say 0 where they do not know."""
    number = _number(text)
    return number if number is not None and -200 < number < 0 else None  # noqa: PLR2004 - no receiver hears less


def _number(text: str | None) -> int | None:
    found = _NUMBER.match(text or "")
    return int(found[1]) if found else None
