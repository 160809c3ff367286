"""What an access point that nobody can reach tells of itself: version 1, in docs/collecting.md.

No moment of the sender's clock is in it: how old a look is follows from its uptime and the sender's. Nothing of a
client can be in it: a radio's name is a short word, and everything else of a radio is a number.
"""

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.observations import (
    Observation,
    PositionReading,
    RadioReading,
    Readings,
    Signal,
    UplinkReading,
)
from wifi_manager.wire.fields import a_list, fields_of, integer, text

LOOKS_VERSION = 1
LOOKS_MAX = 500  # of one body: half a day, one in a minute and a half
_RADIOS_MAX, _TEXT_MAX = 8, 100
_OLDEST_SECONDS = 7 * 24 * 3600
_RADIO = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,14}")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_RESULTS = ("success", "auth_rejected", "assoc_rejected", "timeout")


@dataclass(frozen=True, slots=True)
class ToldLooks:
    """One body. `boot` is the same from one start of the device to the next; `looks` are (uptime, what was found)."""

    boot: str
    looks: tuple[tuple[int, Observation], ...]


def looks_from_json(body: Any, now: datetime) -> ToldLooks:
    """Read what was pushed at this moment. Raises BadInput naming a field that is missing, unknown or impossible."""
    fields = fields_of(body, "push", {"version", "boot", "uptime_seconds", "looks"})
    if fields["version"] != LOOKS_VERSION:
        raise BadInput(f"version is {LOOKS_VERSION}.")
    boot, up, told = text(fields, "boot"), integer(fields, "uptime_seconds"), a_list(fields, "looks")
    if len(boot) > _TEXT_MAX or not 0 < len(told) <= LOOKS_MAX:
        raise BadInput(f"boot has at most {_TEXT_MAX} characters, and looks has 1 to {LOOKS_MAX} of them.")
    looks = (_look(each, up, now) for each in told)
    return ToldLooks(boot, tuple(sorted(looks, key=lambda look: look[0])))


def _look(body: Any, up_when_sent: int, now: datetime) -> tuple[int, Observation]:
    allowed = {"uptime_seconds", "load", "model", "firmware", "config_digest", "readings"}
    fields = _some_of(body, "look", allowed, needed=("uptime_seconds",))
    up = integer(fields, "uptime_seconds")
    if not 0 <= up_when_sent - up <= _OLDEST_SECONDS:
        raise BadInput("The uptime_seconds of a look is at most that of the push, and not more than seven days less.")
    at, digest = now - timedelta(seconds=up_when_sent - up), _word(fields, "config_digest")
    if digest is not None and not _DIGEST.fullmatch(digest):
        raise BadInput("config_digest is a SHA-256 in hex.")
    return up, Observation(
        at=at,
        up=True,
        uptime_seconds=up,
        load=_number(fields, "load", 0, 10_000),
        config_digest=digest,
        model=_word(fields, "model"),
        firmware=_word(fields, "firmware"),
        readings=_readings(_some_of(fields.get("readings", {}), "readings", _READINGS), at),
    )


_NUMBERS = {
    "cpu_busy_ratio": (0.0, 1.0),
    "temperature_celsius": (-100.0, 200.0),
    "poll_seconds": (0.0, 3600.0),
}
_COUNTS = ("memory_available_bytes", "dhcp_requests", "dhcp_failures")
_READINGS = {*_NUMBERS, *_COUNTS, "radios", "uplink", "position", "associations"}
_OF_RADIO = {"transmit_power_dbm": (-100.0, 100.0), "noise_dbm": (-200.0, 0.0)} | {
    f"{name}_seconds": (0.0, 1e12) for name in ("active", "busy", "receive", "transmit")
}
_COUNTS_OF_RADIO = (
    "frequency_mhz", "receive_bytes", "transmit_bytes", "transmit_packets", "transmit_retries", "transmit_failed",
)  # fmt: skip
_COUNTS_OF_UPLINK = ("probes", "probes_lost", "receive_bytes", "transmit_bytes")


