"""Intent → OpenWrt's configuration files. Pure: the same Intent gives the same bytes, and no access point is asked.

Whole files are ours, all sections are named, and what is written is read back by a strict parser before it leaves.
"""

from functools import lru_cache

from provisioning.config_files import MANAGED, ConfigFiles
from provisioning.uci import Section, Value, format_sections, parse
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Encryption, Intent, RadioIntent, WirelessNetwork

_BANDS = {Band.GHZ_2_4: "2g", Band.GHZ_5: "5g", Band.GHZ_6: "6g"}
# OWE and SAE need protected management frames; hostapd itself would not notice that they are missing.
_ENCRYPTION: dict[Encryption, tuple[tuple[str, Value], ...]] = {
    Encryption.OPEN: (("encryption", "none"),),
    Encryption.OWE: (("encryption", "owe"), ("ieee80211w", "2")),
    Encryption.PSK2: (("encryption", "psk2+ccmp"), ("ieee80211w", "1")),
    Encryption.SAE: (("encryption", "sae"), ("ieee80211w", "2")),
}


def render(intent: Intent) -> ConfigFiles:
    """All files of an access point that this program owns. Raises BadInput naming section and option."""
    packages = {
        "etc/config/dhcp": _dhcp(),
        "etc/config/network": _network(intent),
        "etc/config/system": _system(intent),
        "etc/config/wireless": _wireless(intent),
    }
    content = {path: _checked(path, sections).encode() for path, sections in packages.items()}
    content[MANAGED] = "".join(f"{path}\n" for path in sorted([*content, MANAGED])).encode()
    return ConfigFiles(content)


def _checked(path: str, sections: tuple[Section, ...]) -> str:
    if len({section.name for section in sections}) != len(sections):
        raise BadInput(f"{path}: two sections have one name, so uci would join them; please report this.")
    return "\n" + "".join(map(_text, sections))


@lru_cache(maxsize=4096)
def _text(section: Section) -> str:
    """One section, read back. Most are the same on thousands of access points, and reading back takes the time."""
    text = format_sections((section,))
    if parse(text) != (section,):
        raise BadInput(f"{section.name}: reads back otherwise than it was meant; please report this with the Intent.")
    return text.removeprefix("\n")


def _section(kind: str, name: str, *options: tuple[str, Value | None]) -> Section:
    """A section without the options that have no value: uci cannot hold an empty one."""
    return Section(kind, name, tuple((option, value) for option, value in options if value))


def _system(intent: Intent) -> tuple[Section, ...]:
    return (
        _section("system", "system", ("hostname", intent.hostname), ("timezone", "UTC"), ("zonename", "UTC")),
        _section("timeserver", "ntp", ("enabled", "1" if intent.ntp else "0"), ("server", intent.ntp)),
    )


def _network(intent: Intent) -> tuple[Section, ...]:
    line = intent.management
    vlans = sorted({network.vlan for network in intent.networks if network.vlan is not None})
    return (
        _section("interface", "loopback", *_static("lo"), ("ipaddr", "127.0.0.1"), ("netmask", "255.0.0.0")),
        _bridge("br_lan", "br-lan", line.port),
        _section("interface", "lan", *_static("br-lan"), *_address(intent)),
        *(section for vlan in vlans for section in _vlan(vlan, line.port)),
    )


def _static(device: str) -> tuple[tuple[str, Value], ...]:
    return (("device", device), ("proto", "static"))


def _address(intent: Intent) -> tuple[tuple[str, Value | None], ...]:
    address, gateway = intent.management.address, intent.management.gateway
    way_out = str(gateway) if gateway else None
    if address.version == 6:  # noqa: PLR2004 - IP's version
        return (("ip6addr", str(address)), ("ip6gw", way_out))
    return (("ipaddr", str(address.ip)), ("netmask", str(address.netmask)), ("gateway", way_out))


def _bridge(name: str, device: str, port: str) -> Section:
    return _section("device", name, ("name", device), ("type", "bridge"), ("ports", (port,)))


def _vlan(vlan: int, port: str) -> tuple[Section, Section]:
    """A bridge for one VLAN of the cable, without an address: visitors cannot speak to the access point itself."""
    return (
        _bridge(f"br_vlan{vlan}", f"br-vlan{vlan}", f"{port}.{vlan}"),
        _section("interface", f"vlan{vlan}", ("device", f"br-vlan{vlan}"), ("proto", "none")),
    )


def _dhcp() -> tuple[Section, ...]:
    """The gateway gives out addresses; an access point that did so too would break the whole site."""
    return (_section("dhcp", "lan", ("interface", "lan"), ("ignore", "1")),)


def _wireless(intent: Intent) -> tuple[Section, ...]:
    cells = tuple(_cell(network, radio) for network in intent.networks for radio in network.radios)
    return (*map(_radio, intent.radios), *cells)


def _radio(radio: RadioIntent) -> Section:
    return _section(
        "wifi-device",
        radio.name,
        ("type", "mac80211"),
        ("path", radio.path),
        ("band", _BANDS[radio.band]),
        ("channel", str(radio.channel) if radio.channel else "auto"),
        ("htmode", f"HE{radio.width_mhz}"),
        ("country", radio.country),
    )


def _cell(network: WirelessNetwork, radio: str) -> Section:
    """One network on one radio; devices on it cannot see one another."""
    return _section(
        "wifi-iface",
        f"{network.name}_{radio}",
        ("device", radio),
        ("mode", "ap"),
        ("network", f"vlan{network.vlan}" if network.vlan is not None else "lan"),
        ("ssid", network.ssid),
        *_ENCRYPTION[network.encryption],
        ("key", network.key),
        ("isolate", "1"),
    )
