"""[relief]: what a citizen gets who cannot show their proof because something outside fails."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class Relief:
    """Short passes while text messages, the eID or a directory fail. Other ways in are offered in any case."""

    plan: str = key(
        "",
        rules.text("a plan's name of at most 80 characters, or empty", ".{0,80}"),
        "Plan of the pass that a citizen may take then. Empty: nobody gets in without a proof.",
        "relief",
    )
    a_day: int = key(2, rules.whole_number(1, 100), "Passes that one device may have a day.")
