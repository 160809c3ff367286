"""What a citizen sees and may do while online: time left, data used, sign out, and all we know."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from flask.typing import ResponseReturnValue

from portal import device
from portal.face import Face
from portal.own_data import DEEDS
from portal.pages import see

_NOTHING = timedelta(0)


@dataclass(frozen=True, slots=True)
class Status:
    """The citizen's own data, shown to the device that it is about."""

    face: Face

    def install(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/status", view_func=self.status)
        app.add_url_rule("/sign-out", view_func=self.sign_out, methods=["POST"])
        app.add_url_rule("/signed-out", view_func=self.signed_out)

    def status(self) -> ResponseReturnValue:
        """Everything on one page, for the device that asks and for no other."""
        ticket = device.asking(self.face.admission)
        visit, now = self.face.admission.known(ticket), self.face.admission.clock.now()
        online = visit is not None and visit.is_active(now)
        left = visit.expires_at - now if visit is not None and online else _NOTHING
        tokens = {does: self.face.forms.make(ticket, does) for does in ("sign-out", *DEEDS)}
        own = self.face.own
        return self.face.pages.show(
            "status",
            visit=visit,
            online=online,
            left=left,
            tokens=tokens,
            agreement=own.standing(ticket),
            may_agree=own.may_agree(visit),
            law=own.profile,
        )

    def sign_out(self) -> ResponseReturnValue:
        """End the visit; the page that says so comes when the gateway has closed the door, or after 2 seconds."""
        ticket = device.asking(self.face.admission)
        self.face.forms.check(ticket, "sign-out")
        change = self.face.admission.sign_out(ticket)
        if change is not None:
            self.face.admission.wait_enforced(change)
        return see("/signed-out")

    def signed_out(self) -> ResponseReturnValue:
        """Good-bye, and the way back."""
        return self.face.pages.show("done", kind="signed_out")
