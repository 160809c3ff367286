"""Intent → hostapd.conf, one text for each radio. Pure, as the renderer for OpenWrt is.

hostapd reads a line to its end and knows no quotes, so nothing that a person wrote may hold a newline, and the name
of a network is written as hexadecimal bytes. It does not notice where OWE or SAE lack protected management frames:
every kind says its own (`Security.pmf`).
"""

import hashlib
import re
from collections.abc import Iterable, Iterator

from provisioning.sharing import Making, at_once
from wifi_manager.domain import intent_networks as kinds
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Air, Intent
from wifi_manager.domain.intent_networks import (
    FastRoaming,
    Personal,
    RadiusServer,
    Security,
    WirelessNetwork,
    roaming_key,
)
from wifi_manager.domain.intent_radios import RadioIntent, block

Line = tuple[str, str | int]

MANAGEMENT_BRIDGE = "br-lan"
# Linux allows 15 characters, and a further BSS is written behind: _1, _15.
_INTERFACE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.-]{0,11}")
_HT40_BELOW = 7  # at 2.4 GHz, channels above have their second half below them
_CHANNEL_WIDTHS = {20: 0, 40: 0, 80: 1, 160: 2}  # vht_oper_chwidth and he_oper_chwidth
_OPERATING_CLASSES = {20: 131, 40: 132, 80: 133, 160: 134}  # IEEE 802.11ax-2021, table E-4: 6 GHz
_INDOOR, _OUTDOOR = "0x49", "0x4f"  # third byte of the country: I and O (IEEE 802.11-2020, 9.4.2.8)
_QUIET = 4  # warnings: what is less has addresses of phones in it
_HASH_TO_ELEMENT = {True: 1, False: 2}  # sae_pwe: 6 GHz allows nothing else; elsewhere older phones do without
_NAS_BYTES_MAX = 48  # IEEE 802.11-2020, 9.4.2.47: R0KH-ID
_SUITES: dict[type[Security], tuple[str, ...]] = {
    kinds.Owe: ("OWE",),
    kinds.Wpa2Personal: ("WPA-PSK",),
    kinds.Wpa3Personal: ("SAE",),
    kinds.Wpa2Wpa3Personal: ("WPA-PSK", "SAE"),
    kinds.Wpa3Enterprise: ("WPA-EAP-SHA256",),
    kinds.Wpa2Wpa3Enterprise: ("WPA-EAP", "WPA-EAP-SHA256"),
}
_FAST_SUITES: dict[type[Security], tuple[str, ...]] = {
    kinds.Wpa2Personal: ("FT-PSK",),
    kinds.Wpa3Personal: ("FT-SAE",),
    kinds.Wpa2Wpa3Personal: ("FT-PSK", "FT-SAE"),
    kinds.Wpa3Enterprise: ("FT-EAP",),
    kinds.Wpa2Wpa3Enterprise: ("FT-EAP",),
}


def interface_of(radio: RadioIntent) -> str:
    """The radio's first interface: its path where one is said, else wlan with its number. Raises BadInput."""
    name = radio.path or "wlan" + radio.name.lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz")
    if not _INTERFACE.fullmatch(name) or name == "wlan":
        raise BadInput(
            f"{radio.name}.path: on Linux, its interface such as wlan0, at most 12 letters; `iw dev` shows it."
        )
    return name


def bridge_of(network: WirelessNetwork) -> str:
    """The bridge that carries a network to the cable."""
    return MANAGEMENT_BRIDGE if network.vlan is None else f"br-vlan{network.vlan}"


def hostapd_conf(intent: Intent, radio: RadioIntent, made: Making = at_once) -> str:
    """One radio with all its networks; only a comment where it has none. Raises BadInput."""
    air = intent.air
    hostname = intent.hostname if any(map(_has_identifier, air.networks)) else ""  # without it, many have the same
    return made(_conf, air, radio, intent.outdoor, hostname)


