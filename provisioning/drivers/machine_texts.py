"""Reading what a device's kernel and ping say: /proc, thermal zones, the way out. What is cut or strange is None."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from provisioning.look_memory import Processor

_NET = re.compile(r"^\s*([A-Za-z0-9._@-]{1,15}):((?:\s+\d{1,20}){16})\s*$", re.MULTILINE)
_CPU = re.compile(r"^cpu((?: +\d{1,20}){7,})$", re.MULTILINE)
_MEMORY = re.compile(r"^(MemAvailable|MemFree|Buffers|Cached): +(\d{1,15}) kB$", re.MULTILINE)
_HEAT = re.compile(r"^-?\d{1,6}$", re.MULTILINE)
_SENT = re.compile(r"(\d{1,6}) packets transmitted, (\d{1,6}) (?:packets )?received")
_TIME = re.compile(r"time=(\d{1,6}(?:\.\d{1,6})?) ms")
_RADIO = re.compile(r"^([A-Za-z0-9_]{1,32}) (path|interface) (\S{1,200})$", re.MULTILINE)
_PHY = re.compile(r"^(\d{1,9}) (/\S{1,300})$", re.MULTILINE)
_IDLE, _WAITING = 3, 4  # of the columns of /proc/stat (proc_stat(5))
_OWN_COLUMNS = 8  # guests' time is in the first ones already
_HOTTEST, _COLDEST = 150.0, -60.0  # degrees Celsius that a board could live with


@dataclass(frozen=True, slots=True)
class Traffic:
    """What an interface has moved since it was made."""

    receive_bytes: int
    transmit_bytes: int
    transmit_packets: int


@dataclass(frozen=True, slots=True)
class Echo:
    """What `ping` found: requests sent, those without an answer, and how long the answer took in seconds."""

    sent: int
    lost: int
    seconds: float | None


def traffic(text: str) -> dict[str, Traffic]:
    """/proc/net/dev by interface."""
    found = {}
    for name, numbers in _NET.findall(text):
        columns = [int(each) for each in numbers.split()]
        found[name] = Traffic(columns[0], columns[8], columns[9])
    return found


def processor(text: str) -> Processor | None:
    """The first line of /proc/stat."""
    found = _CPU.search(text)
    if not found:
        return None
    columns = [int(each) for each in found[1].split()][:_OWN_COLUMNS]
    whole = sum(columns)
    return Processor(whole - columns[_IDLE] - columns[_WAITING], whole)


def memory_available(text: str) -> int | None:
    """Bytes of /proc/meminfo; kernels before 3.14 do not count what is available themselves."""
    found = {name: int(kib) * 1024 for name, kib in _MEMORY.findall(text)}
    if "MemAvailable" in found:
        return found["MemAvailable"]
    return sum(found.values()) if "MemFree" in found else None


def temperature(text: str) -> float | None:
    """The hottest of the thermal zones, which count in thousandths of a degree."""
    degrees = [int(each) / 1000 for each in _HEAT.findall(text)]
    return max((each for each in degrees if _COLDEST < each < _HOTTEST and each), default=None)


def echo(text: str) -> Echo | None:
    """What busybox or iputils say of an echo."""
    sent, time = _SENT.search(text), _TIME.search(text)
    if not sent:
        return None
    return Echo(int(sent[1]), max(0, int(sent[1]) - int(sent[2])), float(time[1]) / 1000 if time else None)


def radio_names(names: str, phys: str, interfaces: Mapping[str, int]) -> dict[int, str]:
    """The intent's name of each radio by its number in the kernel, which may differ from boot to boot.

    A radio is known by its place in the device (`path`; with +1 the second one there, as OpenWrt counts), or by the
    interface that its configuration names. One that is in neither list is called after its number.
    """
    places = {int(number): place for number, place in _PHY.findall(phys)}
    found: dict[int, str] = {}
    for name, kind, value in _RADIO.findall(names):
        number = interfaces.get(value) if kind == "interface" else _at(value, places)
        if number is not None:
            found[number] = name
    for number in sorted({*places, *interfaces.values()} - found.keys()):
        found[number] = f"radio{number}" if f"radio{number}" not in found.values() else f"phy{number}"
    return found


def _at(path: str, places: Mapping[int, str]) -> int | None:
    base, _, later = path.partition("+")
    there = sorted(number for number, place in places.items() if place.endswith(f"/{base}"))
    which = int(later) if later.isdecimal() and len(later) < 3 else 0  # noqa: PLR2004 - no board has a hundred radios
    return there[which] if which < len(there) else None
