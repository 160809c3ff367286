"""Which devices the kernel drops before anything else. Values in, operations out; no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from wifi_manager.domain.blocks import Block
from wifi_manager.gateway.netfilter.elements import Element, Operation, Verb

SET = "blocked"
_CLOSE_ENOUGH_MS = 2000


def changes(wanted: Iterable[Block], found: Mapping[bytes, Element], now: datetime) -> Iterator[Operation]:
    """What makes the set hold exactly these devices. `found` is what it holds by key; `now` is control's time."""
    elements = {block.device.octets: _element(block, now) for block in wanted}
    running = {key: each for key, each in elements.items() if each.left_ms is None or each.left_ms > 0}
    for key, element in found.items():
        if key not in running:
            yield Operation(Verb.DESTROY, element)
    for key, element in running.items():
        if key not in found or not _agree(found[key].left_ms, element.left_ms):
            yield Operation(Verb.DESTROY, element)
            yield Operation(Verb.ADD, element)


def _element(block: Block, now: datetime) -> Element:
    left = None if block.until is None else (block.until - now) // timedelta(milliseconds=1)
    return Element(SET, block.device.octets, None, left)


def _agree(one: int | None, other: int | None) -> bool:
    return one == other or (one is not None and other is not None and abs(one - other) < _CLOSE_ENOUGH_MS)
