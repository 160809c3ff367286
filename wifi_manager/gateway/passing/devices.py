"""Sets of devices, each for a time: who is blocked, who may reach the eID. Values in, operations out; no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from wifi_manager.domain.blocks import Block
from wifi_manager.domain.openings import Opening
from wifi_manager.gateway.netfilter.elements import Element, Operation, Verb

BLOCKED, OPENED = "blocked", "eid_devices"  # sets
_CLOSE_ENOUGH_MS = 2000


def changes(
    name: str, wanted: Iterable[Block | Opening], found: Mapping[bytes, Element], now: datetime
) -> Iterator[Operation]:
    """What makes this set hold exactly these devices. `found` is what it holds by key; `now` is control's time."""
    elements = {each.device.octets: _element(name, each, now) for each in wanted}
    running = {key: each for key, each in elements.items() if each.left_ms is None or each.left_ms > 0}
    for key, element in found.items():
        if key not in running:
            yield Operation(Verb.DESTROY, element)
    for key, element in running.items():
        if key not in found or not _agree(found[key].left_ms, element.left_ms):
            yield Operation(Verb.DESTROY, element)
            yield Operation(Verb.ADD, element)


def _element(name: str, each: Block | Opening, now: datetime) -> Element:
    left = None if each.until is None else (each.until - now) // timedelta(milliseconds=1)
    return Element(name, each.device.octets, None, left)


def _agree(one: int | None, other: int | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < _CLOSE_ENOUGH_MS)
