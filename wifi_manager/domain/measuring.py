"""Which of the readings are counters, and how they and their totals become one another."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from wifi_manager.domain.observations import Observation, RadioReading, Readings

_MILLI = 1000
_SECONDS = ("active_seconds", "busy_seconds", "receive_seconds", "transmit_seconds")  # their totals are milliseconds
_WHOLE = ("receive_bytes", "transmit_bytes", "transmit_packets", "transmit_retries", "transmit_failed")
_UPLINK = ("probes", "probes_lost", "receive_bytes", "transmit_bytes")
_JOINED = "associations"
UPLINK = "/uplink"  # no radio's name has a slash
_SLACK = timedelta(minutes=2)  # a look is dated when it ends, and a slow one may take that long


def total_name(place: str, field: str) -> str:
    """The name of a radio's (or the uplink's) total."""
    return f"{place} {field}"


def totals_of(found: Readings) -> dict[str, int]:
    """The totals that these readings tell: to go on from them."""
    told = {total_name(UPLINK, name): getattr(found.uplink, name) for name in _UPLINK}
    for radio in found.radios:
        told |= {total_name(radio.radio, name): getattr(radio, name) for name in _WHOLE}
        told |= {total_name(radio.radio, name): _milliseconds(getattr(radio, name)) for name in _SECONDS}
    told |= {total_name(_JOINED, result): count for result, count in found.associations.items()}
    return {name: value for name, value in told.items() if value is not None}


def with_totals(found: Readings, totals: Mapping[str, int]) -> Readings:
    """The same readings with their counters, where there is a total for one."""
    joined = {name.split(" ")[1]: value for name, value in totals.items() if name.startswith(f"{_JOINED} ")}
    uplink = {name: totals.get(total_name(UPLINK, name)) for name in _UPLINK}
    return replace(
        found,
        radios=tuple(_radio(each, totals) for each in found.radios),
        uplink=replace(found.uplink, **_known(uplink)),
        associations=joined,
    )


def has_restarted(before: Observation, now: datetime, uptime_seconds: int) -> bool:
    """Whether the device has started anew since an earlier look, both by our clock and its own uptime."""
    if before.uptime_seconds is None:
        return False
    started, starts = before.at - timedelta(seconds=before.uptime_seconds), now - timedelta(seconds=uptime_seconds)
    return uptime_seconds < before.uptime_seconds or starts - started > _SLACK + (now - before.at) / 100


def joined_name(result: str) -> str:
    """The name of the total of clients that joined, or could not, with this result."""
    return total_name(_JOINED, result)


def _radio(radio: RadioReading, totals: Mapping[str, int]) -> RadioReading:
    whole = {name: totals.get(total_name(radio.radio, name)) for name in _WHOLE}
    times = {name: _seconds(totals.get(total_name(radio.radio, name))) for name in _SECONDS}
    return replace(radio, **_known({**whole, **times}))


def _known(values: Mapping[str, float | None]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}


def _milliseconds(seconds: float | None) -> int | None:
    return None if seconds is None else round(seconds * _MILLI)


def _seconds(milliseconds: int | None) -> float | None:
    return None if milliseconds is None else milliseconds / _MILLI
