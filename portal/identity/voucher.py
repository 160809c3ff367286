"""The voucher's way in: type the code of a card."""

import time
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from http import HTTPStatus

from flask import Flask
from flask.typing import ResponseReturnValue

from portal import asked, device, sign_in
from portal.asked import Answer, Crowd
from portal.face import Face
from portal.identity import way
from portal.identity.way import MakeWay
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.law import Kind
from wifi_manager.domain.visits import Method
from wifi_manager.domain.vouchers import CodeRefused, read_code
from wifi_manager.services.tries import A_PLACE, Tries, Wait
from wifi_manager.services.vouchers import Vouchers
from wifi_manager.settings import Settings
from wifi_manager.wire.tickets import Ticket

_LONGEST_TYPED = 40


@dataclass(frozen=True, slots=True)
class VoucherWay:
    """The page, and what it sends. `tries` keeps guessing slow."""

    face: Face
    vouchers: Vouchers
    tries: Tries

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/voucher", view_func=self.page, endpoint="voucher")
        app.add_url_rule("/voucher", view_func=self.enter, endpoint="voucher_enter", methods=["POST"])

    def of_crowds(self) -> Crowd:
        """All of it: it waits for the database alone."""
        return {("GET", "/voucher"): self.page, ("POST", "/voucher"): self.enter}

    def page(self) -> ResponseReturnValue:
        """Where the code is typed."""
        ticket = device.asking(self.face.admission)
        way.offered(self.face, ticket, Method.VOUCHER)
        return self._form(ticket)

    def enter(self) -> ResponseReturnValue:
        """The code: right leads online; wrong, of whatever kind, gets one answer and stays in the field."""
        started = time.perf_counter()
        self.face.metrics.reached("submitted")
        with self.face.metrics.counting_failures():
            say = self.face.pages.say()
            ticket, consent = way.submitted(self.face, Method.VOUCHER, "voucher")
            try:
                code = read_code(asked.now().form.get("code", ""))
            except BadInput:
                return self._refuse(ticket, say("voucher.malformed"))
            try:
                attempt = self.tries.begin(ticket)
            except Wait as refused:
                told = way.wait_said(self.face, Method.VOUCHER, refused)
                return self._refuse(ticket, told, HTTPStatus.TOO_MANY_REQUESTS)
            prove = self.vouchers.prove(code, partial(self.tries.right, attempt))
            try:
                return sign_in.enter(self.face, ticket, consent, prove, started)
            except CodeRefused:
                self.tries.wrong(attempt)
                return self._refuse(ticket, say("voucher.refused"))

    def _refuse(
        self, ticket: Ticket, told: str, status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY
    ) -> ResponseReturnValue:
        """The same page with what was typed, and what to do about it."""
        self.face.metrics.failed("refused")
        return self._form(ticket, told).with_status(status)

    def _form(self, ticket: Ticket, problem: str = "") -> Answer:
        terms = self.face.terms.get(self.face.terms.current, self.face.pages.say().tag)
        token = self.face.forms.make(ticket, "voucher", terms.version, terms.language)
        if not problem:
            return self.face.pages.show_sheet("voucher", {"token": token}, terms=terms)
        typed, shown = asked.now().form.get("code", "")[:_LONGEST_TYPED], device.ticket_text()
        return self.face.pages.show("voucher", terms=terms, token=token, problem=problem, code=typed, ticket=shown)


def maker(settings: Settings) -> MakeWay:
    """Vouchers need no settings: a city that has issued none lets nobody in by them."""
    return partial(_make, settings)


def _make(settings: Settings, face: Face) -> VoucherWay:
    admission = face.admission
    vouchers = Vouchers(
        admission.store, admission.vault, admission.clock, timedelta(days=face.own.profile.keep[Kind.VISITS].days)
    )
    tries = Tries(
        admission.store,
        admission.vault,
        admission.clock,
        Method.VOUCHER,
        partial(face.metrics.tried, Method.VOUCHER),
        place=replace(A_PLACE, most=settings.voucher.failures_at_a_place),
    )
    return VoucherWay(face, vouchers, tries)
