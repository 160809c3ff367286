"""Words for people, in one place: names of kinds, states and roles, and how figures and moments are written."""

from datetime import datetime
from typing import Any

from flask import Flask

from wifi_manager.console import people
from wifi_manager.console.parts import parts
from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.domain.operators import Action, Role
from wifi_manager.domain.sites import SiteKind

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
NOUNS = ("access point", "site", "gateway", "plan", "operator")
_WORDS = {"kinds": KINDS, "life_cycles": LIFE_CYCLES, "roles": ROLES, "role_meanings": ROLE_MEANINGS}


def install(app: Flask) -> None:
    """Make the words and filters known to the templates."""
    app.add_template_filter(word, "word")
    app.add_template_filter(lambda count: f"{count:,}", "figure")
    app.add_template_filter(lambda moment: moment.astimezone(parts().time_zone).strftime("%Y-%m-%d %H:%M"), "moment")
    app.add_template_filter(datetime.isoformat, "iso")
    app.context_processor(_for_every_page)


def word(value: str, sort: str) -> str:
    """The word for a stored value; the value itself where nobody has named it yet."""
    return _WORDS[sort].get(value, value)


def _for_every_page() -> dict[str, Any]:
    me = people.known()
    return {"city_name": parts().city_name, "me": me, "is_admin": me is not None and me.may(Action.ADMINISTER)}
