"""What must change in the kernel so that exactly the wanted grants pass. Values in, operations out; no I/O."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.gateway.netfilter.elements import Element, Operation, Verb
from wifi_manager.gateway.passing.passages import Passage, elements, is_enforceable, keys, passage_for

T = TypeVar("T")

_CLOSE_ENOUGH = timedelta(
    seconds=2
)  # an end that differs by less is left alone: each rewrite loses a few counted bytes
_GRANTS_A_BATCH = 1000


@dataclass(frozen=True, slots=True)
class Seen:
    """What the kernel enforces: whole passages by number, and elements that belong to none of them."""

    passages: Mapping[int, Passage] = field(default_factory=dict)
    strays: tuple[Element, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """Passages to end and to begin; a changed one stands in both. Strays are removed with the first batch."""

    end: tuple[Passage, ...] = ()
    begin: tuple[Passage, ...] = ()
    strays: tuple[Element, ...] = ()
    expired: tuple[Grant, ...] = ()  # ended by the kernel itself

    @property
    def is_empty(self) -> bool:
        return not (self.end or self.begin or self.strays)

    def batches(self) -> Iterator[list[Operation]]:
        """Transactions for the kernel. What ends goes first, so that an address may move from device to device.

        A passage that changes is removed and made again in one transaction: at no moment is the device offline.
        """
        begins = {passage.number for passage in self.begin}
        ends = [passage for passage in self.end if passage.number not in begins]
        changed = {passage.number: passage for passage in self.end if passage.number in begins}
        gone = [*self.strays, *(key for passage in ends for key in _keys(passage))]
        if gone:
            yield from _slices([Operation(Verb.DESTROY, element) for element in gone])
        for part in _slices(list(self.begin)):
            yield [operation for passage in part for operation in _renew(changed.get(passage.number), passage)]

    def cut(self) -> dict[int, MacAddress]:
        """Devices whose running connections must die: all that end or have expired, unless the same visit goes on."""
        again = {(passage.number, passage.visit) for passage in self.begin}
        ended: list[Passage | Grant] = [*self.end, *self.expired]
        return {each.number: each.device for each in ended if (each.number, each.visit) not in again}

    def addresses_opened(self) -> set[IpAddress]:
        """Addresses whose connections from before their sign-in still lead to the redirector."""
        before = {(passage.number, passage.address) for passage in self.end}
        return {passage.address for passage in self.begin if (passage.number, passage.address) not in before}


def plan(wanted: Iterable[Grant], seen: Seen, now: datetime, used: Mapping[str, Usage]) -> Plan:
    """Compare grants with the kernel. `now` is control's time, like the grants' ends.

    `used` is by visit what had passed before, for visits that the kernel has lost (a reboot).
    """
    grants = effective(wanted, now)
    keep = {number for number, grant in grants.items() if _is_kept(seen.passages.get(number), grant, now)}
    carried = {**used, **{passage.visit: passage.usage for passage in seen.passages.values()}}
    return Plan(
        end=tuple(passage for number, passage in seen.passages.items() if number not in keep),
        begin=tuple(
            passage_for(grant, grant.expires_at - now, carried.get(grant.visit))
            for number, grant in grants.items()
            if number not in keep
        ),
        strays=seen.strays,
    )


def effective(wanted: Iterable[Grant], now: datetime) -> dict[int, Grant]:
    """Grants that can be enforced now, by number. Of two for one device or one address the later in the list wins.

    An address that was lent to another phone must not let the first one's grant through.
    """
    by_number: dict[int, Grant] = {}
    holder: dict[IpAddress, int] = {}
    for grant in wanted:
        if grant.expires_at <= now or not is_enforceable(grant):
            continue
        by_number.pop(holder.get(grant.address, 0), None)
        by_number[grant.number] = grant
        holder[grant.address] = grant.number
    return by_number


def _is_kept(passage: Passage | None, grant: Grant, now: datetime) -> bool:
    return (
        passage is not None and passage.serves(grant) and abs(passage.left - (grant.expires_at - now)) < _CLOSE_ENOUGH
    )


def _renew(old: Passage | None, new: Passage) -> Iterator[Operation]:
    gone = {(element.set, element.key): element for element in (*(_keys(old) if old else ()), *_keys(new))}
    yield from (Operation(Verb.DESTROY, element) for element in gone.values())
    yield from (Operation(Verb.ADD, element) for element in elements(new))


def _keys(passage: Passage) -> Iterator[Element]:
    return keys(passage.number, passage.device, passage.address)


def _slices(items: list[T]) -> Iterator[list[T]]:
    for start in range(0, len(items), _GRANTS_A_BATCH):
        yield items[start : start + _GRANTS_A_BATCH]
