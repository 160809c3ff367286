"""The first page a citizen sees, the terms behind it, and what to do for whoever came without a ticket."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from flask import Flask
from flask.typing import ResponseReturnValue

from portal import asked, device, said, sign_in
from portal.face import Face
from portal.identity.way import Lasting
from portal.pages import see
from wifi_manager.domain.errors import OutsideFailure, WifiError
from wifi_manager.domain.networks import Place
from wifi_manager.domain.visits import EndReason, Method
from wifi_manager.services.admission import Reception, is_here
from wifi_manager.services.opening import Change
from wifi_manager.storage.store import Transaction
from wifi_manager.wire.tickets import Ticket

_NEWS_FOR = timedelta(days=1)  # after that nobody wonders why they are not online any more


@dataclass(frozen=True, slots=True)
class Welcome:
    """Views that change nothing but where a running visit is let through."""

    face: Face
    lasting: Mapping[Method, Lasting] = field(default_factory=dict)

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
        reception = self._reception(ticket)
        if reception.present is None:
            back = self.face.admission.come_back(ticket) if reception.is_remembered else None
            return self._first_page(ticket, reception) if back is None else self._welcome_back(back)
        if is_here(reception.present.visit, ticket):
            return see("/status", device.ticket_text())
        moved = self.face.admission.resume(ticket)
        if moved is None:  # it has ended this very moment
            return self._first_page(ticket, self._reception(ticket))
        return sign_in.answer(self.face, moved)

    def terms(self) -> ResponseReturnValue:
        """The full terms: the present ones, or the version named by `v`."""
        version = asked.now().query.get("v", self.face.terms.current)
        return self.face.pages.show("terms", terms=self.face.terms.get(version, self.face.pages.say().tag))

    def healthz(self) -> ResponseReturnValue:
        """For balancers: 200 while citizens can be let in, 503 while the database or the plan is away."""
        try:
            self.face.admission.check()
        except WifiError as error:
            raise OutsideFailure(str(error)) from error
        return "ok\n", {"Content-Type": "text/plain; charset=utf-8"}

    def _welcome_back(self, change: Change) -> ResponseReturnValue:
        self.face.metrics.let_in(change.visit.method)
        return sign_in.answer(self.face, change)

    def _first_page(self, ticket: Ticket, reception: Reception) -> ResponseReturnValue:
        if reception.block is not None:
            return self.face.pages.show("blocked", kept=reception.block).with_status(HTTPStatus.FORBIDDEN)
        if reception.under_way is not None:
            return see(f"/{reception.under_way}", device.ticket_text())
        self.face.metrics.reached("page")
        place, now = reception.place, self.face.admission.clock.now()
        self.face.pages.looks.know(ticket, place)
        greetings = place.greetings or self.face.pages.looks.here().greetings
        greeting, ways = greetings.get(self.face.pages.say().tag), self.face.admission.ways_at(place)
        terms = self.face.terms.get(self.face.terms.current, self.face.pages.say().tag)
        token = self.face.forms.make(ticket, "connect", terms.version, terms.language)
        reason = self._ended(reception)
        until = place.emergency_until if place.is_open_to_all(now) else None
        emergency = said.moment(until, self.face.pages.zone, self.face.pages.say()) if until else ""
        return self.face.pages.show_sheet(
            "welcome",
            {"token": token},
            kind=" ".join((*ways, f"{reason}:{emergency}:", greeting or "")),
            terms=terms,
            greeting=greeting,
            ways=ways,
            reason=reason,
            remember_days=self.face.remember_days,
            emergency=emergency,
        )

    def _reception(self, ticket: Ticket) -> Reception:
        return self.face.admission.reception(ticket, partial(self._under_way, ticket))

    def _under_way(self, ticket: Ticket, tx: Transaction, place: Place) -> Method | None:
        """The way in that this device has begun, unless its citizen wants to see the others."""
        if asked.now().query.get("other"):
            return None
        for method in place.ways or self.face.admission.ways:
            begun = self.lasting.get(method)
            if begun is not None and begun.is_under_way(tx, ticket):
                return method
        return None

    def _ended(self, reception: Reception) -> str:
        """Why the device's visit ended, if that is news to its citizen."""
        now = self.face.admission.clock.now()
        at, reason = (reception.last and reception.last.ended(now)) or (now, EndReason.SIGNED_OUT)
        return reason.value if reason is not EndReason.SIGNED_OUT and now - at < _NEWS_FOR else ""
