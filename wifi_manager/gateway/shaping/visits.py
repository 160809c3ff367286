"""What the kernel's sets say about rates: who is online and how fast, and which class each packet goes to."""

import struct
from collections.abc import Iterable, Mapping

from wifi_manager.gateway.netfilter.elements import Element, ElementTable, Operation, RateLimit, Verb
from wifi_manager.gateway.passing.passages import number_in, number_key
from wifi_manager.gateway.shaping import tc
from wifi_manager.gateway.shaping.rates import Rates

_ALIVE, _UP, _DOWN, _CLASSES = "live", "s_rate_up", "s_rate_dn", "s_class"
_A_BATCH = 1000


class Visits:
    """Visits by their device's number. They are read from the kernel, so that a restarted agent needs no memory."""

    def __init__(self, table: ElementTable, *, everybody: bool) -> None:
        """`everybody`: visits without a rate count too, because each has its share of the uplink."""
        self._table = table
        self._everybody = everybody

    def of(self, number: int) -> Rates | None:
        """The rates of one visit, or None where it has none or is over."""
        key = number_key(number)
        if self._table.get(_ALIVE, key) is None:
            return None
        return self._asked(Rates(_rate(self._table.get(_UP, key)), _rate(self._table.get(_DOWN, key))))

    def all(self, expected: Iterable[int]) -> dict[int, Rates]:
        """All visits with their rates. Those `expected` are looked up singly before they count as gone."""
        up, down, alive = (self._table.dump(name) for name in (_UP, _DOWN, _ALIVE))
        found = {
            number_in(element): Rates(_rate(up.get(key)), _rate(down.get(key))) for key, element in alive.items()
        }
        asked = {number: rates for number, rates in found.items() if self._asked(rates)}
        missed = {number: self.of(number) for number in expected if number not in asked}
        return asked | {number: rates for number, rates in missed.items() if rates is not None}

    def classes(self) -> dict[int, int]:
        """Minor of the class that the ruleset chooses, by number."""
        return {number_in(element): _minor(element) for element in self._table.dump(_CLASSES).values()}

    def choose(self, minors: Mapping[int, int]) -> None:
        """Let packets of these numbers go to the classes with these minors. Raises KernelRefused."""
        for part in _parts(minors):
            gone = [Operation(Verb.DESTROY, Element(_CLASSES, number_key(number))) for number in part]
            new = [Element(_CLASSES, number_key(n), struct.pack("=I", tc.TREE | minors[n])) for n in part]
            self._table.apply([*gone, *(Operation(Verb.ADD, element) for element in new)])

    def choose_none(self, numbers: Iterable[int]) -> None:
        """Let packets of these numbers go to no class: the ruleset's own limits hold their rates."""
        for part in _parts(numbers):
            self._table.apply([Operation(Verb.DESTROY, Element(_CLASSES, number_key(number))) for number in part])

    def _asked(self, rates: Rates) -> Rates | None:
        return rates if self._everybody or rates != Rates() else None


def _rate(element: Element | None) -> int | None:
    limit = element.expression if element else None
    return limit.rate_bytes if isinstance(limit, RateLimit) else None


def _minor(element: Element) -> int:
    chosen: int = struct.unpack("=I", element.data)[0] if element.data else 0
    return chosen & 0xFFFF


def _parts(numbers: Iterable[int]) -> Iterable[list[int]]:
    every = list(numbers)
    return (every[start : start + _A_BATCH] for start in range(0, len(every), _A_BATCH))
