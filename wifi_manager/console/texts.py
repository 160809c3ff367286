"""Words for people, in one place: names of kinds, states and roles, and how figures and moments are written."""

from datetime import datetime, timedelta
from typing import Any

from flask import Flask

from wifi_manager.console import people
from wifi_manager.console.parts import parts
from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.domain.accounts import AccountState
from wifi_manager.domain.certificates import CertificateState
from wifi_manager.domain.drift import DriftState
from wifi_manager.domain.gateways import Standing
from wifi_manager.domain.intent_layers import LayerState
from wifi_manager.domain.observations import Health
from wifi_manager.domain.operators import Action, Operator, Role
from wifi_manager.domain.problem_reports import Access, ReportState, Trouble
from wifi_manager.domain.pushes import PushState
from wifi_manager.domain.quantities import say_bytes
from wifi_manager.domain.risk import Level, Touched, level_of
from wifi_manager.domain.rollouts import RolloutState
from wifi_manager.domain.sites import SiteKind
from wifi_manager.domain.visits import EndReason, Method

KINDS: dict[str, str] = {
    SiteKind.PARK: "Park",
    SiteKind.STREET: "Street",
    SiteKind.BUS: "Bus",
    SiteKind.BUS_STOP: "Bus stop",
    SiteKind.MARKET: "Market",
    SiteKind.HALL: "Public hall",
    SiteKind.WELFARE: "Welfare",
    SiteKind.CULTURE: "Culture and sports",
    SiteKind.OTHER: "Other",
}
LIFE_CYCLES: dict[str, str] = {
    LifeCycle.REGISTERED: "Registered",
    LifeCycle.MANAGED: "Managed",
    LifeCycle.RETIRED: "Retired",
}
ROLES: dict[str, str] = {Role.VIEWER: "Viewer", Role.OPERATOR: "Operator", Role.ADMIN: "Admin"}
ROLE_MEANINGS: dict[str, str] = {
    Role.VIEWER: "sees everything but secrets",
    Role.OPERATOR: "also changes the fleet",
    Role.ADMIN: "also manages operators",
}
HEALTHS: dict[str, str] = {Health.UP: "Up", Health.DOWN: "Down", Health.UNKNOWN: "Not known"}
PUSH_STATES: dict[str, str] = {
    PushState.PROPOSED: "Waits for approval",
    PushState.HELD: "Waits for its wave",
    PushState.APPROVED: "Approved",
    PushState.RUNNING: "Running",
    PushState.COMMITTED: "Committed",
    PushState.UNCHANGED: "Unchanged",
    PushState.UNDONE: "Undone",
    PushState.REFUSED: "Refused",
    PushState.CANCELLED: "Cancelled",
}
DRIFT_STATES: dict[str, str] = {DriftState.FOUND: "Differs", DriftState.IGNORED: "Ignored"}
ROLLOUT_STATES: dict[str, str] = {
    RolloutState.PLANNING: "Is being planned",
    RolloutState.PROPOSED: "Waits for approval",
    RolloutState.RUNNING: "Running",
    RolloutState.PAUSED: "Paused",
    RolloutState.HALTED: "Halted by itself",
    RolloutState.DONE: "Done",
    RolloutState.ABORTED: "Aborted",
}
LAYER_STATES: dict[str, str] = {
    LayerState.PROPOSED: "Waits for approval",
    LayerState.APPROVED: "In force",
    LayerState.REPLACED: "Replaced",
    LayerState.WITHDRAWN: "Withdrawn",
}
TOUCHED: dict[str, str] = {
    Touched.REACH: "How it is reached",
    Touched.CREDENTIALS: "Keys",
    Touched.RADIOS: "Radios",
    Touched.NETWORKS: "Networks",
    Touched.INNER: "Nothing that is seen outside",
}
RISKS: dict[str, str] = {Level.LOW: "Low risk", Level.MEDIUM: "Medium risk", Level.HIGH: "High risk"}
STANDINGS: dict[str, str] = {
    Standing.NOT_ENROLLED: "Not enrolled",
    Standing.SILENT: "Silent",
    Standing.BEHIND: "Behind",
    Standing.ENFORCING: "Enforcing",
}
CERTIFICATES: dict[str, str] = {
    CertificateState.WAITING: "Certificate is ordered",
    CertificateState.VALID: "Certificate valid",
    CertificateState.FAILING: "No new certificate",
    CertificateState.EXPIRED: "Certificate expired",
}
METHODS: dict[str, str] = {Method.CLICK_THROUGH: "One tap", Method.VOUCHER: "Voucher", Method.ACCOUNT: "Account"}
END_REASONS: dict[str, str] = {
    "": "Not ended yet",
    EndReason.SIGNED_OUT: "Signed out",
    EndReason.EXPIRED: "Time used up",
    EndReason.VOLUME_USED: "Volume used up",
    EndReason.ERASED: "Erased by the citizen",
    EndReason.ENDED_BY_OPERATOR: "Ended by an operator",
    EndReason.IDLE: "Idle for too long",
    EndReason.COPIED: "Device seen at two places",
    EndReason.BLOCKED: "Device blocked",
    EndReason.SIGNED_OUT_ELSEWHERE: "Signed out on another device",
    EndReason.REVOKED: "Voucher or account not good any more",
}
ACCOUNT_STATES: dict[str, str] = {
    AccountState.WAITING: "Waits for its citizen",
    AccountState.ACTIVE: "Active",
    AccountState.DISABLED: "Disabled",
}
TROUBLES: dict[str, str] = {
    Trouble.NO_INTERNET: "No internet",
    Trouble.SLOW: "Slow",
    Trouble.PAGE: "A page does not open",
    Trouble.CODE: "A code does not come",
    Trouble.SIGN_IN: "Cannot sign in",
    Trouble.OTHER: "Something else",
}
REPORT_STATES: dict[str, str] = {
    ReportState.OPEN: "Open",
    ReportState.ANSWERED: "Answered",
    ReportState.CLOSED: "Closed",
}
ACCESSES: dict[str, str] = {
    Access.UNKNOWN: "Not known: it came without a sign-in link",
    Access.NEVER: "It had no visit",
    Access.RUNNING: "Its visit was running",
    Access.BLOCKED: "It was blocked",
}
NOUNS = (
    "access point", "site", "gateway", "network", "push", "plan", "report", "visit", "block", "emergency", "passes",
    "operator", "face", "vouchers", "account", "rollout", "intent", "maintenance windows",
)  # fmt: skip
_WORDS = {
    "kinds": KINDS,
    "life_cycles": LIFE_CYCLES,
    "roles": ROLES,
    "role_meanings": ROLE_MEANINGS,
    "healths": HEALTHS,
    "push_states": PUSH_STATES,
    "drift_states": DRIFT_STATES,
    "rollout_states": ROLLOUT_STATES,
    "layer_states": LAYER_STATES,
    "touched": TOUCHED,
    "risks": RISKS,
    "standings": STANDINGS,
    "certificates": CERTIFICATES,
    "methods": METHODS,
    "end_reasons": END_REASONS,
    "account_states": ACCOUNT_STATES,
    "troubles": TROUBLES,
    "report_states": REPORT_STATES,
    "accesses": {
        **{name: f"Its last visit had ended: {said.lower()}" for name, said in END_REASONS.items()},
        **ACCESSES,
    },
}


