"""The kernel's side of the gateway: what its sets hold now, and how a plan gets into them."""

import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.blocks import Block
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.domain.openings import Opening
from wifi_manager.gateway.netfilter.elements import Element, ElementTable
from wifi_manager.gateway.passing.devices import BLOCKED, OPENED, changes
from wifi_manager.gateway.passing.passages import COUNTERS, SETS, Passage, assemble, number_in, number_key
from wifi_manager.gateway.passing.reconcile import Plan, Seen, effective, is_kept, plan

Dumps = Mapping[str, Mapping[bytes, Element]]
_FEW = 200  # of so many, reading each by itself is quicker than reading all


class Kernel:
    """One gateway's grants in the kernel. Safe to use from several threads; each change is atomic per device.

    It remembers the grants that it has enforced, so that a sign-in does not have to look at all the others.
    """

    def __init__(self, table: ElementTable, reading: ElementTable | None = None) -> None:
        """`reading`: the same table over a socket of its own, so that no sign-in waits while everything is read."""
        self._table = table
        self._lock = threading.Lock()
        self._reading = reading or table
        self._reading_lock = threading.Lock() if reading else self._lock
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

    def is_online(self, device: MacAddress) -> bool:
        """Whether the kernel lets this device through, without looking at what it has used."""
        with self._lock:
            return self._table.get("online", device.octets) is not None

    def usage(self) -> tuple[Usage, ...]:
        """Bytes of every visit since it began, of those too that are over and not yet read for the last time."""
        with self._reading_lock:
            up, down = (self._reading.counts(name) for name in COUNTERS)
        return tuple(
            Usage(count.comment, count.counted_bytes, down[key].counted_bytes)
            for key, count in up.items()
            if key in down and count.comment
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
            touched = _differing(self._enforced, grants)
            return self._make(plan(_of(touched, grants), Seen(self._look(touched)), now, used), grants)

    def change(
        self, wanted: Mapping[int, Grant], numbers: Collection[int], now: datetime, used: Mapping[str, Usage]
    ) -> Plan:
        """Like `enforce` with all grants, by number, of which no others than these have changed since the last time.

        It costs the same beside whatever number of others.
        """
        with self._lock:
            if (enforced := self._enforced) is None:
                grants = effective(wanted.values(), now)
                return self._make(plan(grants.values(), self._seen(grants), now, used), grants)
            grants = effective((wanted[number] for number in numbers if number in wanted), now)
            todo = plan(grants.values(), Seen(self._look(numbers)), now, used)
            for number in numbers:
                enforced.pop(number, None)
            enforced.update(grants)
            return self._make(todo, enforced)

    def reconcile(self, wanted: Iterable[Grant], now: datetime, used: Mapping[str, Usage]) -> Plan:
        """Like `enforce`, but compares with all that is in the kernel and removes what nobody asked for."""
        with self._lock:
            self._enforced = None
        return self.enforce(wanted, now, used)

    def heal(self, now: datetime, used: Mapping[str, Usage]) -> Plan:
        """Compare all that is in the kernel with what was enforced last, and mend what differs.

        Sign-ins go on beside it: only what seems to differ is looked at again while they wait. Visits that have
        ended by themselves are read for the last time. Raises OutsideFailure like `enforce`.
        """
        begun = time.monotonic()
        with self._reading_lock:
            dumps = _dumps(self._reading)
        took = timedelta(seconds=time.monotonic() - begun)
        running = {n: passage for n in _numbers(dumps) if (passage := _whole(n, dumps)) is not None}
        with self._lock:
            if self._enforced is None:
                return Plan()  # the next `enforce` looks at everything
            grants = effective(self._enforced.values(), now)
            kept = {number for number, grant in grants.items() if is_kept(running.get(number), grant, now, took)}
            odd = (_numbers(dumps) | self._enforced.keys()) - kept
            found = self._look(odd)
            passages = {number: running[number] for number in kept} | found
            strays = tuple(self._still_strays(_strays(dumps, running), passages))
            return self._make(plan(_of(odd, grants), Seen(found, strays), now, used), grants)

    def believe(self, enforced: Iterable[Grant], now: datetime) -> None:
        """Take it that the kernel lets these through, without looking: what is changed later is all that is touched.

        For an agent that finds a full kernel while control is away: it may hold grants that are not on the disk.
        """
        with self._lock:
            self._enforced = effective(enforced, now)

    def block(self, blocks: Iterable[Block], now: datetime) -> None:
        """Drop all packets of exactly these devices. `now` is control's time. Raises OutsideFailure."""
        with self._lock:
            self._table.apply(list(changes(BLOCKED, blocks, self._table.dump(BLOCKED), now)))

    def open(self, openings: Iterable[Opening], now: datetime) -> None:
        """Let exactly these devices reach the eID's hosts. `now` is control's time. Raises OutsideFailure."""
        with self._lock:
            self._table.apply(list(changes(OPENED, openings, self._table.dump(OPENED), now)))

    def _look(self, numbers: Collection[int], dumps: Dumps | None = None) -> dict[int, Passage]:
        """Passages of these numbers; what seems to be missing or over in dumps is looked up by itself."""
        dumped = dumps or (_dumps(self._table) if len(numbers) > _FEW else None)
        found = {number: (dumped and _whole(number, dumped)) or self._single(number) for number in numbers}
        return {number: passage for number, passage in found.items() if passage is not None}

    def _make(self, todo: Plan, grants: dict[int, Grant]) -> Plan:
        self._enforced = None
        for batch in todo.stops():
            self._table.apply(batch)
        made = replace(todo, end=tuple(self._read_last(todo.end)))
        for batch in todo.makes():
            self._table.apply(batch)
        self._enforced = grants
        return made

    def _read_last(self, ended: tuple[Passage, ...]) -> Iterator[Passage]:
        up, down = (self._table.counts(name) if len(ended) > _FEW else {} for name in COUNTERS)
        for each in ended:
            key = number_key(each.number)
            last_up, last_down = (
                up.get(key) or self._table.get("s_up", key),
                down.get(key) or self._table.get("s_dn", key),
            )
            yield replace(
                each,
                left=timedelta(0),
                up_bytes=last_up.counted_bytes if last_up else each.up_bytes,
                down_bytes=last_down.counted_bytes if last_down else each.down_bytes,
            )

    def _seen(self, expected: Iterable[int] = ()) -> Seen:
        dumps = _dumps(self._table)
        numbers = _numbers(dumps)
        candidates = numbers | set(expected) if numbers else numbers  # nothing at all is no dump that missed some
        passages = self._look(candidates, dumps)
        return Seen(passages, tuple(_strays(dumps, passages)))

    def _still_strays(self, candidates: Iterable[Element], passages: Mapping[int, Passage]) -> Iterator[Element]:
        for candidate in candidates:
            element = self._table.get(candidate.set, candidate.key)
            if element is not None and not _is_part(element, passages.get(number_in(element))):
                yield element

    def _single(self, number: int) -> Passage | None:
        return assemble(number, self._table.get)


def _differing(before: Mapping[int, Grant], after: Mapping[int, Grant]) -> set[int]:
    """Numbers whose grants are not the same."""
    changed = {number for number, grant in after.items() if before.get(number) is not grant}
    return {number for number in changed if before.get(number) != after[number]} | before.keys() - after.keys()


def _of(numbers: Iterable[int], grants: Mapping[int, Grant]) -> list[Grant]:
    return [grants[number] for number in numbers if number in grants]


def _dumps(table: ElementTable) -> Dumps:
    return {name: table.dump(name) for name in SETS}


def _numbers(dumps: Dumps) -> set[int]:
    return {number_in(element) for found in dumps.values() for element in found.values()}


def _whole(number: int, dumps: Dumps) -> Passage | None:
    """A passage that is running; one that seems to be over may only have been missed by a dump."""
    passage = assemble(number, lambda name, key: dumps[name].get(key))
    return passage if passage and passage.left else None


def _strays(dumps: Dumps, passages: Mapping[int, Passage]) -> Iterator[Element]:
    for found in dumps.values():
        for element in found.values():
            if not _is_part(element, passages.get(number_in(element))):
                yield element


def _is_part(element: Element, passage: Passage | None) -> bool:
    return passage is not None and (element.set != "online" or element.key == passage.device.octets)
