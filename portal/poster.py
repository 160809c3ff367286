"""A poster for a site: one page to print, with a code that joins the Wi-Fi and the steps in the city's languages."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from portal import catalogue
from portal.catalogue import Catalogue
from portal.looks import style_of
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.faces import SiteFace
from wifi_manager.services.faces import FacesShown
from wifi_manager.settings import Settings
from wifi_manager.storage.store import Store
from wifi_manager.web.posters import Paper, Wanted

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_SSID = 32  # bytes (IEEE 802.11, 9.4.2.2)
_MEANS_SOMETHING = '\\;,:"'  # in a WIFI: text


@dataclass(frozen=True, slots=True)
class Posters:
    """Posters of one city's sites. `address`: where phones get a fresh link."""

    store: Store
    faces: FacesShown
    catalogues: Mapping[str, Catalogue]
    address: str

    @property
    def languages(self) -> Mapping[str, str]:
        """What each of the city's languages calls itself."""
        return {tag: say("language") for tag, say in self.catalogues.items()}

    def make(self, wanted: Wanted) -> str:
        """One HTML page. Raises NotFound for an unknown site, BadInput for a name or language that cannot be."""
        district, site = wanted.site
        with self.store.read() as tx:
            if tx.sites.get(wanted.site) is None:
                raise NotFound(f"There is no site {site!r} in district {district!r}. Import it first.")
        chosen = {tag: self._catalogue(tag) for tag in wanted.languages or self.catalogues}
        return page(self.faces.at(wanted.site), site, wanted.ssid, self.address, chosen, wanted.paper, wanted.nonce)

    def _catalogue(self, tag: str) -> Catalogue:
        found = self.catalogues.get(tag)
        if found is None:
            raise BadInput(f"A poster here is in {', '.join(self.catalogues)}; {tag!r} is none of [city] languages.")
        return found


def posters(settings: Settings, store: Store) -> Posters:
    """Posters as the settings have the city. Raises BadInput for a language that the portal does not speak."""
    languages = settings.city.languages
    faces = FacesShown(store, languages, time.monotonic)
    return Posters(store, faces, catalogue.load(languages), settings.portal.fresh_ticket_url)


def join_text(ssid: str) -> str:
    """What phones' cameras read as an open network: `WIFI:T:nopass;S:…;;`. Raises BadInput for no possible name."""
    if not 0 < len(ssid.encode()) <= _LONGEST_SSID or not ssid.isprintable():
        raise BadInput(f"A Wi-Fi's name has 1 to {_LONGEST_SSID} bytes and is printable; {ssid!r} is not.")
    escaped = "".join(f"\\{letter}" if letter in _MEANS_SOMETHING else letter for letter in ssid)
    return f"WIFI:T:nopass;S:{escaped};;"


def page(
    face: SiteFace,
    site: str,
    ssid: str,
    address: str,
    catalogues: Mapping[str, Catalogue],
    paper: Paper = Paper.A4,
    nonce: str = "",
) -> str:
    """The poster as one HTML file without anything from elsewhere. `address`: where phones get a fresh link."""
    code = segno.make(join_text(ssid), error="m", micro=False)
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), autoescape=True)
    return environment.get_template("portal/poster.html").render(
        face=face,
        site=site,
        ssid=ssid,
        address=address.removeprefix("https://").removeprefix("http://"),
        catalogues=catalogues.values(),
        first=next(iter(catalogues.values())),
        paper=paper,
        nonce=nonce,
        style=style_of(face.accent),
        code=Markup(code.svg_inline(border=4, omitsize=True, svgclass="code")),  # noqa: S704 - squares alone
    )
