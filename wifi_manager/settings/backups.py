"""[backups]: how long configurations that ran on access points are kept."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class Backups:
    """Every configuration found running on an access point is kept, sealed; `wifi-manager tidy` forgets old ones."""

    kept_count: int = key(
        20,
        rules.whole_number(1, 1000),
        "How many of each access point at most. The newest, and the one that is wanted, always stay.",
    )
    kept_days: int = key(
        365, rules.whole_number(1, 3650), "For how long after it was last seen running.", unit="days"
    )
