"""How much could go wrong with a change of the fleet: a number from 0 to 100 that anybody can add up by hand.

Two things count. What is touched, by the worst of it: how an access point is reached is the worst, for whoever cannot
be reached cannot be mended from here. And how many are touched, of the city and of a place: a park that is left with
no network at all is worse than ten parks that have lost one access point each.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import StrEnum
from functools import lru_cache

from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_secrets import SECRET_KEYS

SITE_WHOLE, DISTRICT_HALF = 10, 10
_SHARES = ((0.5, 30), (0.1, 20), (0.01, 10))  # of all access points, the points for it
_MANY_SITES = 2  # a site with one access point is always whole
_HALF = 0.5


class Touched(StrEnum):
    """What a change touches, the worst first."""

    REACH = "reach"  # management address, gateway, port, VLANs of the cable
    CREDENTIALS = "credentials"  # keys and what they are for
    RADIOS = "radios"  # bands, channels, power
    NETWORKS = "networks"  # names, encryption, where they lead
    INNER = "inner"  # nobody outside the access point notices


POINTS = {
    Touched.REACH: 40,
    Touched.CREDENTIALS: 30,
    Touched.RADIOS: 20,
    Touched.NETWORKS: 15,
    Touched.INNER: 5,
}


class Level(StrEnum):
    """The score in a word."""

    LOW = "low"  # below 30
    MEDIUM = "medium"  # below 60
    HIGH = "high"


_MEDIUM_FROM, _HIGH_FROM = 30, 60


@dataclass(frozen=True, slots=True)
class Risk:
    """A score, and one sentence for each part of it."""

    score: int
    reasons: tuple[str, ...]

    @property
    def level(self) -> Level:
        """In a word."""
        return level_of(self.score)


def level_of(score: int) -> Level:
    """The word for a score."""
    if score >= _HIGH_FROM:
        return Level.HIGH
    return Level.MEDIUM if score >= _MEDIUM_FROM else Level.LOW


def touched(before: Intent | None, after: Intent) -> frozenset[Touched]:
    """What of an access point changes. A first configuration touches all of it."""
    if before is None:
        return frozenset(Touched)
    found = set()
    if (before.management, _vlans(before)) != (after.management, _vlans(after)):
        found.add(Touched.REACH)
    if before.radios != after.radios:
        found.add(Touched.RADIOS)
    if (before.networks, before.radius) != (after.networks, after.radius):
        found.add(Touched.NETWORKS)
    if _all_secrets(before.networks, before.radius, before.snmp) != _all_secrets(
        after.networks, after.radius, after.snmp
    ):
        found.add(Touched.CREDENTIALS)
    return frozenset(found) or frozenset({Touched.INNER})


def risk(what: Collection[Touched], changing: Sequence[tuple[str, str]], fleet: Iterable[tuple[str, str]]) -> Risk:
    """The score of a change. `changing` has the (district, site) of each access point it touches, `fleet` of all."""
    everywhere = Counter(fleet)
    parts = [*_for_what(what), *_for_share(len(changing), everywhere.total()), *_for_places(changing, everywhere)]
    return Risk(min(100, sum(points for points, _ in parts)), tuple(f"{why} (+{points})" for points, why in parts))


def worst(what: Collection[Touched]) -> Touched:
    """The worst of what is touched."""
    return next((each for each in Touched if each in what), Touched.INNER)


def _for_what(what: Collection[Touched]) -> list[tuple[int, str]]:
    return [(POINTS[worst(what)], f"the worst of what it touches: {worst(what)}")]


def _for_share(changing: int, everybody: int) -> list[tuple[int, str]]:
    share = changing / max(everybody, 1)
    found = next((points for least, points in _SHARES if share >= least), 0)
    return [(found, f"{changing} of {everybody} access points")] if found else []


def _for_places(changing: Sequence[tuple[str, str]], everywhere: Counter[tuple[str, str]]) -> list[tuple[int, str]]:
    here, parts = Counter(changing), []
    whole = sum(1 for site, count in here.items() if count == everywhere[site] and count >= _MANY_SITES)
    if whole:
        parts.append((SITE_WHOLE, f"all access points of {whole} {'site' if whole == 1 else 'sites'}"))
    all_of, some_of = _by_district(everywhere), _by_district(here)
    most = [name for name, count in some_of.items() if count >= all_of[name] * _HALF and count >= _MANY_SITES]
    if most:
        parts.append((DISTRICT_HALF, f"half or more of {', '.join(sorted(most)[:3])}"))
    return parts


def _by_district(sites: Counter[tuple[str, str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for (district, _), count in sites.items():
        found[district] += count
    return found


def _vlans(intent: Intent) -> frozenset[int | None]:
    return frozenset(network.vlan for network in intent.networks)


@lru_cache(maxsize=64)  # most access points of a plan have the same
def _all_secrets(*parts: object) -> tuple[tuple[str, str], ...]:
    return tuple(_secrets(parts))


def _secrets(value: object, name: str = "") -> Iterator[tuple[str, str]]:
    """Every key and secret of an intent, with the names of what it belongs to."""
    if is_dataclass(value):
        own = f"{name}/{getattr(value, 'name', '')}"
        for each in fields(value):
            inside = getattr(value, each.name)
            if isinstance(inside, str) and each.name in SECRET_KEYS:
                yield f"{own}/{each.name}", inside
            elif is_dataclass(inside) or isinstance(inside, tuple):
                yield from _secrets(inside, f"{own}/{each.name}")
    elif isinstance(value, tuple):
        for each_value in value:
            yield from _secrets(each_value, name)