def install(app: Flask) -> None:
    """Make the words and filters known to the templates."""
    app.add_template_filter(word, "word")
    app.add_template_filter(lambda count: f"{count:,}", "figure")
    app.add_template_filter(lambda moment: moment.astimezone(parts().time_zone).strftime("%Y-%m-%d %H:%M"), "moment")
    app.add_template_filter(datetime.isoformat, "iso")
    app.add_template_filter(lambda ratio: f"{100 * ratio:.1f} %", "part")
    app.add_template_filter(say_bytes, "bytes")
    app.add_template_filter(lambda score: level_of(score).value, "level")
    app.add_template_filter(lambda moment: duration(parts().clock.now() - moment), "age")
    app.add_template_filter(lambda seconds: duration(timedelta(seconds=seconds)), "duration")
    app.context_processor(_for_every_page)


def word(value: str, sort: str) -> str:
    """The word for a stored value; the value itself where nobody has named it yet."""
    return _WORDS[sort].get(value, value)


def duration(lasted: timedelta) -> str:
    """How long, in the two largest units: "3 d 4 h", "12 min". What has not begun lasted 0 s."""
    seconds = max(0, int(lasted.total_seconds()))
    minutes, hours, days = seconds // 60, seconds // 3600, seconds // 86400
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds} s"


def _for_every_page() -> dict[str, Any]:
    me = people.known()
    return {"city_name": parts().city_name, "me": me, **_allowed(me)}


def _allowed(me: Operator | None) -> dict[str, bool]:
    return {
        "is_admin": me is not None and me.may(Action.ADMINISTER),
        "may_change": me is not None and me.may(Action.CHANGE),
    }
