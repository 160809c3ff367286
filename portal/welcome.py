"""The first page a citizen sees, the terms behind it, and what to do for whoever came without a ticket."""

from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import device, sign_in
from portal.face import Face
from portal.own_data import let_in_again
from portal.pages import see
from wifi_manager.domain.errors import OutsideFailure, WifiError
from wifi_manager.services.admission import Reception, is_here
from wifi_manager.wire.tickets import Ticket


@dataclass(frozen=True, slots=True)
class Welcome:
    """Views that change nothing but where a running visit is let through."""

    face: Face

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/", view_func=self.welcome)
        app.add_url_rule("/terms", view_func=self.terms)
        app.add_url_rule("/healthz", view_func=self.healthz)

    def welcome(self) -> ResponseReturnValue:
        """One tap for a new device, none for one whose visit still runs or whose citizen agreed to be remembered."""
        if not device.ticket_text():
            return self.face.pages.show("lost")
        ticket = device.asking(self.face.admission)
        reception = self.face.admission.reception(ticket)
        if reception.present is None:
            return self._first_page(ticket, reception)
        if is_here(reception.present.visit, ticket):
            return see("/status", device.ticket_text())
        moved = self.face.admission.resume(ticket)
        if moved is None:  # it has ended this very moment
            return self._first_page(ticket, self.face.admission.reception(ticket))
        return sign_in.answer(self.face, moved)

    def terms(self) -> ResponseReturnValue:
        """The full terms: the present ones, or the version named by `v`."""
        version = request.args.get("v", self.face.terms.current)
        return self.face.pages.show("terms", terms=self.face.terms.get(version, self.face.pages.say().tag))

    def healthz(self) -> ResponseReturnValue:
        """For balancers: 200 while citizens can be let in, 503 while the database or the plan is away."""
        try:
            self.face.admission.check()
        except WifiError as error:
            raise OutsideFailure(str(error)) from error
        return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}

    def _first_page(self, ticket: Ticket, reception: Reception) -> ResponseReturnValue:
        if reception.block is not None:
            return self.face.pages.show("blocked", kept=reception.block), HTTPStatus.FORBIDDEN
        again = let_in_again(self.face, ticket) if reception.comes_back else None
        if again is not None:
            return sign_in.answer(self.face, again)
        self.face.metrics.reached("page")
        place = reception.place
        greeting, ways = place.greetings.get(self.face.pages.say().tag), place.ways or self.face.admission.ways
        terms = self.face.terms.get(self.face.terms.current, self.face.pages.say().tag)
        token = self.face.forms.make(ticket, "connect", terms.version, terms.language)
        kind = " ".join((*ways, greeting or ""))
        return self.face.pages.show_sheet(
            "welcome", {"token": token}, kind=kind, terms=terms, greeting=greeting, ways=ways
        )
