"""A poster for a site: one page to print, with a code that joins the Wi-Fi and the steps in the city's languages."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path

import segno
from jinja2 import Environment, FileSystemLoader
from markupsafe import Markup

from portal.catalogue import Catalogue
from portal.looks import style_of
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.faces import SiteFace

_TEMPLATES = Path(__file__).parent / "templates"
_LONGEST_SSID = 32  # bytes (IEEE 802.11, 9.4.2.2)
_MEANS_SOMETHING = '\\;,:"'  # in a WIFI: text


class Paper(StrEnum):
    """Sizes of ISO 216."""

    A4 = "a4"
    A3 = "a3"


def join_text(ssid: str) -> str:
    """What phones' cameras read as an open network: `WIFI:T:nopass;S:…;;`. Raises BadInput for no possible name."""
    if not 0 < len(ssid.encode()) <= _LONGEST_SSID or not ssid.isprintable():
        raise BadInput(f"A Wi-Fi's name has 1 to {_LONGEST_SSID} bytes and is printable; {ssid!r} is not.")
    escaped = "".join(f"\\{letter}" if letter in _MEANS_SOMETHING else letter for letter in ssid)
    return f"WIFI:T:nopass;S:{escaped};;"


def page(
    face: SiteFace, site: str, ssid: str, address: str, catalogues: Mapping[str, Catalogue], paper: Paper = Paper.A4
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
        style=style_of(face.accent),
        code=Markup(code.svg_inline(border=4, omitsize=True, svgclass="code")),  # noqa: S704 - squares alone
    )
