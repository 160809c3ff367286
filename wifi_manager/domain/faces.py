"""What a city, a district and a site show of their own on the portal's pages: name, colour, logo, notices, a page.

A face is written as a TOML document (docs/faces.md) and kept as it was written, version by version.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from wifi_manager.domain.colours import Accent


class Severity(StrEnum):
    """How urgent a notice is; the most urgent ones stand first."""

    EMERGENCY = "emergency"
    WARNING = "warning"
    INFO = "info"


_RANK = {severity: rank for rank, severity in enumerate(Severity)}
Texts = Mapping[str, str]  # by language tag


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose face it is: the city's, a district's, or a site's. Raises nothing; empty names mean the whole."""

    district: str = ""
    site: str = ""

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.site, self.district))) or "the city"

    def and_around(self) -> "tuple[Scope, ...]":
        """The scope and all that it lies in, the nearest first."""
        around = (self, Scope(self.district), Scope())
        return tuple(dict.fromkeys(around))


CITY = Scope()


@dataclass(frozen=True, slots=True)
class Notice:
    """Something to tell everybody, from a moment (or at once) until a moment (or until it is taken away)."""

    severity: Severity
    texts: Texts
    begins: datetime | None = None
    ends: datetime | None = None

    def is_shown(self, now: datetime) -> bool:
        """True from its first moment until just before its last."""
        return (self.begins is None or self.begins <= now) and (self.ends is None or now < self.ends)


@dataclass(frozen=True, slots=True)
class Venue:
    """The page about a place. `numbers` and `links` are shown as they are, in every language."""

    paragraphs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    hours: Texts = field(default_factory=dict)
    numbers: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """True when there is nothing to read."""
        return not (self.paragraphs or self.hours or self.numbers or self.links)


@dataclass(frozen=True, slots=True)
class SiteFace:
    """One scope's own face. What is empty is as around it; notices and numbers of all scopes are shown together."""

    name: str = ""
    accent: Accent | None = None
    logo: str = ""  # a `data:` address
    greetings: Texts = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    venue: Venue = field(default_factory=Venue)


def merged(faces: Iterable[SiteFace]) -> SiteFace:
    """What a place shows, given the faces of its scopes, the nearest first."""
    near = list(faces)
    return SiteFace(
        name=next((face.name for face in near if face.name), ""),
        accent=next((face.accent for face in near if face.accent), None),
        logo=next((face.logo for face in near if face.logo), ""),
        greetings=next((face.greetings for face in near if face.greetings), {}),
        notices=tuple(sorted((n for face in near for n in face.notices), key=lambda notice: _RANK[notice.severity])),
        venue=next((face.venue for face in near if not face.venue.is_empty), Venue()),
    )
