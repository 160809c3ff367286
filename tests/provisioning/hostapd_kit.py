"""One network of each kind that a city may want, and real hostapd without a radio to read what they make."""

import ipaddress
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.provisioning.kit import KEY, a_network, an_intent
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_networks import (
    FastRoaming,
    Owe,
    OweTransition,
    RadiusServer,
    WirelessNetwork,
    Wpa2Personal,
    Wpa2Wpa3Enterprise,
    Wpa2Wpa3Personal,
    Wpa3Enterprise,
    Wpa3Personal,
)
from wifi_manager.domain.intent_radios import RadioIntent

RADIUS = RadiusServer("main", ipaddress.ip_address("127.0.0.1"), "a-shared-secret-of-the-city")
RADIO = RadioIntent("radio0", Band.GHZ_2_4, "KR", 6)
FAST = FastRoaming()
NETWORKS: Mapping[str, WirelessNetwork] = {
    "open": a_network(),
    "owe": a_network(security=Owe()),
    "owe-transition": a_network(security=OweTransition()),
    "psk2": a_network(security=Wpa2Personal(KEY)),
    "sae": a_network(security=Wpa3Personal(KEY)),
    "sae-mixed": a_network(security=Wpa2Wpa3Personal(KEY)),
    "wpa3": a_network(security=Wpa3Enterprise(("main",))),
    "wpa3-mixed": a_network(security=Wpa2Wpa3Enterprise(("main",), ("main",))),
    "psk2-roaming": a_network(security=Wpa2Personal(KEY), fast_roaming=FAST),
    "sae-roaming": a_network(security=Wpa3Personal(KEY), fast_roaming=FAST),
    "sae-mixed-roaming": a_network(security=Wpa2Wpa3Personal(KEY), fast_roaming=FastRoaming(over_ds=True)),
    "wpa3-roaming": a_network(security=Wpa3Enterprise(("main",)), fast_roaming=FAST),
    "comforts": a_network(
        vlan=30, hidden=True, isolate=False, max_stations=40, neighbour_reports=True, bss_transition=True
    ),
    "ready-key": a_network(security=Wpa2Personal("0123456789abcdef" * 4)),
}


def an_access_point(*networks: WirelessNetwork, radio: RadioIntent = RADIO) -> Intent:
    """An intent with one radio and these networks."""
    return an_intent("192.168.77.10/24", *networks, radios=(radio,), radius=(RADIUS,))


@dataclass(frozen=True, slots=True)
class Heard:
    """What hostapd said of a file."""

    output: str

    @property
    def is_accepted(self) -> bool:
        """It read the file to its end and began to serve; without a radio it fails at a second BSS, then."""
        begun = "AP-ENABLED" in self.output or "Failed to add BSS" in self.output
        return begun and not re.search(r"^Line \d+|errors? found", self.output, re.MULTILINE)


def hostapd_without_a_radio(conf: str, folder: Path) -> Heard:
    """Real hostapd on this file, with the driver that needs no radio: it does not serve a second BSS or a country."""
    file = folder / "hostapd.conf"
    file.write_text(without_hardware(conf))
    said: list[str] = []
    command = ["hostapd", str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        assert process.stdout
        for line in process.stdout:
            said.append(line)
            if "AP-ENABLED" in line or "AP-DISABLED" in line:
                break
        process.kill()
    return Heard("".join(said))


def without_hardware(conf: str) -> str:
    """The same file for hostapd's driver `none`: no kernel is asked for radios, bridges, countries or sockets."""
    kernel = r"driver|ctrl_interface|bridge|country_code|country3|ieee80211[dh]"
    return "driver=none\n" + re.sub(rf"^({kernel})=.*\n", "", conf, flags=re.MULTILINE)
