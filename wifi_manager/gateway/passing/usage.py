"""How many bytes each visit has used, over restarts of the agent and of the gateway, and what control knows of it."""

from collections.abc import Collection, Iterable

from wifi_manager.domain.grants import Usage


class Ledger:
    """Totals only grow: a reading smaller than the last one (a dump that missed something) changes nothing."""

    def __init__(self, kept: Iterable[Usage] = ()) -> None:
        self._total: dict[str, Usage] = {each.visit: each for each in kept}
        self._reported: dict[str, Usage] = {}

    def count(self, read: Iterable[Usage]) -> None:
        """Take a reading of the kernel's counters."""
        for each in read:
            before = self._total.get(each.visit, Usage(each.visit, 0, 0))
            up, down = max(before.up_bytes, each.up_bytes), max(before.down_bytes, each.down_bytes)
            self._total[each.visit] = Usage(each.visit, up, down)

    def all(self) -> tuple[Usage, ...]:
        """All totals."""
        return tuple(self._total.values())

    def unreported(self) -> tuple[Usage, ...]:
        """Totals that control has not confirmed yet."""
        return tuple(each for each in self._total.values() if self._reported.get(each.visit) != each)

    def confirm(self, reported: Iterable[Usage], alive: Collection[str]) -> None:
        """Control has these. Visits that are not alive any more and fully reported are forgotten."""
        self._reported.update((each.visit, each) for each in reported)
        for visit in [visit for visit in self._total if visit not in alive]:
            if self._reported.get(visit) == self._total[visit]:
                del self._total[visit]
                del self._reported[visit]
