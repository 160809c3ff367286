"""The package `wireless` of an OpenWrt access point: its radios, and each network on each of its radios."""

from collections.abc import Iterator

from provisioning.uci import Section, Value, section
from wifi_manager.domain import intent_networks as kinds
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Air
from wifi_manager.domain.intent_networks import FastRoaming, RadiusServer, Security, WirelessNetwork, roaming_key
from wifi_manager.domain.intent_radios import RadioIntent

Option = tuple[str, Value | None]

_BANDS = {Band.GHZ_2_4: "2g", Band.GHZ_5: "5g", Band.GHZ_6: "6g"}
_ENCRYPTION: dict[type[Security], str] = {
    kinds.Open: "none",
    kinds.Owe: "owe",
    kinds.OweTransition: "none",  # of the half that everybody sees
    kinds.Wpa2Personal: "psk2+ccmp",
    kinds.Wpa3Personal: "sae",
    kinds.Wpa2Wpa3Personal: "sae-mixed",
    kinds.Wpa3Enterprise: "wpa3",
    kinds.Wpa2Wpa3Enterprise: "wpa3-mixed",
}


def wireless(air: Air) -> tuple[Section, ...]:
    """All of the package. Raises BadInput for what OpenWrt cannot say."""
    cells = (cell for index, network in enumerate(air.networks) for cell in _cells(air, index, network))
    return (*map(_radio, air.radios), *cells)


def _radio(radio: RadioIntent) -> Section:
    return section(
        "wifi-device",
        radio.name,
        ("type", "mac80211"),
        ("path", radio.path),
        ("band", _BANDS[radio.band]),
        ("channel", str(radio.channel) if radio.channel else "auto"),
        ("htmode", f"HE{radio.width_mhz}"),
        ("country", radio.country),
        ("txpower", None if radio.power_dbm is None else str(radio.power_dbm)),
    )


def _cells(air: Air, index: int, network: WirelessNetwork) -> Iterator[Section]:
    """One network on each of its radios, in the order in which it names them."""
    options = (*_secured(f"networks[{index}]", air, network), *_comforts(network), *_roaming(air, network))
    for radio in _in_order(air, network):
        name = f"{network.name}_{radio.name}"
        if isinstance(network.security, kinds.OweTransition):
            seen, hidden = _interfaces(air, index, radio)
            yield _cell(name, radio, network, network.ssid, (*options, *_twin(seen, hidden)))
            secure = (*_protected(kinds.Owe()), *_comforts(network, hidden=True), *_twin(hidden, seen))
            yield _cell(f"{name}_owe", radio, network, network.owe_twin, secure)
        else:
            yield _cell(name, radio, network, network.ssid, options)


def _in_order(air: Air, network: WirelessNetwork) -> tuple[RadioIntent, ...]:
    known = {radio.name: radio for radio in air.radios_of(network)}
    return tuple(known[name] for name in network.radios) if network.radios else tuple(known.values())


def _interfaces(air: Air, index: int, radio: RadioIntent) -> tuple[str, str]:
    """Interfaces of both halves: each names the other's, so neither can have the name that OpenWrt would choose.

    Made of numbers, for Linux allows 15 characters.
    """
    name = f"w{air.radios.index(radio)}n{index}"
    return name, f"{name}owe"


def _twin(own: str, other: str) -> tuple[Option, ...]:
    return (("ifname", own), ("owe_transition_ifname", other))


def _cell(name: str, radio: RadioIntent, network: WirelessNetwork, ssid: str, options: tuple[Option, ...]) -> Section:
    return section(
        "wifi-iface",
        name,
        ("device", radio.name),
        ("mode", "ap"),
        ("network", f"vlan{network.vlan}" if network.vlan is not None else "lan"),
        ("ssid", ssid),
        *options,
    )


def _protected(security: Security) -> tuple[Option, ...]:
    """Encryption and protected management frames; hostapd itself would not notice that those are missing."""
    pmf = None if security.pmf is kinds.Pmf.OFF else str(security.pmf.value)
    return (("encryption", _ENCRYPTION[type(security)]), ("ieee80211w", pmf))


def _secured(place: str, air: Air, network: WirelessNetwork) -> tuple[Option, ...]:
    security = network.security
    if isinstance(security, kinds.PERSONAL):
        return (*_protected(security), ("key", security.key))
    if isinstance(security, kinds.ENTERPRISE):
        authentication = air.servers(security.authentication)
        accounting = air.servers(security.accounting)
        return (
            *_protected(security),
            *_servers(f"{place}.authentication", "auth", [(each, each.port) for each in authentication]),
            *_servers(f"{place}.accounting", "acct", [(each, each.accounting_port) for each in accounting]),
        )
    return _protected(security)


def _servers(place: str, word: str, servers: list[tuple[RadiusServer, int]]) -> tuple[Option, ...]:
    if not servers:
        return ()
    (first, port), *others = servers
    if any((other.secret, its_port) != (first.secret, port) for other, its_port in others):
        raise BadInput(f"{place}: OpenWrt has one port and one secret for all of them; make them equal or name one.")
    addresses = tuple(str(server.address) for server, _ in servers)
    return (
        (f"{word}_server", addresses if others else addresses[0]),
        (f"{word}_port", str(port)),
        (f"{word}_secret", first.secret),
    )


def _comforts(network: WirelessNetwork, *, hidden: bool = False) -> tuple[Option, ...]:
    return (
        ("isolate", "1" if network.isolate else None),
        ("hidden", "1" if hidden or network.hidden else None),
        ("maxassoc", None if network.max_stations is None else str(network.max_stations)),
        ("ieee80211k", "1" if network.neighbour_reports else None),
        ("bss_transition", "1" if network.bss_transition else None),
    )


def _roaming(air: Air, network: WirelessNetwork) -> tuple[Option, ...]:
    if network.fast_roaming is None:
        return ()
    return (*_transition(network, network.fast_roaming), *_key_holders(air, network))


def _transition(network: WirelessNetwork, roaming: FastRoaming) -> tuple[Option, ...]:
    return (
        ("ieee80211r", "1"),
        ("mobility_domain", network.mobility_domain),
        ("ft_over_ds", str(int(roaming.over_ds))),
        ("reassociation_deadline", str(roaming.deadline_tu)),
    )


def _key_holders(air: Air, network: WirelessNetwork) -> tuple[Option, ...]:
    """Any access point of the domain may ask any other: the key is the same, and they find one another by asking."""
    key = roaming_key(network, {server.name: server for server in air.radius})
    if key is None:
        return (("ft_psk_generate_local", "1"),)
    return (
        ("ft_psk_generate_local", "0"),
        ("pmk_r1_push", "1"),
        ("r0kh", (f"ff:ff:ff:ff:ff:ff,*,{key}",)),
        ("r1kh", (f"00:00:00:00:00:00,00:00:00:00:00:00,{key}",)),
    )
