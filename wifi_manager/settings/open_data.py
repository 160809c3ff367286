"""[open_data]: the list of hotspots that everybody may read, and the page that finds one."""

from dataclasses import dataclass

from wifi_manager.settings import rules
from wifi_manager.settings.rules import key

_KINDS = "park|street|bus|bus_stop|market|hall|welfare|culture|other"


@dataclass(frozen=True, slots=True)
class OpenDataSettings:
    """Hotspots as open data: files and the page `/hotspots` of the portal, and `wifi-manager fleet publish`."""

    enabled: bool = key(
        True,
        rules.yes_or_no(),
        "Whether the portal serves the list of hotspots and the page that finds one.",
        False,
    )
    hidden_kinds: tuple[str, ...] = key(
        (),
        rules.some_texts(f"a list of {_KINDS.replace('|', ', ')}", _KINDS),
        "Kinds of site that are left out, such as shelters whose address is nobody's business.",
        ("welfare",),
    )
    tells_available: bool = key(
        False,
        rules.yes_or_no(),
        "Whether the list says of each site if any of its access points works now. Only sites whose access points "
        "are looked at have an answer.",
        True,
    )
    ssids: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of names of Wi-Fi networks, at most 32 letters each", "[^;,]{1,32}"),
        "Names of the Wi-Fi that citizens find at these places.",
        ("City WiFi", "City WiFi Secure"),
    )
    also_columns: tuple[str, ...] = key(
        (),
        rules.some_texts("a list of names of CSV mappings in configs/mappings", "[a-z0-9][a-z0-9-]{0,39}"),
        "The list as CSV in these columns as well, at /hotspots-NAME.csv. A mapping named like the city is always "
        "among them.",
        ("seoul",),
    )
    coverage: bool = key(
        False,
        rules.yes_or_no(),
        "Whether the portal serves the map of coverage as tiles, `/coverage/ZOOM/X/Y.png`.",
        True,
    )
    licence: str = key(
        "",
        rules.text("at most 120 characters", ".{0,120}"),
        "Under which licence everybody may use the list; the page shows it.",
        "CC BY 4.0",
    )
    fresh_seconds: int = key(
        60,
        rules.whole_number(1, 86_400),
        "A file or an index that was made within so many seconds is not made again.",
        unit="s",
    )
