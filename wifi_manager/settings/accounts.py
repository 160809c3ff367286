"""[account]: what residents with an account may use."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class AccountSettings:
    """Accounts of residents: `wifi-manager account`. Offered where [portal] ways or a place names it."""

    plan: str = key(
        "",
        rules.text("a plan's name of at most 80 characters, or empty", ".{0,80}"),
        "Plan of whoever signs in with an account; empty: the plan of the place.",
        "resident",
    )
    devices_at_a_time: int = key(
        5, rules.whole_number(1, 100), "Devices that may be online with one account at the same time."
    )
    code_days: int = key(
        14,
        rules.whole_number(1, 365),
        "How long the one-time code works with which a citizen chooses a password.",
        unit="days",
    )
