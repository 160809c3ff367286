"""Hardware: what an access point says it is made of, and where the city's list says otherwise."""

from collections.abc import Iterator
from dataclasses import dataclass

from wifi_manager.domain.access_points import AccessPoint


@dataclass(frozen=True, slots=True)
class FoundRadio:
    """One transmitter as the device tells it. Empty or 0: it did not tell.

    `capability` is the newest IEEE 802.11 amendment that it can do, such as 802.11ax; `channel` is the one it is on.
    """

    name: str
    band: str = ""
    channel: int = 0
    capability: str = ""


@dataclass(frozen=True, slots=True)
class Hardware:
    """What was read on the device itself. Empty where it did not tell."""

    model: str = ""
    firmware: str = ""
    serial: str = ""
    radios: tuple[FoundRadio, ...] = ()


def differences(point: AccessPoint, found: Hardware) -> tuple[str, ...]:
    """Where the city's list and the device disagree, in words. Neither is changed by that."""
    return tuple(_differences(point, found))


def _differences(point: AccessPoint, found: Hardware) -> Iterator[str]:
    if point.model and found.model and point.model.casefold() != found.model.casefold():
        yield f"The list says model {point.model}; the device is {found.model}."
    listed, there = ({each.name: each for each in radios} for radios in (point.radios, found.radios))
    if not listed or not there:
        return
    for name in [*listed, *(name for name in there if name not in listed)]:
        if name not in there:
            yield f"The list has {name}; the device has no such radio."
        elif name not in listed:
            yield f"The device has {name}; the list has no such radio."
        elif there[name].band and there[name].band != listed[name].band:
            yield f"The list says {listed[name].band} GHz for {name}; it is {there[name].band} GHz on the device."
        elif listed[name].channel and there[name].channel not in {0, listed[name].channel}:
            yield f"The list says channel {listed[name].channel} for {name}; it is on {there[name].channel}."
