"""Networks of every kind at once on one simulated radio, a RADIUS server, and a station for each way to join."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from provisioning.hostapd_rendering import hostapd_conf
from provisioning.platforms import LINUX, helper_of
from tests.lab.air import Air
from tests.lab.authority import Authority
from tests.provisioning.hostapd_kit import NETWORKS, RADIO, RADIUS, an_access_point
from tests.provisioning.kit import KEY
from wifi_manager.domain.intent_networks import WirelessNetwork

PASSWORD = "a-password-of-one-citizen"
FOLDER = "/tmp/air"
_PSK, _SAE = f'psk="{KEY}"', f'sae_password="{KEY}"'
_EAP = (
    f'eap=TTLS identity="citizen" password="{PASSWORD}" phase2="auth=PAP" ca_cert="{FOLDER}/ca.pem" '
    'domain_match="radius.city.example"'
)


@dataclass(frozen=True, slots=True)
class Station:
    """A device that joins the network of this kind. `said`: what wpa_supplicant calls the way it came in."""

    kind: str
    asks: str
    said: str


STATIONS: Mapping[str, Station] = {
    "open": Station("open", "key_mgmt=NONE", "NONE"),
    "owe": Station("owe", "key_mgmt=OWE ieee80211w=2", "OWE"),
    "owe-transition, a new phone": Station("owe-transition", "key_mgmt=OWE ieee80211w=2", "OWE"),
    "owe-transition, an old phone": Station("owe-transition", "key_mgmt=NONE", "NONE"),
    "psk2": Station("psk2", f"key_mgmt=WPA-PSK {_PSK}", "WPA2-PSK"),
    "sae": Station("sae", f"key_mgmt=SAE {_SAE} ieee80211w=2", "SAE"),
    "sae-mixed, a new phone": Station("sae-mixed", f"key_mgmt=SAE {_SAE} ieee80211w=2", "SAE"),
    "sae-mixed, an old phone": Station("sae-mixed", f"key_mgmt=WPA-PSK {_PSK}", "WPA2-PSK"),
    "wpa3": Station("wpa3", f"key_mgmt=WPA-EAP-SHA256 {_EAP} ieee80211w=2", "WPA2-EAP-SHA256"),
    "wpa3-mixed, an old phone": Station("wpa3-mixed", f"key_mgmt=WPA-EAP {_EAP}", "WPA2/IEEE 802.1X/EAP"),
    "psk2-roaming": Station("psk2-roaming", f"key_mgmt=FT-PSK {_PSK}", "FT-PSK"),
    "sae-roaming": Station("sae-roaming", f"key_mgmt=FT-SAE {_SAE} ieee80211w=2", "FT-SAE"),
    "wpa3-roaming": Station("wpa3-roaming", f"key_mgmt=FT-EAP {_EAP} ieee80211w=2", "FT-EAP"),
}


def network(kind: str) -> WirelessNetwork:
    """The network of a kind, by a name of its own in the air."""
    name = f"n{list(NETWORKS).index(kind)}"
    return dataclasses.replace(NETWORKS[kind], name=name, ssid=f"시청 {kind}", isolate=True)


def conf(kinds: list[str]) -> str:
    """The radio's hostapd.conf with these kinds, as the city's own renderer makes it."""
    return hostapd_conf(an_access_point(*map(network, kinds)), RADIO)


def radius_server(authority: Authority) -> str:
    """A script that starts one: hostapd's own, with a certificate of the lab."""
    certificate = authority.certificate("radius.city.example")
    server = (
        f"driver=none\ninterface=lo\neap_server=1\neap_user_file={FOLDER}/users\n"
        f"radius_server_clients={FOLDER}/clients\nradius_server_auth_port=1812\n"
        f"ca_cert={FOLDER}/ca.pem\nserver_cert={FOLDER}/server.pem\nprivate_key={FOLDER}/server.key\n"
    )
    files = {
        "ca.pem": authority.root.read_text(),
        "server.pem": certificate.chain.read_text(),
        "server.key": certificate.key.read_text(),
        "users": f'* TTLS\n"citizen" TTLS-PAP "{PASSWORD}" [2]\n',
        "clients": f"127.0.0.1 {RADIUS.secret}\n",
        "radius.conf": server,
    }
    all_files = "".join(written(name, text) for name, text in files.items())
    return f"{all_files}hostapd -B -t -f {FOLDER}/radius.log {FOLDER}/radius.conf\n"


