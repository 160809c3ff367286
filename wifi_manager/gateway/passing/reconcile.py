"""What must change in the kernel so that exactly the wanted grants pass. Values in, operations out; no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.gateway.netfilter.elements import Element, Operation, Verb
from wifi_manager.gateway.passing.passages import (
    LIFE,
    LIMITS,
    NUMBERS,
    Passage,
    amount,
    elements,
    keys,
    life,
    limits,
    passage_for,
)

T = TypeVar("T")

_CLOSE_ENOUGH = timedelta(seconds=2)  # an end that differs by less is left alone
_GRANTS_A_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """What the kernel enforces: whole passages by number, and elements that belong to none of them."""

    passages: Mapping[int, Passage] = field(default_factory=dict)
    strays: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """A visit that goes on with another end or other limits. Its counters are not touched."""

    old: Passage
    new: Passage


@dataclass(frozen=True, slots=True)
class Plan:
    """Passages to end, to begin and to change. A device that begins another visit stands in `end` and in `begin`.

    It is made in two steps, `stops` and `makes`: between them the counters of what ends are read for the last time,
    when nothing passes any more.
    """

    end: tuple[Passage, ...] = ()
    begin: tuple[Passage, ...] = ()
    change: tuple[Change, ...] = ()
    strays: tuple[Element, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.end or self.begin or self.change or self.strays)

    def stops(self) -> Iterator[list[Operation]]:
        """Transactions after which nothing of what ends passes, and nothing that nobody granted."""
        gone = [*self.strays, *(key for each in self.end for key in keys(each.number, each.device, LIFE))]
        once = {(element.set, element.key): element for element in gone}
        yield from _slices([Operation(Verb.DESTROY, element) for element in once.values()])

    def makes(self) -> Iterator[list[Operation]]:
        """Transactions that remove the rest of what ends, then let through what begins and goes on."""
        gone = [element for each in self.end for element in elements(each) if element.set not in LIFE]
        yield from _slices([Operation(Verb.DESTROY, element) for element in gone])
        for begun in _slices(list(self.begin)):
            yield [Operation(Verb.ADD, element) for passage in begun for element in elements(passage)]
        for changed in _slices(list(self.change)):
            yield [operation for each in changed for operation in _change(each)]

    def cut(self) -> dict[int, MacAddress]:
        """Devices whose running connections must die: all whose visit ends, unless the same visit goes on."""
        again = {(passage.number, passage.visit) for passage in self.begin}
        return {each.number: each.device for each in self.end if (each.number, each.visit) not in again}


def plan(wanted: Iterable[Grant], seen: Seen, now: datetime, used: Mapping[str, Usage]) -> Plan:
    """Compare grants with the kernel. `now` is control's time, like the grants' ends.

    `used` is by visit what had passed before, for visits that the kernel has lost (a reboot).
    """
    grants = effective(wanted, now)
    counted = {passage.visit: passage.usage for passage in seen.passages.values()}
    going_on = {n: grant for n, grant in grants.items() if n in seen.passages and seen.passages[n].is_of(grant)}
    return Plan(
        end=tuple(passage for number, passage in seen.passages.items() if number not in going_on),
        begin=tuple(
            passage_for(grant, grant.expires_at - now, counted.get(grant.visit) or used.get(grant.visit))
            for number, grant in grants.items()
            if number not in going_on
        ),
        change=tuple(
            Change(seen.passages[number], passage_for(grant, grant.expires_at - now, counted[grant.visit]))
            for number, grant in going_on.items()
            if not is_kept(seen.passages[number], grant, now)
        ),
        strays=seen.strays,
    )


def effective(wanted: Iterable[Grant], now: datetime) -> dict[int, Grant]:
    """Grants that can be enforced now, by number. Of two for one number or one device the later in the list wins."""
    running = [grant for grant in wanted if grant.expires_at > now and grant.number in NUMBERS]
    by_device = {grant.device.octets: grant for grant in running}
    return {grant.number: grant for grant in running if by_device[grant.device.octets] is grant}


def is_kept(passage: Passage | None, grant: Grant, now: datetime, slack: timedelta = timedelta(0)) -> bool:
    """Whether a passage is as the grant asks. `slack` is how much older than `now` the look at it may be."""
    if passage is None or not passage.serves(grant):
        return False
    return abs(passage.left - (grant.expires_at - now)) < _CLOSE_ENOUGH + slack


def _change(change: Change) -> Iterator[Operation]:
    """In one transaction, so that at no moment the device is offline."""
    old, new = change.old, change.new
    yield from (Operation(Verb.DESTROY, element) for element in keys(old.number, old.device, LIFE))
    yield from (Operation(Verb.ADD, element) for element in life(new))
    before, after = _by_set(limits(old)), _by_set(limits(new))
    differing = [name for name in LIMITS if amount(before.get(name)) != amount(after.get(name))]
    yield from (Operation(Verb.DESTROY, before[name]) for name in differing if name in before)
    yield from (Operation(Verb.ADD, after[name]) for name in differing if name in after)


def _by_set(found: Iterable[Element]) -> dict[str, Element]:
    return {element.set: element for element in found}


def _slices(items: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), _GRANTS_A_BATCH):
        yield items[start : start + _GRANTS_A_BATCH]
