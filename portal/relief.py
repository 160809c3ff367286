"""When something outside fails: a page that says so, with the other ways in and the pass that the city may give."""

import time
from dataclasses import dataclass
from http import HTTPStatus

from flask import Flask, request
from flask.typing import ResponseReturnValue

from portal import device
from portal.face import Face
from portal.sign_in import enter, given_consent
from wifi_manager.domain.visits import Method
from wifi_manager.wire.tickets import Ticket


@dataclass(frozen=True, slots=True)
class ReliefPages:
    """Where the short pass is taken. Its form is on pages that said that a way in fails, and nowhere else."""

    face: Face

    def install(self, app: Flask) -> None:
        """Add the view."""
        app.add_url_rule("/relief", view_func=self.relieve, methods=["POST"])

    def relieve(self) -> ResponseReturnValue:
        """Open a short visit."""
        started, face = time.perf_counter(), self.face
        face.metrics.reached("submitted")
        with face.metrics.counting_failures():
            ticket, failed = device.asking(face.admission), request.form.get("failed", "")
            consent = given_consent(face, ticket, _deed(failed))
            return enter(face, ticket, consent, face.relief.instead_of(Method(failed)), started)


def page(face: Face, ticket: Ticket, failed: Method) -> ResponseReturnValue:
    """503 (RFC 9110 section 15.6.4) with what the citizen can do now, for whoever asked for the way that failed."""
    face.metrics.relieved(failed)
    terms = face.terms.get(face.terms.current, face.pages.say().tag)
    deeds = {"connect": "connect", "relief": _deed(failed.value)}
    others = [each for each in face.admission.offered(ticket) if each is not failed]
    answer = face.pages.show(
        "relief",
        failed=failed,
        others=others,
        # Where one tap is enough, nobody needs a shorter visit.
        offer=None if Method.CLICK_THROUGH in others else face.relief.offer(ticket),
        terms=terms,
        tokens={name: face.forms.make(ticket, does, terms.version, terms.language) for name, does in deeds.items()},
        ticket=device.ticket_text(),
    )
    return answer.with_status(HTTPStatus.SERVICE_UNAVAILABLE)


def _deed(failed: str) -> str:
    return f"relief {failed}"
