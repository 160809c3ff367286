"""The citizen's rights as pages: a copy of all we know, and have it deleted."""

import json
from dataclasses import asdict, dataclass

from flask import Flask, Response
from flask.typing import ResponseReturnValue

from portal import device
from portal.face import Face
from portal.pages import see

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

    def export(self) -> ResponseReturnValue:
        """All that is kept, as a file to keep (GDPR Art. 15 and 20)."""
        found = self.face.own.export(device.asking(self.face.admission))
        text = json.dumps(found, ensure_ascii=False, indent=2, default=str)
        answer = Response(text, content_type="application/json; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="{_FILE}"'
        return answer

    def erase(self) -> ResponseReturnValue:
        """End the visit and forget the device."""
        ticket = device.asking(self.face.admission)
        self.face.forms.check(ticket, "erase")
        change = self.face.admission.erase(ticket)
        if change is not None:
            self.face.admission.wait_enforced(change)
        return see("/erased")

    def erased(self) -> ResponseReturnValue:
        """Says that it is done, and what the law holds all the same."""
        held = {kind: self.face.own.profile.keep[kind] for kind in sorted(self.face.admission.held)}
        return self.face.pages.show("done", kind="erased", held=held)


def keep_terms(face: Face) -> None:
    """Keep the words of the terms in force. Raises Conflict when accepted ones were changed."""
    own, current = face.own, face.terms.versions[face.terms.current]
    with own.store.begin() as tx:
        for language, terms in current.items():
            text = json.dumps(asdict(terms), ensure_ascii=False)
            tx.accepted_terms.keep(terms.version, language, text, own.clock.now())
