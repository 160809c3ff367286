"""Lines as bytes, kept by family and access point: a page is their join, and only what is new is written again."""

from collections.abc import Iterator, Sequence
from itertools import chain

from wifi_manager.exporter.points import Point
from wifi_manager.exporter.series import Series


class Lines:
    """A column of bytes for each family; an access point has the same place in all of them. Not for two threads."""

    def __init__(self, families: Sequence[Series]) -> None:
        self._headers = [each.family.header().encode() for each in families]
        self._columns: list[list[bytes]] = [[] for _ in families]
        self._writing = [(column, each.text) for column, each in zip(self._columns, families, strict=True)]
        self._measuring = [
            (column, each.text)
            for column, each in zip(self._columns, families, strict=True)
            if not each.is_description
        ]
        self._numbers: list[int] = []
        self._places: dict[int, int] = {}

    def put(self, number: int, point: Point, *, is_described: bool = False) -> None:
        """Write the lines of one access point, new or known; those that describe it stay where `is_described`."""
        place = self._places.get(number)
        if place is None:
            place = self._places[number] = len(self._numbers)
            self._numbers.append(number)
            for column in self._columns:
                column.append(b"")
        for column, text in self._measuring if is_described else self._writing:
            column[place] = text(point)

    def drop(self, number: int) -> None:
        """Forget one access point: the last one takes its place."""
        place, last = self._places.pop(number), self._numbers[-1]
        for column in self._columns:
            column[place] = column[-1]
            column.pop()
        self._numbers[place] = last
        self._numbers.pop()
        if last != number:
            self._places[last] = place

    def page(self) -> bytes:
        """All families that have a line, each as a whole."""
        return b"".join(chain.from_iterable(self._parts()))

    def _parts(self) -> Iterator[Sequence[bytes]]:
        for header, column in zip(self._headers, self._columns, strict=True):
            if any(column):
                yield (header,)
                yield column
