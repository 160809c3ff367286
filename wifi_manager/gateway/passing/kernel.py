"""The kernel's side of the gateway: what its sets hold now, and how a plan gets into them."""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.blocks import Block
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.gateway.netfilter.elements import Element, ElementTable
from wifi_manager.gateway.passing.blocks import SET, changes
from wifi_manager.gateway.passing.passages import COUNTERS, SETS, Passage, assemble, number_in, number_key
from wifi_manager.gateway.passing.reconcile import Plan, Seen, effective, plan

Dumps = Mapping[str, Mapping[bytes, Element]]


class Kernel:
    """One gateway's grants in the kernel. Safe to use from several threads; each change is atomic per device.

    It remembers the grants that it has enforced, so that a sign-in costs the same for one device and for many
    thousands; `reconcile` looks at everything.
    """

    def __init__(self, table: ElementTable) -> None:
        self._table = table
        self._lock = threading.Lock()
        self._enforced: dict[int, Grant] | None = None  # None: not known, look at everything

    def seen(self) -> Seen:
        """All that the kernel enforces now, and what is over but not yet read for the last time.

        What a dump misses is looked up singly before it counts as gone.
        """
        with self._lock:
            return self._seen()

    def passage(self, device: MacAddress) -> Passage | None:
        """What the kernel lets through for this device, or None."""
        with self._lock:
            online = self._table.get("online", device.octets)
            return self._single(number_in(online)) if online else None

    def usage(self) -> tuple[Usage, ...]:
        """Bytes of every visit since it began, of those too that are over and not yet read for the last time."""
        with self._lock:
            up, down = (self._table.dump(name) for name in COUNTERS)
        return tuple(
            Usage(element.comment, element.counted_bytes, down[key].counted_bytes)
            for key, element in up.items()
            if key in down and element.comment
        )

    def count(self, now: datetime) -> int:
        """How many of the grants enforced last are still running."""
        with self._lock:
            return sum(grant.expires_at > now for grant in (self._enforced or {}).values())

    def enforce(self, wanted: Iterable[Grant], now: datetime, used: Mapping[str, Usage]) -> Plan:
        """Let exactly the wanted grants through; returns what was changed. `now` is control's time.

        What ended stands in the answer with its last counters. `used` is what visits had used before, for those that
        the kernel has lost. Raises OutsideFailure when the kernel refuses; then the next call looks at everything.
        """
        with self._lock:
            grants = effective(wanted, now)
            if self._enforced is None:
                return self._make(plan(grants.values(), self._seen(grants), now, used), grants)
            touched = {n for n in grants.keys() | self._enforced.keys() if grants.get(n) != self._enforced.get(n)}
            found = (self._single(number) for number in touched)
            seen = Seen({passage.number: passage for passage in found if passage is not None})
            return self._make(plan([grants[n] for n in touched if n in grants], seen, now, used), grants)

    def reconcile(self, wanted: Iterable[Grant], now: datetime, used: Mapping[str, Usage]) -> Plan:
        """Like `enforce`, but compares with all that is in the kernel and removes what nobody asked for."""
        with self._lock:
            self._enforced = None
        return self.enforce(wanted, now, used)

    def block(self, blocks: Iterable[Block], now: datetime) -> None:
        """Drop all packets of exactly these devices. `now` is control's time. Raises OutsideFailure."""
        with self._lock:
            self._table.apply(list(changes(blocks, self._table.dump(SET), now)))

    def believe(self, enforced: Iterable[Grant], now: datetime) -> None:
        """Take it that the kernel lets these through, without looking: `enforce` then changes what differs from them.

        For an agent that finds a full kernel while control is away: it may hold grants that are not on the disk.
        """
        with self._lock:
            self._enforced = effective(enforced, now)

    def _make(self, todo: Plan, grants: dict[int, Grant]) -> Plan:
        self._enforced = None
        for batch in todo.stops():
            self._table.apply(batch)
        made = replace(todo, end=tuple(self._read_last(passage) for passage in todo.end))
        for batch in todo.makes():
            self._table.apply(batch)
        self._enforced = grants
        return made

    def _read_last(self, passage: Passage) -> Passage:
        up, down = (self._table.get(name, number_key(passage.number)) for name in COUNTERS)
        return replace(
            passage,
            left=timedelta(0),
            up_bytes=up.counted_bytes if up else passage.up_bytes,
            down_bytes=down.counted_bytes if down else passage.down_bytes,
        )

    def _seen(self, expected: Iterable[int] = ()) -> Seen:
        dumps = {name: self._table.dump(name) for name in SETS}
        numbers = {number_in(element) for found in dumps.values() for element in found.values()}
        candidates = numbers | set(expected) if numbers else numbers  # nothing at all is no dump that missed some
        found = {number: self._whole(number, dumps) for number in candidates}
        passages = {number: passage for number, passage in found.items() if passage is not None}
        return Seen(passages, tuple(_strays(dumps, passages)))

    def _whole(self, number: int, dumps: Dumps) -> Passage | None:
        passage = assemble(number, lambda name, key: dumps[name].get(key))
        return passage if passage and passage.left else self._single(number)

    def _single(self, number: int) -> Passage | None:
        return assemble(number, self._table.get)


def _strays(dumps: Dumps, passages: Mapping[int, Passage]) -> Iterator[Element]:
    for name, found in dumps.items():
        for key, element in found.items():
            passage = passages.get(number_in(element))
            if passage is None or (name == "online" and key != passage.device.octets):
                yield Element(name, key)
