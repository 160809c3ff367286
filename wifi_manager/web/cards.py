"""Cards of vouchers as one printable page, A4, eight to a sheet: for a file as well as for the console.

The QR code joins the network, or opens the sign-in address: never the code, which would then stand in histories, in
logs and in links that are passed on.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import segno
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from segno.helpers import make_wifi

from wifi_manager.domain.days import last_day
from wifi_manager.domain.quantities import say_bytes
from wifi_manager.domain.vouchers import Allowance, Batch, show_code
from wifi_manager.settings import Settings

_PAGES = Environment(
    loader=PackageLoader("wifi_manager.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_HOUR, _DAY = 3600, 86_400


@dataclass(frozen=True, slots=True)
class Design:
    """What stands on every card. `address` is where whoever has joined signs in; `network` (SSID) may be empty."""

    city: str
    network: str
    address: str
    zone: ZoneInfo


def design(settings: Settings) -> Design:
    """As the city's settings have it."""
    zone = ZoneInfo(settings.city.time_zone)
    return Design(settings.city.name, settings.voucher.network_name, settings.portal.fresh_ticket_url, zone)


@dataclass(frozen=True, slots=True)
class Card:
    """A code and its number in the batch."""

    number: int
    code: str


def page(look: Design, batch: Batch, cards: Sequence[Card], nonce: str = "") -> str:
    """The page, whole. `nonce` lets a policy allow its style sheet."""
    shown = [Card(each.number, show_code(each.code)) for each in cards]
    template = _PAGES.get_template("web/cards.html")
    limits = limits_in_words(batch.allowance, look.zone)
    return template.render(
        design=look, batch=batch.name, limits=limits, cards=shown, nonce=nonce, square=_square(look)
    )


def limits_in_words(allowance: Allowance, zone: ZoneInfo) -> list[str]:
    """What a code allows, in a few words each."""
    lasts, volume, devices, until = allowance.lasts, allowance.volume_bytes, allowance.devices, allowance.good_until
    return [
        *([] if lasts is None else [f"{_span(int(lasts.total_seconds()))} from the first use"]),
        *([] if volume is None else [f"{say_bytes(volume)} in all"]),
        *([] if devices is None else [f"{devices} device{'s' if devices > 1 else ''} at a time"]),
        *([] if until is None else [f"until {last_day(until, zone)}"]),
    ]


def _span(seconds: int) -> str:
    if seconds % _DAY == 0:
        return f"{seconds // _DAY} d"
    return f"{seconds // _HOUR} h" if seconds % _HOUR == 0 else f"{seconds // 60} min"


def _square(look: Design) -> Markup:
    """The QR code as SVG, black on white whatever the page is."""
    made = (
        make_wifi(ssid=look.network, password=None, security=None)
        if look.network
        else segno.make(f"{look.address}/", micro=False)
    )
    written = io.BytesIO()
    made.save(written, kind="svg", xmldecl=False, svgns=False, border=2, omitsize=True, light="#fff")
    return Markup(written.getvalue().decode())  # noqa: S704 - segno writes paths, and none of the texts
