"""Which visit has which class: the kernel's map s_class and the classes at all interfaces, brought to agree.

A visit in the map has its class at every interface. Classes come first and the map after them; what ends leaves the
map first. A visit outside the map is held to its rate by the limits that came with its grant.
"""

from collections.abc import Iterable, Iterator, Sequence

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.shaping.rates import MINORS, Rates
from wifi_manager.gateway.shaping.side import Side
from wifi_manager.gateway.shaping.tree import NoInterface
from wifi_manager.gateway.shaping.visits import Visits

_SPARES = 64  # classes of ended visits that are kept: to change one is far cheaper than to make one
_A_ROUND = 100


class Classes:
    """The classes of one gateway. Not safe for several threads at a time."""

    def __init__(self, sides: Sequence[Side], visits: Visits) -> None:
        self._all_sides = tuple(sides)
        self._visits = visits
        self._sides: tuple[Side, ...] = ()  # whose interfaces are there; none before the first visit wants a class
        self._minors: dict[int, int] = {}  # by number: what is in the map
        self._spare: list[int] = []  # minors whose classes nobody uses
        self._free: list[int] = []  # minors without classes
        self.missing: tuple[str, ...] = ()  # what is said of interfaces that are not there

    @property
    def used(self) -> int:
        """How many visits have a class."""
        return len(self._minors)

    @property
    def has_surplus(self) -> bool:
        """True while there are more unused classes than are worth keeping."""
        return len(self._spare) > _SPARES

    def is_unchanged(self) -> bool:
        """False where an interface went, came or lost its tree since the last look."""
        return not self._sides or all(side.is_unchanged() for side in self._all_sides)

    def look(self) -> set[int]:
        """Look at everything and take out of the map what does not hold; the visits whose classes need work.

        Raises OutsideFailure where the kernel refuses, NoShaping where it has no classes at all.
        """
        chosen = self._visits.classes()
        visits = self._visits.all(chosen)
        if not visits and not chosen and not self._sides:
            return set()  # an uplink that nobody shapes keeps the queue it has
        self._read_sides()
        self._minors = {n: minor for n, minor in chosen.items() if n in visits and self._holds(minor, visits[n])}
        self._visits.choose_none(chosen.keys() - self._minors.keys())
        self._sort_minors()
        return {number for number, rates in visits.items() if self._needs_work(number, rates)}

    def shape(self, numbers: Iterable[int]) -> None:
        """Bring these visits to what they want now, and give up some of the classes that nobody uses.

        Raises OutsideFailure where the kernel refuses; then look again.
        """
        found = {number: self._visits.of(number) for number in numbers}
        wanted = {number: rates for number, rates in found.items() if rates is not None}
        self._let_go([number for number in found if number not in wanted and number in self._minors])
        if wanted and not self._sides:
            self._read_sides()
            self._sort_minors()
        if self._sides:
            self._put(wanted)
        self._give_up(self._spare[_SPARES:][:_A_ROUND])

    def _put(self, wanted: dict[int, Rates]) -> None:
        new = {number: minor for number in wanted if number not in self._minors and (minor := self._take())}
        minors = {**self._minors, **new}
        try:
            for side in self._sides:
                side.put({minors[number]: rates for number, rates in wanted.items() if number in minors})
        except OutsideFailure:
            self._visits.choose_none(wanted)
            raise
        self._visits.choose({number: minors[number] for number in wanted if number in minors})  # the table may be new
        self._minors.update(new)

    def _let_go(self, numbers: list[int]) -> None:
        self._visits.choose_none(numbers)
        self._spare += [self._minors.pop(number) for number in numbers]

    def _take(self) -> int | None:
        """A minor that nobody uses, with classes already if there is one. None where all are used."""
        if self._spare:
            return self._spare.pop()
        return self._free.pop() if self._free else None

    def _give_up(self, minors: list[int]) -> None:
        for side in self._sides:
            side.remove(minors)
        self._spare = [minor for minor in self._spare if minor not in minors]
        self._free += minors

    def _read_sides(self) -> None:
        self._sides, self.missing = (), ()
        self._sides = tuple(self._sides_there())

    def _sides_there(self) -> Iterator[Side]:
        for side in self._all_sides:
            try:
                side.read()
            except NoInterface as gone:
                self.missing += (str(gone),)
            else:
                yield side

    def _sort_minors(self) -> None:
        used = set(self._minors.values())
        there: set[int] = set().union(*(side.minors for side in self._sides))
        self._spare = sorted(there - used)
        self._free = [minor for minor in reversed(MINORS) if minor not in used and minor not in there]

    def _holds(self, minor: int, rates: Rates) -> bool:
        return all(side.holds(minor, rates) for side in self._sides)

    def _needs_work(self, number: int, rates: Rates) -> bool:
        minor = self._minors.get(number)
        return minor is None or any(side.needs(minor, rates) for side in self._sides)
