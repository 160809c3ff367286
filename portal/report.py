"""Report a problem: a short form on every page's foot, and what came of the reports that this device has sent."""

import re
import secrets
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import device
from portal.asked import Answer
from portal.face import Face
from portal.pages import see
from wifi_manager.domain.errors import BadInput, Forbidden, TooManyTries
from wifi_manager.domain.problem_reports import LONGEST_TEXT, Told, Trouble
from wifi_manager.web import forms
from wifi_manager.wire.tickets import Ticket

_DEED = "report"
_INCIDENT = re.compile(r"[0-9a-f]{8}")  # what web/problems.py gives out
_NONCE_BYTES = 16


@dataclass(frozen=True, slots=True)
class Typed:
    """What stands in the form: nobody types twice."""

    trouble: str = ""
    text: str = ""
    incident: str = ""

    def told(self) -> Told:
        """What may be kept. Raises BadInput."""
        return Told(Trouble(self.trouble), self.text, self.incident)

    def complaint(self) -> str:
        """Which sentence says what does not fit yet, or nothing."""
        if self.trouble not in tuple(Trouble):
            return "choose"
        return "long" if len(self.text) > LONGEST_TEXT else ""


@dataclass(frozen=True, slots=True)
class Report:
    """Takes reports with a ticket, and without one from whoever has none."""

    face: Face

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/report", view_func=self.page)
        app.add_url_rule("/report", endpoint="send_report", view_func=self.send, methods=["POST"])

    def page(self) -> ResponseReturnValue:
        """The form, and this device's reports."""
        return self._page(self._asking(), Typed(incident=_incident(request.args.get("i", ""))))

    def send(self) -> ResponseReturnValue:
        """Keep a report. What does not fit yet comes back with all that was typed."""
        typed = Typed(request.form.get("trouble", ""), forms.written("text"), _incident(request.form.get("i", "")))
        ticket = self._asking()
        if ticket is None and device.ticket_text():
            return self._page(None, typed, "stale", HTTPStatus.FORBIDDEN)
        if complaint := typed.complaint():
            return self._page(ticket, typed, complaint, HTTPStatus.UNPROCESSABLE_ENTITY)
        try:
            return self._from_nowhere(typed) if ticket is None else self._from(ticket, typed)
        except TooManyTries:
            return self._page(ticket, typed, "enough", HTTPStatus.TOO_MANY_REQUESTS)

    def _from(self, ticket: Ticket, typed: Typed) -> ResponseReturnValue:
        self.face.forms.check(ticket, _DEED)
        self.face.reporting.send(ticket, typed.told())
        return see("/report", device.ticket_text())

    def _from_nowhere(self, typed: Typed) -> ResponseReturnValue:
        nonce = request.form.get("form", "")
        self.face.forms.check_for(nonce, _DEED)
        number = self.face.reporting.send_from_nowhere(f"form {nonce}", typed.told())
        return self._show(sent=number)

    def _page(
        self, ticket: Ticket | None, typed: Typed, complaint: str = "", status: HTTPStatus = HTTPStatus.OK
    ) -> ResponseReturnValue:
        if ticket is not None:
            return self._page_of(ticket, typed, complaint).with_status(status)
        nonce = secrets.token_urlsafe(_NONCE_BYTES)
        token = self.face.forms.make_for(nonce, _DEED)
        return self._show(typed=typed, complaint=complaint, token=token, form=nonce).with_status(status)

    def _page_of(self, ticket: Ticket, typed: Typed, complaint: str) -> Answer:
        return self._show(
            typed=typed,
            complaint=complaint,
            token=self.face.forms.make(ticket, _DEED),
            erase=self.face.forms.make(ticket, "erase"),
            sent=self.face.reporting.sent_with(ticket),
            reports=self.face.reporting.of(ticket),
            ticket=device.ticket_text(),
        )

    def _show(self, **values: object) -> Answer:
        usual = {"ticket": "", "reports": (), "sent": None, "troubles": tuple(Trouble), "most": LONGEST_TEXT}
        return self.face.pages.show("report", **{**usual, **values})

    def _asking(self) -> Ticket | None:
        """Who asks; None without a ticket and with a damaged, forged or old one: problems are told anyway."""
        try:
            return device.asking(self.face.admission)
        except (BadInput, Forbidden):
            return None


def _incident(text: str) -> str:
    return text if _INCIDENT.fullmatch(text) else ""
