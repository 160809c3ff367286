"""Two texts, line by line. Thousands of access points change alike in all but a name, so a plan works it out once."""

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

_NO_NAMES = 2  # lines of a comparison that has no files' names yet

_Pattern = tuple[int, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Comparing:
    """Knows how texts differ by which of their lines are alike, whatever stands in them."""

    _known: dict[tuple[_Pattern, _Pattern, int], list[str]] = field(default_factory=dict)

    def unified(self, old: Sequence[str], new: Sequence[str], here: str, there: str, context: int) -> Iterator[str]:
        """As `difflib.unified_diff` without line ends: what it finds depends on nothing but which lines are equal."""
        numbers: dict[str, int] = {}
        before, after = (tuple(numbers.setdefault(line, len(numbers)) for line in text) for text in (old, new))
        found = self._compared(before, after, context)
        if not found:
            return
        lines = list(numbers)
        yield from (f"--- {here}", f"+++ {there}")
        for each in found:
            yield each if each.startswith("@") else f"{each[0]}{lines[int(each[1:])]}"

    def _compared(self, before: _Pattern, after: _Pattern, context: int) -> list[str]:
        key = before, after, context
        if key not in self._known:
            old, new = list(map(str, before)), list(map(str, after))
            self._known[key] = list(difflib.unified_diff(old, new, lineterm="", n=context))[_NO_NAMES:]
        return self._known[key]
