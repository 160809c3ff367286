"""The citizen's rights as pages: a copy of all we know, have it deleted, be remembered, and be that no longer."""

import json
from dataclasses import asdict, dataclass

from flask import Flask, Response
from flask.typing import ResponseReturnValue

from portal import device
from portal.face import Face
from portal.pages import see
from wifi_manager.domain.errors import Forbidden
from wifi_manager.domain.visits import Consent
from wifi_manager.services.admission import Change
from wifi_manager.services.own_data import remembered
from wifi_manager.wire.tickets import Ticket

DEEDS = ("erase", "agree", "withdraw")
_FILE = "what-we-know.json"


@dataclass(frozen=True, slots=True)
class OwnDataPages:
    """For the device that asks and for no other."""

    face: Face

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/data.json", view_func=self.export)
        app.add_url_rule("/erase", view_func=self.erase, methods=["POST"])
        app.add_url_rule("/erased", view_func=self.erased)
        app.add_url_rule("/agree", view_func=self.agree, methods=["POST"])
        app.add_url_rule("/withdraw", view_func=self.withdraw, methods=["POST"])

    def export(self) -> ResponseReturnValue:
        """All that is kept, as a file to keep (GDPR Art. 15 and 20)."""
        found = self.face.own.export(device.asking(self.face.admission))
        text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
        answer = Response(text, content_type="application/json; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{_FILE}"'
        return answer

    def erase(self) -> ResponseReturnValue:
        """End the visit and forget the device."""
        change = self.face.admission.erase(self._asking("erase"))
        if change is not None:
            self.face.admission.wait_enforced(change)
        return see("/erased")

    def erased(self) -> ResponseReturnValue:
        """Says that it is done, and what the law holds all the same."""
        held = {kind: self.face.own.profile.keep[kind] for kind in sorted(self.face.admission.held)}
        return self.face.pages.show("done", kind="erased", held=held)

    def agree(self) -> ResponseReturnValue:
        """Remember this device: a button of its own, so that nobody agrees by the way."""
        self.face.own.agree(self._asking("agree"))
        return see("/status", device.ticket_text())

    def withdraw(self) -> ResponseReturnValue:
        """As easy as it was to agree (GDPR Art. 7(3))."""
        self.face.own.withdraw(self._asking("withdraw"))
        return see("/status", device.ticket_text())

    def _asking(self, does: str) -> Ticket:
        ticket = device.asking(self.face.admission)
        self.face.forms.check(ticket, does)
        return ticket


def let_in_again(face: Face, ticket: Ticket) -> Change | None:
    """Open a visit without a page for a device whose citizen agreed to that. None: show the page."""
    found = face.own.remembered(ticket, face.terms.current)
    if found is None or found.method not in face.admission.offered(ticket):
        return None
    try:
        change = face.admission.accept(ticket, Consent(found.terms_version, found.terms_language), remembered)
    except Forbidden:  # an old link, or the consent was taken back this very moment
        return None
    face.metrics.let_in(change.visit.method)
    return change


def keep_terms(face: Face) -> None:
    """Keep the words of the terms in force. Raises Conflict when accepted ones were changed."""
    own, current = face.own, face.terms.versions[face.terms.current]
    with own.store.begin() as tx:
        for language, terms in current.items():
            text = json.dumps(asdict(terms), ensure_ascii=False)
            tx.agreements.keep_terms(terms.version, language, text, own.clock.now())
