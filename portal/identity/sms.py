"""The way in by text message: a number, then the code that comes to it.

Phones close the sign-in window when their user reads the message, so what is under way is kept by device: whoever
comes back finds the field for the code.
"""

import time
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import urlsplit

from flask import Flask
from flask.typing import ResponseReturnValue

from portal import asked, device, relief, said
from portal.asked import Answer, Crowd
from portal.face import Face
from portal.pages import see
from portal.sign_in import answer as finish
from portal.sign_in import enter, given_consent
from wifi_manager import log
from wifi_manager.domain.errors import BadInput, Forbidden
from wifi_manager.domain.text_codes import (
    CodeOver,
    DeviceBudgetUsed,
    KeptCode,
    PhoneNumber,
    SendingClosed,
    WrongCode,
    read_code,
)
from wifi_manager.domain.visits import Method
from wifi_manager.services.phone_numbers import NotServed, dial_code, read_number
from wifi_manager.services.text_codes import TextCodes
from wifi_manager.storage.store import Transaction
from wifi_manager.wire.tickets import Ticket

_LOG = log.get(__name__)
_NUMBER, _CODE, _AGAIN = "sms number", "sms code", "sms again"  # what the forms do
_LONGEST_SHOWN = 40
_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Country:
    """One of the picker's."""

    code: str  # ISO 3166
    name: str  # as the city writes it
    dial: str

    @property
    def label(self) -> str:
        """`대한민국 +82`; the dial code stays left to right in every script (Unicode UAX 9, isolates)."""
        return f"{self.name} \u2066{self.dial}\u2069"


