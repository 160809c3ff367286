"""From the tap to the open network: commit, wait for the gateway's acknowledgement, then a real navigation.

Phones look for the internet again when a page is loaded, so no page says "online" before the firewall is open.
"""

import re
import time
from dataclasses import dataclass

from flask import Flask
from flask.typing import ResponseReturnValue

from portal import asked, device, said
from portal.asked import Crowd
from portal.face import Face
from portal.pages import see
from wifi_manager.domain.blocks import Blocked
from wifi_manager.domain.visits import Consent
from wifi_manager.services.admission import Prove, one_tap
from wifi_manager.services.opening import Change
from wifi_manager.wire.tickets import Ticket

REFRESH_SECONDS = 2
GIVE_UP_SECONDS = 20
_LAST_TRY = GIVE_UP_SECONDS // REFRESH_SECONDS
_FEW = re.compile("[0-9]{1,3}")
_GLANCE_SECONDS = 0.5  # other citizens' sign-ins move the revision on all the time: a moment's wait catches up


@dataclass(frozen=True, slots=True)
class SignIn:
    """The one-tap way, and the pages on which every way ends."""

    face: Face

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/connect", view_func=self.connect, methods=["POST"])
        app.add_url_rule("/connecting", view_func=self.connecting)
        app.add_url_rule("/connected", view_func=self.connected)

    def of_crowds(self) -> Crowd:
        """What everybody comes by."""
        return {
            ("POST", "/connect"): self.connect,
            ("GET", "/connecting"): self.connecting,
            ("GET", "/connected"): self.connected,
        }

    def connect(self) -> ResponseReturnValue:
        """The tap. A second one, the back button or a reload leads to the same visit."""
        started = time.perf_counter()
        self.face.metrics.reached("submitted")
        with self.face.metrics.counting_failures():
            ticket = device.asking(self.face.admission)
            return enter(self.face, ticket, given_consent(self.face, ticket, "connect"), one_tap, started)

    def connecting(self) -> ResponseReturnValue:
        """Looks again every 2 seconds, and gives up politely after 20."""
        present = self.face.admission.present(device.asking(self.face.admission))
        if present is None:
            return see("/", device.ticket_text())
        if self.face.admission.wait_enforced(present, _GLANCE_SECONDS):
            return see("/connected", device.ticket_text())
        said_tries = asked.now().query.get("n", "")
        tries = int(said_tries) if _FEW.fullmatch(said_tries) else 1
        if tries < _LAST_TRY:
            return self.face.pages.show("connecting", next_try=tries + 1, seconds=REFRESH_SECONDS)
        self.face.metrics.failed("gateway")
        return self.face.pages.show("late")

    def connected(self) -> ResponseReturnValue:
        """A small page to stay on: phones close their sign-in window when they find the internet behind it."""
        present = self.face.admission.present(device.asking(self.face.admission))
        if present is None:
            return see("/", device.ticket_text())
        left = present.visit.expires_at - self.face.admission.clock.now()
        return self.face.pages.show_sheet("connected", {"left": said.span(left, self.face.pages.say())})


def given_consent(face: Face, ticket: Ticket, does: str) -> Consent:
    """What the citizen had before their eyes: the token of this deed's form vouches for it. Raises Forbidden."""
    form = asked.now().form
    shown = Consent(form.get("terms", ""), form.get("language", ""))
    face.forms.check(ticket, does, shown.terms_version, shown.language)
    return shown


def enter(face: Face, ticket: Ticket, consent: Consent, prove: Prove, started: float) -> ResponseReturnValue:
    """Open the visit that this proof allows and lead on. `started` (performance counter): when the proof arrived.

    A form with visit/remember_box.html in it has the device remembered where its citizen ticked that.

    Raises what `Admission.accept` and the proof raise.
    """
    try:
        change = face.admission.accept(ticket, consent, prove, remember=_wants_to_be_remembered())
    except Blocked:
        return see("/", device.ticket_text())  # which says so, and whom to ask
    face.metrics.let_in(change.visit.method)
    return answer(face, change, started)


def _wants_to_be_remembered() -> bool:
    return asked.now().form.get("remember") == "yes"


def answer(face: Face, change: Change, started: float | None = None) -> ResponseReturnValue:
    """Wait for the gateway and lead on. `started` (performance counter): when a tap arrived, to be measured."""
    enforced = face.admission.wait_enforced(change)
    if started is not None:
        face.metrics.answered(time.perf_counter() - started, enforced=enforced)
    return see("/connected" if enforced else "/connecting", device.ticket_text())
