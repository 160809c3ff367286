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
from wifi_manager.web.card_words import WORDS, Words

_PAGES = Environment(
    loader=PackageLoader("wifi_manager.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True
)
_HOUR, _DAY = 3600, 86_400
_ROOM = 2  # languages on a card


@dataclass(frozen=True, slots=True)
class Design:
    """What stands on every card. `address` is where whoever has joined signs in; `network` (SSID) may be empty."""

    city: str
    network: str
    address: str
    zone: ZoneInfo
    languages: tuple[str, ...] = ("en",)


def design(settings: Settings) -> Design:
    """As the city's settings have it, in the first two of its languages that cards are written in."""
    city = settings.city
    languages = tuple(tag for tag in city.languages if tag in WORDS)[:_ROOM] or ("en",)
    zone, address = ZoneInfo(city.time_zone), settings.portal.fresh_ticket_url
    return Design(city.name, settings.voucher.network_name, address, zone, languages)


@dataclass(frozen=True, slots=True)
class Card:
    """A code and its number in the batch."""

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class _Side:
    """What all cards say in one language."""

    language: str
    steps: Sequence[str]
    limits: Sequence[str]
    words: Words


def page(look: Design, batch: Batch, cards: Sequence[Card], nonce: str = "") -> str:
    """The page, whole. `nonce` lets a policy allow its style sheet."""
    return _PAGES.get_template("web/cards.html").render(
        design=look,
        batch=batch.name,
        sides=[_side(look, batch.allowance, tag) for tag in look.languages],
        cards=[Card(each.number, show_code(each.code)) for each in cards],
        nonce=nonce,
        square=_square(look),
    )


def limits_in_words(allowance: Allowance, zone: ZoneInfo, words: Words = WORDS["en"]) -> list[str]:
    """What a code allows, in a few words each."""
    lasts, volume, devices, until = allowance.lasts, allowance.volume_bytes, allowance.devices, allowance.good_until
    return [
        *([] if lasts is None else [_span(int(lasts.total_seconds()), words)]),
        *([] if volume is None else [words.volume.format(volume=say_bytes(volume))]),
        *([] if devices is None else [words.devices.format(count=devices)]),
        *([] if until is None else [words.until.format(day=last_day(until, zone))]),
    ]


def _side(look: Design, allowance: Allowance, tag: str) -> _Side:
    words = WORDS[tag]
    join = words.join.format(network=look.network) if look.network else words.join_any
    steps = (join, words.open.format(address=look.address), words.choose)
    return _Side(tag, steps, limits_in_words(allowance, look.zone, words), words)


def _span(seconds: int, words: Words) -> str:
    if seconds % _DAY == 0:
        return words.days.format(count=seconds // _DAY)
    return (
        words.hours.format(count=seconds // _HOUR)
        if seconds % _HOUR == 0
        else words.minutes.format(count=seconds // 60)
    )


def _square(look: Design) -> Markup:
    """The QR code as a symbol that every card draws, black on white whatever the page is."""
    made = (
        make_wifi(ssid=look.network, password=None, security=None)
        if look.network
        else segno.make(f"{look.address}/", micro=False)
    )
    written = io.BytesIO()
    made.save(written, kind="svg", xmldecl=False, svgns=False, border=2, omitsize=True, light="#fff")
    drawn = written.getvalue().decode().replace("<svg", '<symbol id="square"', 1).replace("</svg>", "</symbol>")
    return Markup(drawn)  # noqa: S704 - segno writes paths, and none of the texts