def _readings(fields: Mapping[str, Any], at: datetime) -> Readings:
    radios = tuple(map(_radio, a_list(fields, "radios"))) if "radios" in fields else ()
    if len(radios) > _RADIOS_MAX or len({each.radio for each in radios}) < len(radios):
        raise BadInput(f"radios has at most {_RADIOS_MAX}, each with a name of its own.")
    associations = _some_of(fields.get("associations", {}), "associations", set(_RESULTS))
    numbers: dict[str, Any] = {name: _number(fields, name, *bounds) for name, bounds in _NUMBERS.items()}
    return Readings(
        radios=radios,
        uplink=_uplink(fields["uplink"]) if "uplink" in fields else UplinkReading(),
        position=_position(fields["position"], at) if "position" in fields else None,
        associations={name: integer(associations, name) for name in associations},
        **numbers,
        **{name: _count(fields, name) for name in _COUNTS},
    )


def _radio(body: Any) -> RadioReading:
    fields = _some_of(body, "radio", {"radio", "clients", *_OF_RADIO, *_COUNTS_OF_RADIO}, needed=("radio",))
    if not _RADIO.fullmatch(text(fields, "radio")):
        raise BadInput("radio is its name in the intent, such as radio0.")
    clients = _some_of(fields.get("clients", {}), "clients", set(Signal))
    numbers: dict[str, Any] = {name: _number(fields, name, *bounds) for name, bounds in _OF_RADIO.items()}
    return RadioReading(
        fields["radio"],
        {Signal(name): integer(clients, name) for name in clients},
        **numbers,
        **{name: _count(fields, name) for name in _COUNTS_OF_RADIO},
    )


def _uplink(body: Any) -> UplinkReading:
    fields = _some_of(body, "uplink", {"rtt_seconds", *_COUNTS_OF_UPLINK})
    counts = {name: _count(fields, name) for name in _COUNTS_OF_UPLINK}
    return UplinkReading(_number(fields, "rtt_seconds", 0, 3600), **counts)


def _position(body: Any, at: datetime) -> PositionReading:
    needed = ("latitude", "longitude")
    fields = _some_of(body, "position", {*needed, "speed"}, needed=needed)
    latitude, longitude = _number(fields, "latitude", -90, 90), _number(fields, "longitude", -180, 180)
    if latitude is None or longitude is None:
        raise BadInput("latitude and longitude are degrees of WGS 84.")
    return PositionReading(at, latitude, longitude, _number(fields, "speed", 0, 1000))


def _some_of(body: Any, noun: str, allowed: set[str], needed: tuple[str, ...] = ()) -> Mapping[str, Any]:
    """An object with some of these fields; one that is null is as if it were not there. Raises BadInput."""
    if not isinstance(body, dict):
        raise BadInput(f"{noun} is a JSON object, not {type(body).__name__}.")
    told = {name: value for name, value in body.items() if value is not None}
    return fields_of(told, noun, (set(told) & allowed) | set(needed))


def _count(fields: Mapping[str, Any], name: str) -> int | None:
    return integer(fields, name) if name in fields else None


def _number(fields: Mapping[str, Any], name: str, low: float, high: float) -> float | None:
    if name not in fields:
        return None
    value = fields[name]
    if not isinstance(value, int | float) or isinstance(value, bool) or not math.isfinite(value):
        raise BadInput(f"{name} is a number.")
    if not low <= value <= high:
        raise BadInput(f"{name} is a number from {low:g} to {high:g}.")
    return float(value)


def _word(fields: Mapping[str, Any], name: str) -> str | None:
    if name not in fields:
        return None
    if len(text(fields, name)) > _TEXT_MAX:
        raise BadInput(f"{name} has at most {_TEXT_MAX} characters.")
    return text(fields, name)
