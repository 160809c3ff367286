"""[voucher]: what cards say, and how much guessing a place may see."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key


@dataclass(frozen=True, slots=True)
class VoucherSettings:
    """Codes on cards: `wifi-manager voucher`. The way in is offered where [portal] ways or a place names it."""

    network_name: str = key(
        "",
        rules.text("a network name (SSID) of at most 32 characters, or empty", ".{0,32}"),
        "Network that cards tell citizens to join; their QR code joins it. Empty: the QR code opens "
        "[portal] fresh_ticket_url.",
        "City WiFi",
    )
    failures_at_a_place: int = key(
        100,
        rules.whole_number(10, 10_000),
        "Wrong codes that all devices in one network of a gateway may type within 10 minutes before nobody's is "
        "looked at there any more.",
    )
