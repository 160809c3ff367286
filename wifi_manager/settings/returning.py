"""[returning]: whether devices come back online without a page, and for how long."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class Returning:
    """Returning devices: citizens may agree to be online next time without a page."""

    remember_days: int = key(
        30,
        rules.whole_number(0, 365),
        "How long a device is remembered whose citizen ticked the box for it; 0: the box is not offered, and nobody "
        "comes in by an earlier one. Never longer than the city's law keeps `consents`.",
        unit="days",
    )
