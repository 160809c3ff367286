"""How the portal looks where the phone is: the faces that city IT has set, for the site that the ticket names."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field

from markupsafe import Markup
from werkzeug.exceptions import HTTPException

from portal import asked, device
from wifi_manager.domain.colours import Accent, Palette
from wifi_manager.domain.errors import WifiError
from wifi_manager.domain.faces import Notice, Severity, SiteFace, Venue
from wifi_manager.domain.networks import Place
from wifi_manager.services.admission import Admission
from wifi_manager.services.faces import FRESH_SECONDS, FacesShown
from wifi_manager.wire.tickets import Ticket

_KINDS = {Severity.EMERGENCY: "bad", Severity.WARNING: "warn", Severity.INFO: "info"}
_MOST_PLACES = 20_000  # sites remembered at a time, for some seconds each
_Site = tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Spoken:
    """A text, and the language that it is in."""

    text: str
    tag: str


@dataclass(frozen=True, slots=True)
class Look:
    """What the pages of one place show now. `key` is another one when any of it is."""

    name: str
    key: Hashable = ()
    logo: str = ""
    style: Markup = field(default_factory=Markup)
    greetings: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[Notice, ...] = ()
    venue: Venue = field(default_factory=Venue)

    @property
    def urgent(self) -> list[Notice]:
        """What everybody shall read first."""
        return [each for each in self.notices if each.severity is not Severity.INFO]

    @property
    def other(self) -> list[Notice]:
        """What may stand below."""
        return [each for each in self.notices if each.severity is Severity.INFO]


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks of one city, whose usual name is given."""

    admission: Admission
    faces: FacesShown
    city: str
    _places: dict[tuple[str, str], tuple[float, _Site]] = field(default_factory=dict)

    def here(self) -> Look:
        """For the phone that asks; the city's own where nobody knows its place. Never fails: error pages need it."""
        kept = asked.now().kept
        found: Look | None = kept.get("look")
        if found is None:
            found = kept["look"] = self._look(self.faces.at(self._site()))
        return found

    def _site(self) -> _Site:
        try:
            return self._place(device.asking(self.admission)) if device.ticket_text() else None
        except (WifiError, HTTPException):  # a form that is too large is not read at all
            return None

    def _place(self, ticket: Ticket) -> _Site:
        now, key = self.admission.timer(), (ticket.gateway, ticket.network)
        known = self._places.get(key)
        if known is not None and now - known[0] < FRESH_SECONDS:
            return known[1]
        return self.know(ticket, self.admission.place(ticket))

    def know(self, ticket: Ticket, place: Place) -> _Site:
        """Whoever has asked already where a phone is says so: for some seconds nobody need ask again."""
        if len(self._places) >= _MOST_PLACES:
            self._places.clear()
        self._places[ticket.gateway, ticket.network] = (self.admission.timer(), place.site)
        return place.site

    def _look(self, face: SiteFace) -> Look:
        now = self.admission.clock.now()
        notices = tuple(notice for notice in face.notices if notice.is_shown(now))
        name, style = face.name or self.city, style_of(face.accent)
        key = (name, face.logo, style, repr(notices), face.venue.is_empty)
        return Look(name, key, face.logo, style, face.greetings, notices, face.venue)


def kind_of(notice: Notice) -> str:
    """The notice box for its severity."""
    return _KINDS[notice.severity]


def spoken(texts: Mapping[str, str], wanted: str, first: str) -> Spoken:
    """A text in the wanted language, else in the city's own, else in whatever there is."""
    tag = next((each for each in (wanted, first) if each in texts), next(iter(texts)))
    return Spoken(texts[tag], tag)


def style_of(accent: Accent | None) -> Markup:
    """The rules that give a page its accent colour. They are made of digits alone."""
    if accent is None:
        return Markup()
    light, dark = _rules(accent.light), _rules(accent.dark)
    return Markup(f":root{{{light}}}@media(prefers-color-scheme:dark){{:root{{{dark}}}}}")  # noqa: S704 - colours


def _rules(palette: Palette) -> str:
    return (
        f"--accent:{palette.accent};--accent-strong:{palette.strong};"
        f"--accent-soft:{palette.soft};--on-accent:{palette.on_accent}"
    )
