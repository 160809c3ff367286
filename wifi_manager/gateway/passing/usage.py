"""How many bytes each visit has used, over restarts of the agent and of the gateway, and what control knows of it."""

from collections.abc import Container, Iterable, Mapping
from itertools import islice
from types import MappingProxyType

from wifi_manager.domain.grants import Usage


class Ledger:
    """Totals only grow: a reading smaller than the last one (a dump that missed something) changes nothing.

    What one visit costs here does not depend on how many others there are, but for `forget`.
    """

    def __init__(self, kept: Iterable[Usage] = ()) -> None:
        self._total: dict[str, Usage] = {each.visit: each for each in kept}
        self._unreported: dict[str, None] = dict.fromkeys(self._total)  # in the order of their first unreported byte

    @property
    def by_visit(self) -> Mapping[str, Usage]:
        """All totals, as they are at each look."""
        return MappingProxyType(self._total)

    def count(self, read: Iterable[Usage]) -> None:
        """Take a reading of the kernel's counters."""
        for each in read:
            before = self._total.get(each.visit)
            if before is None:
                total = each
            elif each.up_bytes <= before.up_bytes and each.down_bytes <= before.down_bytes:
                continue
            else:
                up, down = max(before.up_bytes, each.up_bytes), max(before.down_bytes, each.down_bytes)
                total = Usage(each.visit, up, down)
            self._total[each.visit] = total
            self._unreported[each.visit] = None

    def all(self) -> tuple[Usage, ...]:
        """All totals."""
        return tuple(self._total.values())

    def unreported(self, limit: int | None = None) -> tuple[Usage, ...]:
        """Totals that control has not confirmed yet, those that wait longest first."""
        return tuple(self._total[visit] for visit in islice(self._unreported, limit))

    def confirm(self, reported: Iterable[Usage], alive: Container[str]) -> None:
        """Control has these. Those of them that are not alive any more are forgotten."""
        for each in reported:
            if self._total.get(each.visit) == each:
                self._unreported.pop(each.visit, None)
                if each.visit not in alive:
                    del self._total[each.visit]

    def forget(self, alive: Container[str]) -> None:
        """Forget visits that ended after control had heard of their last byte."""
        for visit in [visit for visit in self._total if visit not in alive and visit not in self._unreported]:
            del self._total[visit]
