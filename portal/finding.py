"""Where else there is Wi-Fi: a page for everybody, on the phone or at home, that finds places by words and distance.

It needs no ticket and asks for no position. Whoever gives one puts it into the address, which nobody writes down.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import finding_map
from portal.catalogue import Catalogue
from portal.face import Face
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.hotspots import Place, find, metres, point
from wifi_manager.domain.romanising import romanised
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.services.open_data import OpenData

_A_PAGE = 20
_LONGEST = 80  # characters of what is sought
_HANGUL_READERS = "ko"
_IN_KILOMETRES = 1000  # metres from which on a distance is said in kilometres


@dataclass(frozen=True, slots=True)
class Line:
    """A place as the page shows it. `latin` is empty where its names have no Hangul; `far` is in metres, if known."""

    number: int
    place: Place
    latin: str
    spot: Position | None
    far: float | None

    @property
    def coordinates(self) -> str:
        """Of a `geo:` address (RFC 5870), and for the search."""
        return "" if self.spot is None else f"{self.spot.latitude:.6f},{self.spot.longitude:.6f}"


@dataclass(frozen=True, slots=True)
class FindingPage:
    """The page `/hotspots`."""

    face: Face
    open_data: OpenData

    def install(self, app: Flask) -> None:
        """Add the view."""
        app.add_url_rule("/hotspots", view_func=self.hotspots)

    def hotspots(self) -> ResponseReturnValue:
        """What was sought, and where it is."""
        say = self.face.pages.say()
        sought, typed = (request.args.get(name, "")[:_LONGEST] for name in ("q", "near"))
        near, is_wrong = _near(typed)
        found = find(self.open_data.places(), sought, _kinds(say), near)
        pages = max(1, -(-len(found.places) // _A_PAGE))
        page = min(max(request.args.get("p", 1, type=int), 1), pages)
        lines = _lines(found.places, (page - 1) * _A_PAGE, near, say)
        return self.face.pages.show(
            "hotspots",
            found=found,
            lines=lines,
            asked={"q": sought, "near": typed},
            near_is_wrong=is_wrong,
            drawn=_drawn(found.places, lines, near),
            number=page,
            last=pages,
            files=self.open_data,
            say_metres=lambda far: _said(far, say),
        )


def _near(typed: str) -> tuple[Position | None, bool]:
    try:
        return point(typed), False
    except BadInput:
        return None, True


def _kinds(say: Catalogue) -> dict[SiteKind, str]:
    return {kind: say(f"site_kind.{kind}") for kind in SiteKind}


def _lines(places: Sequence[Place], start: int, near: Position | None, say: Catalogue) -> list[Line]:
    return [_line(start + at, each, near, say) for at, each in enumerate(places[start : start + _A_PAGE], 1)]


def _line(number: int, place: Place, near: Position | None, say: Catalogue) -> Line:
    spot = place.nearest(near)
    far = None if near is None or spot is None else metres(near, spot)
    return Line(number, place, "" if say.tag == _HANGUL_READERS else _latin(place), spot, far)


def _latin(place: Place) -> str:
    """What of its names is Hangul, in Latin letters."""
    names = [(each, romanised(each)) for each in (place.name, place.district)]
    return ", ".join(latin for name, latin in names if latin != name)


def _drawn(places: Sequence[Place], lines: Sequence[Line], near: Position | None) -> finding_map.Drawing | None:
    shown = [(each.number, each.spot) for each in lines if each.spot is not None]
    return finding_map.drawing(places, shown, near)


def _said(far: float, say: Catalogue) -> str:
    if far < _IN_KILOMETRES:
        return say("hotspots.metres", count=round(far / 10) * 10 if far >= 100 else round(far))  # noqa: PLR2004 - to 10 m
    figure = f"{far / _IN_KILOMETRES:.1f}".removesuffix(".0")
    return say("hotspots.kilometres", count=figure.replace(".", say("number.decimal")))
