"""What the files of a Linux access point say in the words of an intent: those that our own renderer writes.

hostapd.conf knows no names of networks. A BSS is the network that is wanted at its place on the radio; one at a place
where none is wanted has no name, and is left to whoever compares.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from provisioning.config_files import ConfigFiles
from provisioning.hostapd_rendering import MANAGEMENT_BRIDGE
from provisioning.linux_rendering import LINES
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_networks import OweTransition

_RADIO_FILE = re.compile(r"etc/hostapd/(.+)\.conf")
_KINDS = {
    frozenset({"OWE"}): "owe",
    frozenset({"WPA-PSK"}): "psk2",
    frozenset({"SAE"}): "sae",
    frozenset({"WPA-PSK", "SAE"}): "sae-mixed",
    frozenset({"WPA-EAP-SHA256"}): "wpa3",
    frozenset({"WPA-EAP", "WPA-EAP-SHA256"}): "wpa3-mixed",
}
_WIDTHS_BY_CLASS = {"131": 20, "132": 40, "133": 80, "134": 160}  # as the renderer has them
_WIDTHS = {"1": 80, "2": 160}
_NONE = "-"
Words = Mapping[str, str]
Places = Mapping[tuple[str, int], str]  # names of networks by radio and place


@dataclass(frozen=True, slots=True)
class _Radio:
    """A file of hostapd: what it says of the radio with its first BSS, and each BSS by its place."""

    words: Words = field(repr=False)  # it has keys
    cells: Mapping[int, Words] = field(repr=False)


def places(intent: Intent) -> Places:
    """Where the intent's networks are on its radios; the hidden half of an OWE transition has a place and no name."""
    found = {}
    for radio in intent.radios:
        place = 0
        for network in intent.networks:
            if radio in intent.air.radios_of(network):
                found[radio.name, place] = network.name
                place += 2 if isinstance(network.security, OweTransition) else 1
    return found


def said(files: ConfigFiles, known: Places) -> dict[str, Any]:
    """The part of an intent that these files say, tables by their names; without what cannot be understood."""
    radios = dict(_radios(files))
    powers = {interface: _number(dbm) for interface, dbm in _orders(files, "power", 2)}
    time_servers = re.search(r"^NTP=(.+)$", files.text("etc/systemd/timesyncd.conf.d/city.conf"), re.MULTILINE)
    return {
        **_known(hostname=files.text("etc/hostname").strip() or None, banner=files.text("etc/motd") or None),
        "ntp": time_servers[1].split() if time_servers else [],
        "management": _management(files),
        "radios": {name: _radio(each.words, powers) for name, each in radios.items()},
        "networks": _networks(radios, known),
    }


def _radios(files: ConfigFiles) -> Iterator[tuple[str, _Radio]]:
    for path in sorted(files.content):
        if named := _RADIO_FILE.fullmatch(path):
            yield named[1], _read(files.text(path))


def _read(text: str) -> _Radio:
    cells: dict[int, dict[str, str]] = {}
    cell: dict[str, str] = {}
    for line in text.splitlines():
        word, is_said, value = line.partition("=")
        if word in {"interface", "bss"} and is_said:
            cell = cells.setdefault(_place(value), {})
        cell[word] = value
    return _Radio(cells.get(0, {}), cells)


def _place(interface: str) -> int:
    return _number(interface.rpartition("_")[2]) or 0


def _management(files: ConfigFiles) -> dict[str, Any]:
    for name, port, vlan, address, gateway in _orders(files, "bridge", 5):
        if name == MANAGEMENT_BRIDGE:
            way_out = None if gateway == _NONE else gateway
            return _known(port=port, vlan=_number(vlan), address=address, gateway=way_out)
    return {}


def _orders(files: ConfigFiles, word: str, size: int) -> Iterator[list[str]]:
    for line in files.text(LINES).splitlines():
        first, *rest = line.split(" ")
        if first == word and len(rest) == size:
            yield rest


def _radio(words: Words, powers: Mapping[str, int | None]) -> dict[str, Any]:
    return _known(
        path=words.get("interface"),
        band=_band(words),
        country=words.get("country_code"),
        channel=_number(words.get("channel")),
        width_mhz=_width(words) if words else None,
        power_dbm=powers.get(words.get("interface", "")),
    )


def _band(words: Words) -> str | None:
    if words.get("hw_mode") == "g":
        return "2.4"
    return None if not words else "6" if "op_class" in words else "5"


def _width(words: Words) -> int | None:
    if "op_class" in words:
        return _WIDTHS_BY_CLASS.get(words["op_class"])
    return _WIDTHS.get(words.get("he_oper_chwidth", ""), 40 if "ht_capab" in words else 20)


def _networks(radios: Mapping[str, _Radio], known: Places) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for radio, each in radios.items():
        for place, words in sorted(each.cells.items()):
            if name := known.get((radio, place)):
                found.setdefault(name, {**_network(words), "radios": []})["radios"].append(radio)
    return found


def _network(words: Words) -> dict[str, Any]:
    bridge = words.get("bridge", "")
    return _known(
        ssid=_text(words.get("ssid2", "")),
        encryption=_kind(words),
        key=words.get("wpa_passphrase", words.get("wpa_psk")),
        vlan=_number(bridge.removeprefix("br-vlan")),
        isolate=words.get("ap_isolate") == "1",
        hidden=words.get("ignore_broadcast_ssid") == "1",
        max_stations=_number(words.get("max_num_sta")),
        ieee80211k=words.get("rrm_neighbor_report") == "1",
        ieee80211v=words.get("bss_transition") == "1",
    )


def _kind(words: Words) -> str | None:
    if "wpa" not in words:
        return "owe-transition" if "owe_transition_ifname" in words else "open"
    suites = words.get("wpa_key_mgmt", "").split()
    return _KINDS.get(frozenset(each for each in suites if not each.startswith("FT-")))


def _text(hexadecimal: str) -> str | None:
    try:
        return bytes.fromhex(hexadecimal).decode()
    except ValueError:
        return None


def _number(text: str | None) -> int | None:
    return int(text) if text and text.isascii() and text.isdecimal() else None


def _known(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
