"""Golden files of Linux access points, one a kind of network. `python -m tests.provisioning.hostapd_golden` writes."""

from pathlib import Path

from provisioning.linux_rendering import LINES, render
from tests.provisioning.hostapd_kit import NETWORKS, an_access_point
from tests.provisioning.kit import a_network
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.intent_networks import Owe, Wpa3Personal
from wifi_manager.domain.intent_radios import RadioIntent

GOLDEN = Path(__file__).parents[1] / "golden" / "hostapd"
_CONF = "etc/hostapd/radio0.conf"


def golden() -> dict[str, str]:
    """All golden files by name."""
    kinds = {f"{kind}.conf": render(an_access_point(network)).text(_CONF) for kind, network in NETWORKS.items()}
    wide = RadioIntent("radio0", Band.GHZ_5, "KR", 36, 80, power_dbm=17)
    six = RadioIntent("radio0", Band.GHZ_6, "KR", 37, 160, "wlp2s0")
    secure = a_network(security=Wpa3Personal("correct horse battery staple"))
    city = (a_network(vlan=30), a_network(name="secure", ssid="시청 공공와이파이", security=Owe(), vlan=30))
    whole = render(an_access_point(*city, radio=wide))
    return kinds | {
        "5-ghz.conf": whole.text(_CONF),
        "6-ghz.conf": render(an_access_point(secure, radio=six)).text(_CONF),
        "lines": whole.text(LINES),
    }


if __name__ == "__main__":
    for name, text in golden().items():
        (GOLDEN / name).write_text(text, encoding="utf-8")