def _conf(air: Air, radio: RadioIntent, outdoor: bool, hostname: str) -> str:  # noqa: FBT001 - `Making` hands in no names
    networks = [network for network in air.networks if radio in air.radios_of(network)]
    if not networks:
        return f"# no network is wanted on {radio.name}\n"
    cells = _cells(air, radio, hostname, networks)
    (first, lines), *others = cells
    said = [("interface", first), *_radio(radio, outdoor=outdoor), *lines]
    for interface, more in others:
        said += [("bss", interface), *more]
    return "".join(map(_text, said))


def _text(line: Line) -> str:
    word, value = line
    if any(each in str(value) for each in "\n\r\0"):
        raise BadInput(f"{word}: hostapd cannot be told a newline; please report this with the Intent.")
    return f"{word}={value}\n"


def _cells(
    air: Air, radio: RadioIntent, hostname: str, networks: Iterable[WirelessNetwork]
) -> list[tuple[str, list[Line]]]:
    """Each BSS of a radio with the interface that it gets: the radio's own, then that with _1, _2 behind it."""
    found: list[tuple[str, list[Line]]] = []
    own = interface_of(radio)

    def name(offset: int) -> str:
        number = len(found) + offset
        return f"{own}_{number}" if number else own

    for network in networks:
        if isinstance(network.security, kinds.OweTransition):
            seen, hidden = name(0), name(1)
            found += [
                (seen, [*_common(network), *_security(air, network), ("owe_transition_ifname", hidden)]),
                (hidden, [*_twin(network), ("owe_transition_ifname", seen)]),
            ]
        else:
            interface = name(0)
            identity = _nas(hostname, interface)
            lines = [*_common(network), *_security(air, network), *_roaming(air, network, identity)]
            found.append((interface, lines))
    return found


def _radio(radio: RadioIntent, *, outdoor: bool) -> Iterator[Line]:
    yield from (("driver", "nl80211"), ("ctrl_interface", "/run/hostapd"))
    yield from (("country_code", radio.country), ("ieee80211d", 1))
    yield "country3", _OUTDOOR if outdoor else _INDOOR
    yield "hw_mode", "g" if radio.band is Band.GHZ_2_4 else "a"
    yield from (("channel", radio.channel), ("wmm_enabled", 1), ("ieee80211ax", 1))
    if radio.band is Band.GHZ_6:
        yield "op_class", _OPERATING_CLASSES[radio.width_mhz]
    else:
        yield from _before_six_ghz(radio)
    if radio.band is not Band.GHZ_2_4:
        yield from _width(radio, "he")


def _before_six_ghz(radio: RadioIntent) -> Iterator[Line]:
    yield "ieee80211n", 1
    if radio.width_mhz > 20:  # noqa: PLR2004 - MHz, the narrowest
        yield "ht_capab", "[HT40+]" if _second_half_is_above(radio) else "[HT40-]"
    if radio.band is Band.GHZ_5:
        yield from (("ieee80211h", 1), ("ieee80211ac", 1))
        yield from _width(radio, "vht")


def _second_half_is_above(radio: RadioIntent) -> bool:
    if radio.channel == 0:
        return True
    if radio.band is Band.GHZ_2_4:
        return radio.channel <= _HT40_BELOW
    return block(radio.band, radio.channel, 40)[0] == radio.channel


def _width(radio: RadioIntent, generation: str) -> Iterator[Line]:
    """How wide, and the number of the middle; where the channel is chosen automatically, so is the middle."""
    yield f"{generation}_oper_chwidth", _CHANNEL_WIDTHS[radio.width_mhz]
    if radio.channel and radio.width_mhz > 20:  # noqa: PLR2004 - MHz, the narrowest
        taken = block(radio.band, radio.channel, radio.width_mhz)
        yield f"{generation}_oper_centr_freq_seg0_idx", (taken[0] + taken[-1]) // 2


def _common(network: WirelessNetwork) -> Iterator[Line]:
    yield from (("ssid2", network.ssid.encode().hex()), ("utf8_ssid", 1))
    yield from _air(network)
    if network.hidden:
        yield "ignore_broadcast_ssid", 1


def _twin(network: WirelessNetwork) -> Iterator[Line]:
    """The hidden OWE half of a transition (Wi-Fi Alliance, Opportunistic Wireless Encryption 1.1, 2.2)."""
    yield from (("ssid2", network.owe_twin.encode().hex()), ("utf8_ssid", 1))
    yield from _air(network)
    yield "ignore_broadcast_ssid", 1
    yield from _suites(kinds.Owe(), fast=False)


