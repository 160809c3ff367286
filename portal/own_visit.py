"""What a citizen does with their visit: extend it, end those of other devices, have this one remembered or not."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask
from flask.typing import ResponseReturnValue

from portal import device
from portal.face import Face
from portal.pages import see
from wifi_manager.services.admission import ENFORCED_WITHIN_SECONDS
from wifi_manager.services.opening import Change
from wifi_manager.wire.tickets import Ticket

DEEDS = ("extend", "sign-out-others", "remember", "forget")  # each has a form with a token of its own


@dataclass(frozen=True, slots=True)
class OwnVisit:
    """Deeds of the status page; each leads back to it, and a repeat changes nothing more."""

    face: Face

    def install(self, app: Flask) -> None:
        """Add the views."""
        for does, view in zip(DEEDS, (self.extend, self.sign_out_others, self.remember, self.forget), strict=True):
            app.add_url_rule(f"/{does}", does, view, methods=["POST"])

    def extend(self) -> ResponseReturnValue:
        """Let the visit last longer."""
        change = self.face.visiting.extend(self._asking("extend"))
        return self._back([] if change is None else [change])

    def sign_out_others(self) -> ResponseReturnValue:
        """End the visits of the citizen's other devices."""
        return self._back(self.face.visiting.sign_out_others(self._asking("sign-out-others")))

    def remember(self) -> ResponseReturnValue:
        """From now on this device comes back without a page."""
        self.face.visiting.remember(self._asking("remember"), self.face.pages.say().tag)
        return self._back([])

    def forget(self) -> ResponseReturnValue:
        """From now on this device is shown the first page again."""
        self.face.visiting.forget(self._asking("forget"))
        return self._back([])

    def _asking(self, does: str) -> Ticket:
        ticket = device.asking(self.face.admission)
        self.face.forms.check(ticket, does)
        return ticket

    def _back(self, changes: Iterable[Change]) -> ResponseReturnValue:
        """The status page, when the gateways have done it or after 2 seconds in all."""
        waited = list(changes)
        for change in waited:
            self.face.admission.wait_enforced(change, ENFORCED_WITHIN_SECONDS / len(waited))
        return see("/status", device.ticket_text())