def installed() -> str:
    """A script that puts the helper where enrolment would."""
    files = "".join(written(f"/etc/prov/{name}", data.decode()) for name, data in helper_of(LINUX).items())
    return f"mkdir -p /etc/prov /run/hostapd {FOLDER}\n{files}chmod 700 /etc/prov/prov\n"


def access_point(text: str, interface: str) -> str:
    """A script that starts hostapd with this file, given the addresses that the helper would give."""
    own = f"{FOLDER}/{interface}"
    return (
        f"{written(f'{interface}.conf', text)}"
        "ip link show br-lan >/dev/null 2>&1 || ip link add br-lan type bridge\nip link set br-lan up\n"
        f"(. /etc/prov/platform; with_addresses {interface} <{own}.conf >{own}.run)\n"
        f"hostapd -B -t -f {own}.log {own}.run || cat {own}.log\n"
    )


def join(stations: Mapping[str, Station], first: int) -> str:
    """A script with which all of them join at once, on the radios from wlanFIRST on; done when they have joined.

    On a busy machine a handshake may come too late for either side: who is not there after a minute begins anew.
    """
    words, files = [], []
    for number, station in enumerate(stations.values(), first):
        asks = "\n".join(["scan_freq=2437", f"ssid={network(station.kind).ssid.encode().hex()}", *_asked(station)])
        text = f"ctrl_interface=/run/wpa\nnetwork={{\n{asks}\n}}\n"
        files.append(written(f"wlan{number}.conf", text))
        words.append(f"-i wlan{number} -c {FOLDER}/wlan{number}.conf -D nl80211")
    log = f"{FOLDER}/stations.log"
    return (
        f"{''.join(files)}rm -f {log}\nwpa_supplicant -B -t -P /run/stations.pid -f {log} {' -N '.join(words)}\n"
        f"i=0; until [ $(grep -c CTRL-EVENT-CONNECTED {log}) -ge {len(stations)} ] || [ $i -gt 60 ]; "
        "do sleep 1; i=$((i+1)); done\n"
        f"for round in 1 2 3 4; do late=; for n in $(seq {first} {first + len(stations) - 1}); do\n"
        "wpa_cli -p /run/wpa -i wlan$n status | grep -q wpa_state=COMPLETED"
        " || { late=1; for word in disconnect reconnect; do wpa_cli -p /run/wpa -i wlan$n $word; done; }\n"
        'done; [ -n "$late" ] || break; sleep 12; done >/dev/null\n'
    )


def _asked(station: Station) -> list[str]:
    """One a line, at the spaces outside of quotes (no value here has any inside)."""
    return station.asks.split(" ")


def statuses(air: Air, stations: Mapping[str, Station], first: int) -> dict[str, dict[str, str]]:
    """What wpa_supplicant says of each station."""
    said = air.run(
        "".join(
            f"echo '# {number}'; wpa_cli -p /run/wpa -i wlan{number} status\n"
            for number in range(first, first + len(stations))
        )
    )
    parts = said.split("# ")[1:]
    return {name: status(part) for name, part in zip(stations, parts, strict=True)}


def status(said: str) -> dict[str, str]:
    """What wpa_cli's `status` said, by its words."""
    return dict(line.split("=", 1) for line in said.splitlines() if "=" in line)


def written(name: str, text: str) -> str:
    """A script that writes a file."""
    end = f"END_OF_{Path(name).name}"  # a file may itself be a script with files in it
    return f"cat >{Path(FOLDER, name)} <<'{end}'\n{text}{end}\n"