def _air(network: WirelessNetwork) -> Iterator[Line]:
    yield from (("logger_syslog_level", _QUIET), ("logger_stdout_level", _QUIET))
    yield "bridge", bridge_of(network)
    yield "ap_isolate", int(network.isolate)
    if network.max_stations is not None:
        yield "max_num_sta", network.max_stations
    if network.neighbour_reports:
        yield from (("rrm_neighbor_report", 1), ("rrm_beacon_report", 1))
    if network.bss_transition:
        yield "bss_transition", 1


def _security(air: Air, network: WirelessNetwork) -> Iterator[Line]:
    security = network.security
    if isinstance(security, kinds.Open | kinds.OweTransition):
        return
    yield from _suites(security, fast=network.fast_roaming is not None)
    if isinstance(security, kinds.PERSONAL):
        six_ghz = any(radio.band is Band.GHZ_6 for radio in air.radios_of(network))
        yield from _personal(security, six_ghz=six_ghz)
    elif isinstance(security, kinds.ENTERPRISE):
        yield "ieee8021x", 1
        yield from _servers("auth", air.servers(security.authentication))
        yield from _servers("acct", air.servers(security.accounting))


def _suites(security: Security, *, fast: bool) -> Iterator[Line]:
    kind = type(security)
    yield from (("wpa", 2), ("rsn_pairwise", "CCMP"))
    yield "wpa_key_mgmt", " ".join((*_SUITES[kind], *(_FAST_SUITES[kind] if fast else ())))
    yield "ieee80211w", security.pmf.value


def _personal(security: Personal, *, six_ghz: bool) -> Iterator[Line]:
    """The passphrase by the one word whose value hostapd takes as it is: `sae_password` would read |id= in it."""
    is_ready = len(security.key) == 64  # noqa: PLR2004 - hex digits of a finished key; a passphrase has at most 63
    yield "wpa_psk" if is_ready else "wpa_passphrase", security.key
    if not isinstance(security, kinds.Wpa2Personal):
        yield "sae_pwe", _HASH_TO_ELEMENT[six_ghz]
        if security.pmf is kinds.Pmf.OPTIONAL:
            yield "sae_require_mfp", 1


def _servers(word: str, servers: Iterable[RadiusServer]) -> Iterator[Line]:
    for server in servers:
        yield f"{word}_server_addr", str(server.address)
        yield f"{word}_server_port", server.port if word == "auth" else server.accounting_port
        yield f"{word}_server_shared_secret", server.secret


def _has_identifier(network: WirelessNetwork) -> bool:
    return network.fast_roaming is not None or isinstance(network.security, kinds.ENTERPRISE)


def _roaming(air: Air, network: WirelessNetwork, identifier: str) -> Iterator[Line]:
    fast = network.fast_roaming
    if _has_identifier(network):
        yield "nas_identifier", identifier
    if fast is not None:
        yield from _transition(network, fast)
        yield from _key_holders(roaming_key(network, {server.name: server for server in air.radius}))


def _nas(hostname: str, interface: str) -> str:
    """One of its own for every BSS; where the host's name is long, its digest instead."""
    said = f"{hostname}-{interface}"
    return (
        said if len(said) <= _NAS_BYTES_MAX else f"{hashlib.sha256(hostname.encode()).hexdigest()[:16]}-{interface}"
    )


def _transition(network: WirelessNetwork, fast: FastRoaming) -> Iterator[Line]:
    yield "mobility_domain", network.mobility_domain
    yield "ft_over_ds", int(fast.over_ds)
    yield "reassociation_deadline", fast.deadline_tu


def _key_holders(key: str | None) -> Iterator[Line]:
    """Any access point of the domain may ask any other: the key is the same, and they find one another by asking."""
    if key is None:
        yield "ft_psk_generate_local", 1
        return
    yield "pmk_r1_push", 1
    yield "r0kh", f"ff:ff:ff:ff:ff:ff * {key}"
    yield "r1kh", f"00:00:00:00:00:00 00:00:00:00:00:00 {key}"
