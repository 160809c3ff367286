"""Wireless networks as they are wanted: one class for each way of protecting what is sent through the air.

Who renders or reads an intent asks the class and its constants, and never compares words.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import ClassVar

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.addresses import IpAddress

SSID_BYTES_MAX = 32  # IEEE 802.11-2020, 9.4.2.2: bytes, not characters
STATIONS_MAX = 2007  # IEEE 802.11-2020, 9.4.1.8: association IDs
_DEADLINE_TU = range(1000, 65536)  # IEEE 802.11-2020, 9.4.2.47; hostapd takes no less than 1000
_PORTS = range(1, 65536)
_WORD = re.compile(r"[A-Za-z0-9]{1,15}")  # no _: it joins network and radio to a section's name
_PASSPHRASE = re.compile(r"[ -~]{8,63}")  # IEEE 802.11-2020, J.4.1: 8 to 63 printable ASCII characters
_READY_KEY = re.compile(r"[0-9A-Fa-f]{64}")  # the same, worked out: 256 bits
_SHARED_SECRET = re.compile(r"[!-~]{1,128}")  # RFC 2865, 3, asks for 16 characters or more; older servers have less


class Pmf(IntEnum):
    """Protected management frames (IEEE 802.11w), by the numbers that hostapd and OpenWrt give them."""

    OFF = 0
    OPTIONAL = 1
    REQUIRED = 2


@dataclass(frozen=True, slots=True)
class Open:
    """Anybody may join, and anybody can listen."""

    word: ClassVar[str] = "open"
    pmf: ClassVar[Pmf] = Pmf.OFF
    six_ghz: ClassVar[bool] = False
    may_roam_fast: ClassVar[bool] = False  # 802.11r needs a key


@dataclass(frozen=True, slots=True)
class Owe:
    """Anybody may join, and each link has a key of its own (RFC 8110, Wi-Fi Enhanced Open)."""

    word: ClassVar[str] = "owe"
    pmf: ClassVar[Pmf] = Pmf.REQUIRED
    six_ghz: ClassVar[bool] = True
    may_roam_fast: ClassVar[bool] = False  # no fast transition is defined for it


@dataclass(frozen=True, slots=True)
class OweTransition:
    """An open network that leads devices that can to a hidden OWE twin of it. Each names the other in its beacons."""

    word: ClassVar[str] = "owe-transition"
    pmf: ClassVar[Pmf] = Pmf.OFF  # of the open half; the twin is Owe
    six_ghz: ClassVar[bool] = False
    may_roam_fast: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Wpa2Personal:
    """One passphrase for all, WPA2: for devices that cannot do better."""

    key: str = field(repr=False)
    word: ClassVar[str] = "psk2"
    pmf: ClassVar[Pmf] = Pmf.OPTIONAL
    six_ghz: ClassVar[bool] = False
    may_roam_fast: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Wpa3Personal:
    """One passphrase for all, WPA3 (SAE): nobody can guess it from what was heard."""

    key: str = field(repr=False)
    word: ClassVar[str] = "sae"
    pmf: ClassVar[Pmf] = Pmf.REQUIRED
    six_ghz: ClassVar[bool] = True
    may_roam_fast: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Wpa2Wpa3Personal:
    """One passphrase, WPA3 for devices that can and WPA2 for the others."""

    key: str = field(repr=False)
    word: ClassVar[str] = "sae-mixed"
    pmf: ClassVar[Pmf] = Pmf.OPTIONAL
    six_ghz: ClassVar[bool] = False
    may_roam_fast: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Wpa3Enterprise:
    """Each person signs in by their own account, which RADIUS servers check. Both are names of `Intent.radius`."""

    authentication: tuple[str, ...]
    accounting: tuple[str, ...] = ()
    word: ClassVar[str] = "wpa3"
    pmf: ClassVar[Pmf] = Pmf.REQUIRED
    six_ghz: ClassVar[bool] = True
    may_roam_fast: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Wpa2Wpa3Enterprise:
    """The same, and devices without WPA3 sign in by WPA2."""

    authentication: tuple[str, ...]
    accounting: tuple[str, ...] = ()
    word: ClassVar[str] = "wpa3-mixed"
    pmf: ClassVar[Pmf] = Pmf.OPTIONAL
    six_ghz: ClassVar[bool] = False
    may_roam_fast: ClassVar[bool] = True


Keyless = Open | Owe | OweTransition
Personal = Wpa2Personal | Wpa3Personal | Wpa2Wpa3Personal
Enterprise = Wpa3Enterprise | Wpa2Wpa3Enterprise
Security = Keyless | Personal | Enterprise
KEYLESS = (Open, Owe, OweTransition)
PERSONAL = (Wpa2Personal, Wpa3Personal, Wpa2Wpa3Personal)
ENTERPRISE = (Wpa3Enterprise, Wpa2Wpa3Enterprise)
KINDS: Mapping[str, type[Security]] = {kind.word: kind for kind in (*KEYLESS, *PERSONAL, *ENTERPRISE)}


@dataclass(frozen=True, slots=True)
class RadiusServer:
    """One RADIUS server (RFC 2865, RFC 2866). `port` is for authentication; the secret is in no repr."""

    name: str
    address: IpAddress
    secret: str = field(repr=False)
    port: int = 1812
    accounting_port: int = 1813


@dataclass(frozen=True, slots=True)
class FastRoaming:
    """802.11r: a device goes to the next access point without a whole sign-in. `deadline_tu`: units of 1.024 ms."""

    over_ds: bool = False  # through the access point it leaves, over the cable, rather than through the air
    deadline_tu: int = 20000


@dataclass(frozen=True, slots=True)
class WirelessNetwork:
    """One network name on some radios: those that are named, or all of some bands.

    `vlan` None puts it on the management network. Devices cannot see one another unless `isolate` is False.
    """

    name: str
    ssid: str
    security: Security
    radios: tuple[str, ...] = ()
    bands: tuple[Band, ...] = ()
    vlan: int | None = None
    hidden: bool = False
    isolate: bool = True
    max_stations: int | None = None  # on each radio
    fast_roaming: FastRoaming | None = None
    neighbour_reports: bool = False  # 802.11k
    bss_transition: bool = False  # 802.11v

    @property
    def mobility_domain(self) -> str:
        """Four hex digits, the same on all access points with this network name (IEEE 802.11-2020, 9.4.2.46)."""
        return hashlib.sha256(b"mobility domain\0" + self.ssid.encode()).hexdigest()[:4]

    @property
    def owe_twin(self) -> str:
        """Name of the hidden half of an OWE transition, the same on all access points with this network name."""
        return "owe-" + hashlib.sha256(b"owe twin\0" + self.ssid.encode()).hexdigest()[:16]

    @property
    def ssids(self) -> tuple[str, ...]:
        """The names that it sends on each radio; each is a BSS."""
        return (self.ssid, self.owe_twin) if isinstance(self.security, OweTransition) else (self.ssid,)


def roaming_key(network: WirelessNetwork, servers: Mapping[str, RadiusServer]) -> str | None:
    """64 hex digits that let access points hand devices over (802.11r), or None where each works them out alone.

    It follows from the network's name and its passphrase or the first RADIUS server's secret, so that all access
    points come to the same one. With WPA2 and a passphrase each derives what it needs from the passphrase.
    """
    if network.fast_roaming is None or isinstance(network.security, (*KEYLESS, Wpa2Personal)):
        return None
    if isinstance(network.security, ENTERPRISE):
        secret = servers[network.security.authentication[0]].secret
    else:
        secret = network.security.key
    return hashlib.sha256(b"802.11r\0" + network.ssid.encode() + b"\0" + secret.encode()).hexdigest()


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


def key_problem(security: Personal) -> str | None:
    """Why its key cannot be used, or None; never says the key."""
    if _PASSPHRASE.fullmatch(security.key):
        return None
    if not _READY_KEY.fullmatch(security.key):
        return "8 to 63 printable ASCII characters; this one is not shown here."
    if isinstance(security, Wpa2Personal):
        return None
    return f"64 hex digits are a finished key, and {security.word} needs the passphrase itself: 8 to 63 characters."


def network_problems(
    place: str, network: WirelessNetwork, bands: Mapping[str, Band], servers: Mapping[str, RadiusServer]
) -> Iterator[str]:
    """What is wrong with it on an access point with these radios and RADIUS servers."""
    if not _WORD.fullmatch(network.name):
        yield f"{place}.name: 1 to 15 letters and digits, such as visitors."
    if problem := ssid_problem(network.ssid):
        yield f"{place}.ssid: {problem}"
    yield from _security_problems(place, network, servers)
    if network.vlan is not None and network.vlan not in range(1, 4095):
        yield f"{place}.vlan: {network.vlan} is no VLAN; 1 to 4094 (IEEE 802.1Q)."
    if network.max_stations is not None and network.max_stations not in range(1, STATIONS_MAX + 1):
        yield f"{place}.max_stations: {network.max_stations} is not possible; 1 to {STATIONS_MAX} on each radio."
    yield from _radio_problems(place, network, bands)
    yield from _roaming_problems(place, network)


def _security_problems(place: str, network: WirelessNetwork, servers: Mapping[str, RadiusServer]) -> Iterator[str]:
    security = network.security
    if isinstance(security, PERSONAL):
        if problem := key_problem(security):
            yield f"{place}.key: {problem}"
    elif isinstance(security, ENTERPRISE):
        if not security.authentication:
            yield f"{place}.authentication: {security.word} needs a RADIUS server; name one of [[radius]]."
        for word, names in (("authentication", security.authentication), ("accounting", security.accounting)):
            for name in names:
                if name not in servers:
                    yield f"{place}.{word}: there is no RADIUS server {name!r}; known: {_known(servers)}."


def _radio_problems(place: str, network: WirelessNetwork, bands: Mapping[str, Band]) -> Iterator[str]:
    if network.radios and network.bands:
        yield f"{place}.bands: say radios or bands, not both; bands = {{ absent = true }} takes a wider layer's away."
    if not network.radios and not network.bands:
        yield f"{place}.radios: name at least one radio or band, or leave the network out."
    for name in network.radios:
        if name not in bands:
            yield f"{place}.radios: there is no radio {name!r}; known: {_known(bands)}."
    on = {*network.bands, *(bands[name] for name in network.radios if name in bands)}
    if not network.security.six_ghz and Band.GHZ_6 in on:
        allowed = ", ".join(word for word, kind in KINDS.items() if kind.six_ghz)
        yield f"{place}.encryption: 6 GHz allows {allowed} only (WPA3 specification); make it a network of its own."


def _roaming_problems(place: str, network: WirelessNetwork) -> Iterator[str]:
    roaming = network.fast_roaming
    if roaming is None:
        return
    if not network.security.may_roam_fast:
        yield f"{place}.ieee80211r: {network.security.word} has no key to hand over (802.11r); remove it."
    if roaming.deadline_tu not in _DEADLINE_TU:
        yield f"{place}.reassociation_deadline: {roaming.deadline_tu} is not possible; 1000 to 65535 (of 1.024 ms)."


def server_problems(place: str, server: RadiusServer) -> Iterator[str]:
    """What is wrong with a RADIUS server; never says its secret."""
    if not _WORD.fullmatch(server.name):
        yield f"{place}.name: 1 to 15 letters and digits, such as main."
    if server.address.is_unspecified or server.address.is_multicast:
        yield f"{place}.address: {server.address} cannot be the address of a server."
    for word, port in (("port", server.port), ("accounting_port", server.accounting_port)):
        if port not in _PORTS:
            yield f"{place}.{word}: {port} is no port; 1 to 65535."
    if not _SHARED_SECRET.fullmatch(server.secret):
        yield f"{place}.secret: 1 to 128 printable ASCII characters without spaces; this one is not shown here."


def _known(names: Mapping[str, object]) -> str:
    return ", ".join(sorted(names)) or "none"
