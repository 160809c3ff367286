"""[passes]: short passes that gateways give by themselves."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class Passes:
    """What a gateway gives newcomers by itself while control is away: a short pass each, without a sign-in."""

    lifetime_seconds: int = key(
        0, rules.whole_number(0, 3600), "How long one pass lasts; 0: nobody gets in meanwhile.", 600, unit="s"
    )
    an_hour: int = key(1, rules.whole_number(1, 60), "Passes that one device may have an hour.")
    down_bps: int = key(2_000_000, rules.whole_number(8_000, 10**10), "Speed to the phone.", unit="bit/s")
    up_bps: int = key(1_000_000, rules.whole_number(8_000, 10**10), "Speed from the phone.", unit="bit/s")
    volume_bytes: int = key(
        100_000_000, rules.whole_number(1, 10**12), "Data of one pass in both directions together.", unit="bytes"
    )
