"""Where a city offers Wi-Fi: city, district, site, and a position on the map."""

import re
from dataclasses import dataclass
from enum import StrEnum

from wifi_manager.domain.errors import BadInput

_SLUG = re.compile(r"^[a-z][a-z0-9-]{0,31}$")


@dataclass(frozen=True, slots=True)
class City:
    """One tenant. The slug names it in settings, labels and keys: `a-z`, digits and `-`, at most 32 characters."""

    slug: str
    name: str

    def __post_init__(self) -> None:
        """Refuse a slug that would not fit into a label or a file name."""
        if not _SLUG.match(self.slug):
            raise BadInput(
                f"City slug {self.slug!r}: use a-z, 0-9 and -, begin with a letter, at most 32 characters."
            )


class SiteKind(StrEnum):
    """What sort of place a site is. Coverage defaults, sign-in policy and rollout order differ by kind."""

    PARK = "park"
    STREET = "street"
    BUS = "bus"
    BUS_STOP = "bus_stop"
    MARKET = "market"
    HALL = "hall"  # town halls, community centres, offices open to the public
    WELFARE = "welfare"
    CULTURE = "culture"  # museums, libraries, sports
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Position:
    """WGS 84 degrees."""

    latitude: float
    longitude: float

    def __post_init__(self) -> None:
        """Refuse what is on no map; swapped columns are named, since they are the usual mistake."""
        if not -180 <= self.longitude <= 180:  # noqa: PLR2004 - degrees
            raise BadInput(f"Longitude {self.longitude} is outside -180..180.")
        if not -90 <= self.latitude <= 90:  # noqa: PLR2004 - degrees
            raise BadInput(f"Latitude {self.latitude} is outside -90..90. Are latitude and longitude swapped?")


@dataclass(frozen=True, slots=True)
class Site:
    """A place with one or more access points. District and name together are unique within a city."""

    district: str
    name: str
    kind: SiteKind
    address: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What tells two sites of a city apart."""
        return self.district, self.name
