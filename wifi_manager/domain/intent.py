"""Intent: the configuration that the city wants on one access point. Platform drivers render it.

A value of `Intent` is always usable: it is checked as a whole when it is made, and BadInput names every place that is
wrong at once, so that a form or a file can be mended in one go.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.addresses import IpAddress
from wifi_manager.domain.errors import BadInput

IpInterface = ipaddress.IPv4Interface | ipaddress.IPv6Interface

SSID_BYTES_MAX = 32  # IEEE 802.11-2020, 9.4.2.2: bytes, not characters
CHANNELS = {
    Band.GHZ_2_4: frozenset(range(1, 14)),
    Band.GHZ_5: frozenset([*range(36, 65, 4), *range(100, 145, 4), *range(149, 178, 4)]),
    Band.GHZ_6: frozenset(range(1, 234, 4)),
}
WIDTHS_MHZ = {
    Band.GHZ_2_4: frozenset({20, 40}),
    Band.GHZ_5: frozenset({20, 40, 80, 160}),
    Band.GHZ_6: frozenset({20, 40, 80, 160}),
}
_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")  # RFC 1123, 2.1: one label
_WORD = re.compile(r"[A-Za-z0-9]{1,15}")  # no _: it joins network and radio to a section's name
_PORT = re.compile(r"[A-Za-z0-9._-]{1,15}")
_PLATFORM_PATH = re.compile(r"[A-Za-z0-9/._:+-]{1,200}")
_SERVER = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_COUNTRY = re.compile(r"[A-Z]{2}")
_PASSPHRASE = re.compile(r"[ -~]{8,63}")  # IEEE 802.11-2020, J.4.1: 8 to 63 printable ASCII characters


class Encryption(StrEnum):
    """How a wireless network protects what is sent through the air."""

    OPEN = "open"
    OWE = "owe"  # RFC 8110: encrypted without a key
    PSK2 = "psk2"  # WPA2 with a passphrase
    SAE = "sae"  # WPA3 with a password


_WITH_KEY = frozenset({Encryption.PSK2, Encryption.SAE})
_WPA3_ONLY = frozenset({Encryption.OWE, Encryption.SAE})  # what the Wi-Fi Alliance allows on 6 GHz


@dataclass(frozen=True, slots=True)
class ManagementLine:
    """Where the access point itself is reached: address with prefix, its gateway, and the port with the cable."""

    address: IpInterface
    gateway: IpAddress | None = None
    port: str = "eth0"


@dataclass(frozen=True, slots=True)
class RadioIntent:
    """One transmitter. `channel` 0: automatic; `country`: an ISO 3166-1 code; `path`: the platform's own name."""

    name: str
    band: Band
    country: str
    channel: int = 0
    width_mhz: int = 20
    path: str = ""


@dataclass(frozen=True, slots=True)
class WirelessNetwork:
    """One network name on some radios. `vlan` None puts it on the management network; the key is in no repr."""

    name: str
    ssid: str
    encryption: Encryption
    radios: tuple[str, ...]
    key: str | None = field(default=None, repr=False)
    vlan: int | None = None


@dataclass(frozen=True, slots=True)
class Intent:
    """All that is wanted on one access point. Raises BadInput with one line for each wrong place."""

    hostname: str
    management: ManagementLine
    ntp: tuple[str, ...] = ()
    radios: tuple[RadioIntent, ...] = ()
    networks: tuple[WirelessNetwork, ...] = ()

    def __post_init__(self) -> None:
        """Check the whole."""
        if problems := list(_problems(self)):
            raise BadInput("\n".join(problems))


def _problems(intent: Intent) -> Iterator[str]:
    if not _HOSTNAME.fullmatch(intent.hostname):
        yield "hostname: 1 to 63 letters, digits and hyphens, such as park-01; no hyphen at either end."
    yield from _management_problems(intent.management)
    for index, server in enumerate(intent.ntp):
        if not _SERVER.fullmatch(server):
            yield f"ntp[{index}]: a host name or an address, such as time.example.net."
    yield from _twice("radios", [radio.name for radio in intent.radios])
    yield from _twice("networks", [network.name for network in intent.networks])
    for index, radio in enumerate(intent.radios):
        yield from _radio_problems(f"radios[{index}]", radio)
    bands = {radio.name: radio.band for radio in intent.radios}
    for index, network in enumerate(intent.networks):
        yield from _network_problems(f"networks[{index}]", network, bands)