@dataclass(frozen=True, slots=True)
class SmsWay:
    """The pages. `origin` is the portal's host, for messages that name it; empty: they do not."""

    face: Face
    codes: TextCodes
    countries: tuple[Country, ...]
    origin: str = ""

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/sms", view_func=self.begin, endpoint="sms")
        app.add_url_rule("/sms", view_func=self.number, endpoint="sms_number", methods=["POST"])
        app.add_url_rule("/sms/code", view_func=self.code, endpoint="sms_code", methods=["POST"])
        app.add_url_rule("/sms/again", view_func=self.again, endpoint="sms_again", methods=["POST"])

    def of_crowds(self) -> Crowd:
        """All but what sends a message: that waits for the provider, in a thread."""
        return {("GET", "/sms"): self.begin, ("POST", "/sms/code"): self.code}

    def is_under_way(self, tx: Transaction, ticket: Ticket) -> bool:
        """Whether the device waits for a code."""
        return self.codes.under_way_in(tx, ticket) is not None

    def begin(self) -> ResponseReturnValue:
        """The field for the code where one is under way, else the field for the number."""
        ticket = self._asking()
        kept = None if asked.now().query.get("other") else self.codes.under_way(ticket)
        if kept is not None:
            return self._code_page(ticket, kept)
        try:
            self.codes.check_open(ticket)
        except SendingClosed:
            return relief.page(self.face, ticket, Method.SMS)
        return self._empty_page(ticket)

    def number(self) -> ResponseReturnValue:
        """Send a code to the number that was typed."""
        ticket = self._asking()
        self.face.forms.check(ticket, _NUMBER)
        try:
            number = self._read_number()
        except BadInput as wrong:
            reason = "country" if isinstance(wrong, NotServed) else "not_a_number"
            self.codes.counting.refused(reason)
            return self._number_page(ticket, reason).with_status(HTTPStatus.UNPROCESSABLE_ENTITY)
        return self._send(ticket, number)

    def again(self) -> ResponseReturnValue:
        """Send another code to the same number."""
        ticket = self._asking()
        self.face.forms.check(ticket, _AGAIN)
        kept = self.codes.under_way(ticket)
        return see("/sms", device.ticket_text()) if kept is None else self._send(ticket, kept.number)

    def code(self) -> ResponseReturnValue:
        """The code: the right one leads online."""
        started = time.perf_counter()
        self.face.metrics.reached("submitted")
        with self.face.metrics.counting_failures():
            ticket = self._asking()
            consent = given_consent(self.face, ticket, _CODE)
            try:
                prove = self.codes.check(ticket, read_code(asked.now().form.get("code", "")))
                answer = enter(self.face, ticket, consent, prove, started)
                self.codes.counting.verified()
            except WrongCode:
                return self._refuse(ticket, "wrong")
            except CodeOver:
                present = self.face.admission.present(ticket)  # the back button, after the code let the device in
                return self._refuse(ticket, "over") if present is None else finish(self.face, present)
            return answer

    def _send(self, ticket: Ticket, number: PhoneNumber) -> ResponseReturnValue:
        try:
            self.codes.send(ticket, number, self._text)
        except DeviceBudgetUsed:
            return self._number_page(ticket, "device").with_status(HTTPStatus.TOO_MANY_REQUESTS)
        except SendingClosed as closed:
            _LOG.warning(
                "no code was sent", extra={"reason": closed.reason, "problem": str(closed.__cause__ or closed)}
            )
            return relief.page(self.face, ticket, Method.SMS)
        return see("/sms", device.ticket_text())

    def _refuse(self, ticket: Ticket, problem: str) -> ResponseReturnValue:
        kept = self.codes.under_way(ticket)
        page = self._number_page(ticket, problem) if kept is None else self._code_page(ticket, kept, problem)
        return page.with_status(HTTPStatus.UNPROCESSABLE_ENTITY)

    def _asking(self) -> Ticket:
        ticket = device.asking(self.face.admission)
        if Method.SMS not in self.face.admission.offered(ticket):
            raise Forbidden("This way in is not offered at this place. Go back and choose another one.")
        return ticket

    def _read_number(self) -> PhoneNumber:
        served = [each.code for each in self.countries]
        chosen = asked.now().form.get("country", served[0])
        return read_number(asked.now().form.get("number", ""), chosen if chosen in served else served[0], served)

    def _text(self, code: str) -> str:
        text = self.face.pages.say()("sms.text", code=code, city=self.face.pages.looks.city)
        return f"{text}\n\n@{self.origin} #{code}" if self.origin else text

    def _empty_page(self, ticket: Ticket) -> Answer:
        others, chosen = self._has_others(ticket), self.countries[0].code
        token, kind = self.face.forms.make(ticket, _NUMBER), "others" if others else ""
        return self.face.pages.show_sheet(
            "sms_number", {"token": token}, kind, countries=self.countries, chosen=chosen, others=others
        )

    def _number_page(self, ticket: Ticket, problem: str = "") -> Answer:
        say = self.face.pages.say()
        return self.face.pages.show(
            "sms_number",
            problem=say(f"sms.problem_{problem}") if problem else "",
            countries=self.countries,
            chosen=asked.now().form.get("country", self.countries[0].code),
            number=asked.now().form.get("number", "")[:_LONGEST_SHOWN],
            token=self.face.forms.make(ticket, _NUMBER),
            **self._shared(ticket),
        )

    def _code_page(self, ticket: Ticket, kept: KeptCode, problem: str = "") -> Answer:
        say, wait = self.face.pages.say(), self.codes.wait(kept)
        terms = self.face.terms.get(self.face.terms.current, say.tag)
        spent = not kept.can_be_tried(self.face.admission.clock.now())
        problem = problem or ("over" if spent else "")
        return self.face.pages.show(
            "sms_code",
            problem=say(f"sms.problem_{problem}") if problem else "",
            kept=kept,
            spent=spent,
            wait=said.span(wait + _MINUTE, say) if wait > timedelta(0) else "",
            terms=terms,
            remember_days=self.face.remember_days,
            token=self.face.forms.make(ticket, _CODE, terms.version, terms.language),
            again=self.face.forms.make(ticket, _AGAIN),
            **self._shared(ticket),
        )

    def _shared(self, ticket: Ticket) -> dict[str, object]:
        return {"ticket": device.ticket_text(), "others": self._has_others(ticket)}

    def _has_others(self, ticket: Ticket) -> bool:
        return len(self.face.admission.offered(ticket)) > 1


def countries(entries: tuple[str, ...]) -> tuple[Country, ...]:
    """Those of the settings, such as `KR 대한민국` or `KR`. Raises BadInput for one that has no telephones."""
    parts = [entry.partition(" ") for entry in entries]
    return tuple(Country(code, name or code, dial_code(code)) for code, _, name in parts)


def origin_of(public_url: str) -> str:
    """The host that a message names, so that a phone fills its code in there alone."""
    return urlsplit(public_url).hostname or ""
