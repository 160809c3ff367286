"""Lawful requests: an authority asks for records under a case number, and two operators answer for what it gets."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import BadInput

LONGEST_CASE_NUMBER = 80


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for: visits of one device, one visit, or the visits at one gateway, between two moments."""

    begins: datetime
    ends: datetime
    device: MacAddress | None = None
    visit: str = ""
    gateway: str = ""

    def check(self) -> None:
        """Raise BadInput for a scope that asks for nothing or for everything."""
        if sum(map(bool, (self.device is not None, self.visit, self.gateway))) != 1:
            raise BadInput("A request is about one thing: a device, a visit or a gateway. Name exactly one.")
        if self.begins >= self.ends:
            raise BadInput("A request is about a time: it begins before it ends.")


@dataclass(frozen=True, slots=True)
class LawfulRequest:
    """One request and what became of it. `digest`: SHA-256 of the file that was handed over last."""

    number: int
    case_number: str
    asked_by: str
    asked_at: datetime
    approved_by: str | None = None
    approved_at: datetime | None = None
    exported_by: str | None = None
    exported_at: datetime | None = None
    digest: bytes | None = None

    @property
    def people(self) -> frozenset[str]:
        """The two who answer for it."""
        return frozenset(self._people())

    def _people(self) -> Iterator[str]:
        yield self.asked_by
        if self.approved_by is not None:
            yield self.approved_by
