"""[log]: what every process writes about itself."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class Log:
    """What every process writes to its standard error."""

    level: str = key(
        "INFO", rules.choice("DEBUG", "INFO", "WARNING", "ERROR"), "The least important event that is still written."
    )
    format: str = key(
        "json", rules.choice("json", "text"), "One JSON object a line for machines, or text for people."
    )
