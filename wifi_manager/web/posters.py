"""Posters for sites: made by the portal's house, which knows the citizens' languages; the console asks for one here.

The console imports no house. What is installed on its machine says so by an entry point of the group `GROUP`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import entry_points
from typing import Protocol

from wifi_manager.settings import Settings
from wifi_manager.storage.store import Store

GROUP = "wifi_manager.posters"


class Paper(StrEnum):
    """Sizes of ISO 216."""

    A4 = "a4"
    A3 = "a3"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A poster of a site (district, name). The first language is the large one; none: all of the city's.

    `nonce` is what the policy of the page that shows it allows its style by (CSP level 3); a file needs none.
    """

    site: tuple[str, str]
    ssid: str
    languages: tuple[str, ...] = ()
    paper: Paper = Paper.A4
    nonce: str = ""


class Posters(Protocol):
    """Who makes posters."""

    @property
    def languages(self) -> Mapping[str, str]:
        """What each language that a poster can be in calls itself, by tag."""

    def make(self, wanted: Wanted) -> str:
        """One HTML page. Raises NotFound for an unknown site, BadInput for a name or language that cannot be."""


MakePosters = Callable[[Settings, Store], Posters]


def installed(settings: Settings, store: Store) -> Posters | None:
    """Who makes posters on this machine, or None."""
    for entry in entry_points(group=GROUP):
        make: MakePosters = entry.load()
        return make(settings, store)
    return None
