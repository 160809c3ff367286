"""[reports] and [emergency]: what citizens may report, and what they get where a place is open in an emergency."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class Reports:
    """Problems that citizens report on the portal. They are erased by the city's law (`reports`)."""

    device_a_day: int = key(5, rules.whole_number(1, 100), "Reports that one device may send in 24 hours.")
    place_an_hour: int = key(
        60,
        rules.whole_number(1, 10_000),
        "Reports that are taken of one site an hour, and of all together who come without a sign-in link.",
    )


@dataclass(frozen=True, slots=True)
class Emergency:
    """Places that an admin opens to everybody: `wifi-manager emergency open`."""

    plan: str = key(
        "",
        rules.text("the name of a plan, or empty", ".{0,80}"),
        "Plan of whoever signs in with one tap there meanwhile; empty: the place's usual one.",
        "hour",
    )
