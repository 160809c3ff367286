"""Networks: a gateway may have several, and what a visit is differs by the one that its device is in."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.visits import Method

LONGEST_GREETING = 300
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a device asks: the site, the plan and the portal's greeting of its network, or what the gateway has.

    `site` is (district, name). `plan` is None where the city's usual plan holds. `greetings` are by language tag.
    `ways` are the ways in that its portal offers, the first one first; empty where the city's usual ones hold. Until
    `emergency_until`, which may be over, everybody gets online there with one tap.
    """

    site: tuple[str, str] | None = None
    plan: str | None = None
    greetings: Mapping[str, str] = field(default_factory=dict)
    ways: tuple[Method, ...] = ()
    emergency_until: datetime | None = None

    def is_open_to_all(self, now: datetime) -> bool:
        """True while an emergency lasts there."""
        return self.emergency_until is not None and now < self.emergency_until


@dataclass(frozen=True, slots=True)
class Network:
    """A gateway's network, by the name that gateway.toml gives it, and what it has of its own."""

    gateway: str
    name: str
    place: Place

    def __post_init__(self) -> None:
        """Refuse what no gateway can have, and greetings that would push the button off a phone's screen."""
        if not _NAME.fullmatch(self.name):
            raise BadInput(
                f"A network cannot be called {self.name!r}: use letters, digits, '.', '_' and '-', at most 32."
            )
        if any(not 0 < len(text) <= LONGEST_GREETING for text in self.place.greetings.values()):
            raise BadInput(f"A greeting has 1 to {LONGEST_GREETING} characters.")
