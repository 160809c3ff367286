"""Places with Wi-Fi as everybody may look for them: by words in any writing, and by how far they are."""

import math
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.romanising import romanised
from wifi_manager.domain.sites import Position, SiteKind

MAX_WORDS = 8
_EARTH_METRES = 6_371_008.8  # mean radius, IUGG
_JOINERS = re.compile(r"[-'’·.]")
_VOICING = 8  # Unicode's class of the Japanese voicing marks, which are no accents
_NUMBER = r"[-+]?[0-9]{1,3}(?:\.[0-9]{1,12})?"
_POINT = re.compile(
    rf"(?:geo:)?\s*({_NUMBER})\s*,\s*({_NUMBER})(?:[,;].{{0,80}})?"
)  # RFC 5870, or as people write it


@dataclass(frozen=True, slots=True)
class Place:
    """A site with its access points: how many, and where they are. `sought` is what words are sought in."""

    district: str
    name: str
    kind: SiteKind
    address: str
    access_points: int
    spots: tuple[Position, ...]
    available: bool | None
    sought: str

    def nearest(self, here: Position | None) -> Position | None:
        """The access point nearest to here, else the first one; None where none has a position."""
        if here is None:
            return self.spots[0] if self.spots else None
        return min(self.spots, key=lambda spot: metres(here, spot), default=None)


@dataclass(frozen=True, slots=True)
class Found:
    """Places in order. `is_partial`: no place had all the words, these have the most of them."""

    places: Sequence[Place]
    is_partial: bool = False


def folded(text: str) -> str:
    """The text without what people leave out: accents, large letters, hyphens, points; blanks stay."""
    apart = unicodedata.normalize("NFKD", text.casefold()).replace("đ", "d")
    plain = "".join(each for each in apart if unicodedata.combining(each) in {0, _VOICING})
    return _JOINERS.sub("", unicodedata.normalize("NFC", plain))


def sought_in(district: str, name: str, address: str) -> str:
    """What the words of a search are sought in: names as they are, and in Latin letters."""
    latin = [romanised(each) for each in (district, name)]
    return folded("\n".join((district, name, address, *latin, *(each.replace(" ", "") for each in latin))))


def point(text: str) -> Position | None:
    """A latitude and a longitude as people write them, or a `geo:` address (RFC 5870); None for nothing.

    Raises BadInput for anything else.
    """
    if not text.strip():
        return None
    found = _POINT.fullmatch(text.strip())
    if found is None:
        raise BadInput("This is no latitude and longitude. Write them like 37.5663, 126.9779.")
    return Position(float(found[1]), float(found[2]))


def find(places: Iterable[Place], text: str, kinds: Mapping[SiteKind, str], near: Position | None) -> Found:
    """Places that have all words of the text, or else the most; the nearest first, else by district and name.

    `kinds` has the words for each kind of site in the reader's language.
    """
    words = folded(text).split()[:MAX_WORDS]
    named = {kind: folded(said) for kind, said in kinds.items()}
    counted = [(_count(each, words, named), each) for each in places]
    most = max((count for count, _ in counted), default=0)
    best = [each for count, each in counted if count == most] if most or not words else []
    return Found(sorted(best, key=lambda each: _order(each, near)), is_partial=bool(best) and most < len(words))


def metres(one: Position, other: Position) -> float:
    """How far two places are apart on the ground: as if the earth were flat between them, which a city is."""
    middle = math.radians((one.latitude + other.latitude) / 2)
    up = math.radians(other.latitude - one.latitude)
    across = math.radians((other.longitude - one.longitude + 180) % 360 - 180) * math.cos(middle)
    return _EARTH_METRES * math.hypot(up, across)


def _count(place: Place, words: Sequence[str], kinds: Mapping[SiteKind, str]) -> int:
    return sum(word in place.sought or word in kinds[place.kind] for word in words)


def _order(place: Place, near: Position | None) -> tuple[float, str, str]:
    far = 0.0 if near is None else min((metres(near, spot) for spot in place.spots), default=math.inf)
    return far, place.district, place.name
