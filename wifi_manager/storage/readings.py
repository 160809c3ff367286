"""Readings of a look as one JSON value: they are written and read as a whole, and most of them are often missing."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import datetime
from typing import Any

from wifi_manager.domain.observations import PositionReading, RadioReading, Readings, Signal, UplinkReading

_PARTS = ("radios", "uplink", "position")  # made of fields themselves


def packed(found: Readings) -> dict[str, Any]:
    """Without what is missing; moments in ISO 8601."""
    values = _known(found, without=_PARTS)
    if found.radios:
        values["radios"] = [_known(each) for each in found.radios]
    if found.uplink != UplinkReading():
        values["uplink"] = _known(found.uplink)
    if found.position is not None:
        values["position"] = _known(found.position) | {"at": found.position.at.isoformat()}
    return values


def unpacked(values: Mapping[str, Any] | None) -> Readings:
    """The readings again; none from a row of before there were any."""
    if not values:
        return Readings()
    position = values.get("position")
    return Readings(
        **{name: value for name, value in values.items() if name not in _PARTS},
        radios=tuple(_radio(each) for each in values.get("radios", ())),
        uplink=UplinkReading(**values.get("uplink", {})),
        position=position and PositionReading(**position | {"at": datetime.fromisoformat(position["at"])}),
    )


def _radio(values: Mapping[str, Any]) -> RadioReading:
    clients = {Signal(name): count for name, count in values.get("clients", {}).items()}
    return RadioReading(**{**values, "clients": clients})


def _known(found: Any, without: tuple[str, ...] = ()) -> dict[str, Any]:
    values = {each.name: getattr(found, each.name) for each in fields(found) if each.name not in without}
    return {name: value for name, value in values.items() if value is not None and value != {}}
