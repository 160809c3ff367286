"""Visits that this gateway has ended before their time, until control has ended them too.

Control goes on granting such a visit until it hears of its end; without this memory the next answer, or the next
start of the agent, would let the device in again.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from wifi_manager.domain.grants import Cause, Ended, Grant


class EndedHere:
    """Ends of visits, told to control until it takes them, and enforced until it does not grant them any more."""

    def __init__(self, kept: Iterable[Ended] = ()) -> None:
        self._ended = {each.visit: each for each in kept}
        self._confirmed: set[str] = set()

    @property
    def is_empty(self) -> bool:
        """True where no visit has ended here."""
        return not self._ended

    def end(self, visits: Iterable[str], reason: Cause) -> tuple[Ended, ...]:
        """End visits; those that were not ended yet."""
        new = tuple(Ended(visit, reason) for visit in visits if visit not in self._ended)
        self._ended.update((each.visit, each) for each in new)
        return new

    def allowed(self, grants: Mapping[int, Grant]) -> dict[int, Grant]:
        """Control's grants without those that have ended here."""
        return {number: grant for number, grant in grants.items() if grant.visit not in self._ended}

    def unreported(self) -> tuple[Ended, ...]:
        """What control has not taken yet."""
        return tuple(each for visit, each in self._ended.items() if visit not in self._confirmed)

    def confirm(self, reported: Iterable[Ended]) -> None:
        """Control has these."""
        self._confirmed.update(each.visit for each in reported)

    def follow(self, granted: Collection[str]) -> None:
        """Forget what control has taken and grants no more. `granted`: visits of its newest answer."""
        over = [visit for visit in self._confirmed if visit not in granted]
        for visit in over:
            self._confirmed.discard(visit)
            self._ended.pop(visit, None)

    def to_json(self) -> dict[str, str]:
        """For the disk; what control has taken may be told again."""
        return {visit: each.reason.value for visit, each in self._ended.items()}

    @classmethod
    def from_json(cls, body: dict[str, Any]) -> "EndedHere":
        """From the disk. Raises ValueError or AttributeError when that is damaged."""
        return cls(Ended(visit, Cause(reason)) for visit, reason in body.items())