def _twice(place: str, names: list[str]) -> Iterator[str]:
    for index, name in enumerate(names):
        if name in names[:index]:
            yield f"{place}[{index}].name: {name!r} is used twice; give each its own."


def _management_problems(line: ManagementLine) -> Iterator[str]:
    network = line.address.network
    if line.address.ip.is_multicast or line.address.ip.is_unspecified or line.address.ip.is_loopback:
        yield f"management.address: {line.address.ip} cannot be the address of an access point."
    elif network.prefixlen < network.max_prefixlen - 1 and line.address.ip == network.network_address:
        yield f"management.address: {line.address} is the network itself; choose an address inside it."
    if line.gateway is not None and (line.gateway not in network or line.gateway == line.address.ip):
        yield f"management.gateway: {line.gateway} is not another address inside {network}; it could not be reached."
    if not _PORT.fullmatch(line.port):
        yield "management.port: the name of a network port, such as eth0."


def _radio_problems(place: str, radio: RadioIntent) -> Iterator[str]:
    if not _WORD.fullmatch(radio.name):
        yield f"{place}.name: 1 to 15 letters and digits, such as radio0."
    if not _COUNTRY.fullmatch(radio.country):
        yield f"{place}.country: two capital letters, such as KR; it decides what the radio may send."
    if radio.channel and radio.channel not in CHANNELS[radio.band]:
        yield f"{place}.channel: {radio.channel} is no channel of the {radio.band} GHz band; 0 chooses automatically."
    if radio.width_mhz not in WIDTHS_MHZ[radio.band]:
        allowed = ", ".join(map(str, sorted(WIDTHS_MHZ[radio.band])))
        yield f"{place}.width_mhz: {radio.width_mhz} is not possible at {radio.band} GHz; one of {allowed}."
    if radio.path and not _PLATFORM_PATH.fullmatch(radio.path):
        yield f"{place}.path: the platform's path of the radio, such as platform/soc/18000000.wifi."


def _network_problems(place: str, network: WirelessNetwork, bands: dict[str, Band]) -> Iterator[str]:
    if not _WORD.fullmatch(network.name):
        yield f"{place}.name: 1 to 15 letters and digits, such as visitors."
    if problem := ssid_problem(network.ssid):
        yield f"{place}.ssid: {problem}"
    yield from _key_problems(place, network)
    if network.vlan is not None and network.vlan not in range(1, 4095):
        yield f"{place}.vlan: {network.vlan} is no VLAN; 1 to 4094 (IEEE 802.1Q)."
    if not network.radios:
        yield f"{place}.radios: name at least one radio, or leave the network out."
    yield from _missing_radios(place, network.radios, bands)
    if network.encryption not in _WPA3_ONLY and any(bands.get(name) is Band.GHZ_6 for name in network.radios):
        yield f"{place}.encryption: 6 GHz allows owe and sae only."


def _missing_radios(place: str, names: Iterable[str], bands: dict[str, Band]) -> Iterator[str]:
    for name in names:
        if name not in bands:
            yield f"{place}.radios: there is no radio {name!r}; known: {', '.join(sorted(bands)) or 'none'}."


def ssid_problem(ssid: str) -> str | None:
    """Why this cannot be a network's name, or None. Counts bytes of UTF-8, as IEEE 802.11 does."""
    try:
        size = len(ssid.encode())
    except UnicodeEncodeError:
        return "not valid Unicode; type it again."
    if "\n" in ssid or "\r" in ssid:
        return "a newline is not allowed in a network's name; write it on one line."
    if any(unicodedata.category(character) == "Cc" for character in ssid):
        return "a control character is not allowed in a network's name; remove it."
    if not 1 <= size <= SSID_BYTES_MAX:
        return f"{size} bytes of UTF-8; a network's name has 1 to {SSID_BYTES_MAX} (a Hangul syllable is 3 bytes)."
    return None


def _key_problems(place: str, network: WirelessNetwork) -> Iterator[str]:
    if network.encryption not in _WITH_KEY:
        if network.key is not None:
            yield f"{place}.key: {network.encryption} has no key; remove it, or choose psk2 or sae."
    elif network.key is None:
        yield f"{place}.key: {network.encryption} needs a key of 8 to 63 characters."
    elif not _PASSPHRASE.fullmatch(network.key):
        yield f"{place}.key: 8 to 63 printable ASCII characters; this one is not shown here."
