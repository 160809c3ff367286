"""What a citizen sees and may do while online: time left, data used, sign out, and all we know."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import Flask
from flask.typing import ResponseReturnValue

from portal import device
from portal.face import Face
from portal.own_visit import DEEDS
from portal.pages import see
from wifi_manager.domain.problem_reports import ProblemReport
from wifi_manager.domain.visits import DataLeft, Visit
from wifi_manager.wire.tickets import Ticket

_DEEDS = ("sign-out", "erase", *DEEDS)
_SOON = timedelta(hours=1)
_SOON_SHARE = 6  # of a short visit, its last sixth


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
        known, now = self.face.visiting.known(ticket), self.face.admission.clock.now()
        tokens = {does: self.face.forms.make(ticket, does) for does in _DEEDS}
        remember_days, law = self.face.remember_days, self.face.own.profile
        shown = {**_shown(known.visit, now), "answered": self._answered(ticket)}
        return self.face.pages.show(
            "status", known=known, tokens=tokens, remember_days=remember_days, law=law, **shown
        )

    def _answered(self, ticket: Ticket) -> ProblemReport | None:
        """The newest of this device's reports that city staff have answered."""
        return next((each for each in self.face.reporting.of(ticket) if each.answer), None)

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


def _shown(visit: Visit | None, now: datetime) -> dict[str, Any]:
    """What the page says of the newest visit."""
    if visit is None or not visit.is_active(now):
        return {"visit": visit, "online": False, "ended": None if visit is None else visit.ended(now)}
    left = visit.expires_at - now
    return {
        "visit": visit,
        "online": True,
        "left": left,
        "ends_soon": left <= min(_SOON, visit.plan.lifetime / _SOON_SHARE),
        "extended_until": visit.extended_until(),
        "data_left": _limits(visit.data_left()),
    }


def _limits(left: DataLeft) -> list[tuple[str, int]]:
    """Limits that there are, by the way that the data goes."""
    ways = (("both", left.both), ("up", left.up), ("down", left.down))
    return [(way, rest) for way, rest in ways if rest is not None]
