"""Intent: the configuration that the city wants on one access point. Platform drivers render it.

A value of `Intent` can always be rendered: it is checked as a whole when it is made, and BadInput names every place
that is wrong at once, so that a form or a file can be mended in one go. What the law and a board allow on top of that
is in `intent_rules`, for such rules change and must not make what was approved under older ones unreadable.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from wifi_manager.domain.addresses import IpAddress
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_networks import RadiusServer, WirelessNetwork, network_problems, server_problems
from wifi_manager.domain.intent_radios import RadioIntent, radio_problems
from wifi_manager.domain.intent_services import (
    SERVER,
    AddressPool,
    Snmp,
    Syslog,
    pool_problems,
    snmp_problems,
    syslog_problems,
)

IpInterface = ipaddress.IPv4Interface | ipaddress.IPv6Interface
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

BANNER_BYTES_MAX = 2000
_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?")  # RFC 1123, 2.1: one label
_PORT = re.compile(r"[A-Za-z0-9._-]{1,15}")


@dataclass(frozen=True, slots=True)
class ManagementLine:
    """Where the access point itself is reached: address with prefix, its gateway, and the port with the cable.

    `vlan` None: untagged.
    """

    address: IpInterface
    gateway: IpAddress | None = None
    port: str = "eth0"
    vlan: int | None = None


@dataclass(frozen=True, slots=True)
class Air:
    """What an access point sends through the air: the same on most of a city's thousands."""

    radios: tuple[RadioIntent, ...]
    networks: tuple[WirelessNetwork, ...]
    radius: tuple[RadiusServer, ...]

    def radios_of(self, network: WirelessNetwork) -> tuple[RadioIntent, ...]:
        """The radios that a network is on, in the order of the access point's radios."""
        return radios_of(self.radios, network)

    def servers(self, names: tuple[str, ...]) -> tuple[RadiusServer, ...]:
        """The RADIUS servers of these names, in the order of the names: the first is asked first."""
        known = {server.name: server for server in self.radius}
        return tuple(known[name] for name in names)


@dataclass(frozen=True, slots=True)
class Intent:
    """All that is wanted on one access point. Raises BadInput with one line for each wrong place."""

    hostname: str
    management: ManagementLine
    ntp: tuple[str, ...] = ()
    radios: tuple[RadioIntent, ...] = ()
    networks: tuple[WirelessNetwork, ...] = ()
    outdoor: bool = False
    radius: tuple[RadiusServer, ...] = ()
    syslog: Syslog | None = None
    snmp: Snmp | None = None
    pools: tuple[AddressPool, ...] = ()
    banner: str = ""  # what whoever signs in to the access point reads first

    def __post_init__(self) -> None:
        """Check the whole."""
        if problems := list(_problems(self)):
            raise BadInput("\n".join(problems))

    @property
    def air(self) -> Air:
        """What it sends through the air."""
        return Air(self.radios, self.networks, self.radius)

    @property
    def vlans(self) -> tuple[int, ...]:
        """The VLANs of its networks, each once, the lowest first."""
        return tuple(sorted({network.vlan for network in self.networks if network.vlan is not None}))


def _problems(intent: Intent) -> Iterator[str]:
    if not _HOSTNAME.fullmatch(intent.hostname):
        yield "hostname: 1 to 63 letters, digits and hyphens, such as park-01; no hyphen at either end."
    yield from _management_problems(intent.management)
    for index, server in enumerate(intent.ntp):
        if not SERVER.fullmatch(server):
            yield f"ntp[{index}]: a host name or an address, such as time.example.net."
    yield from _air_problems(intent.radios, intent.radius, intent.networks, intent.management.vlan)
    yield from _service_problems(intent)


@lru_cache(maxsize=1024)  # most of thousands of access points send the same
def _air_problems(
    radios: tuple[RadioIntent, ...],
    radius: tuple[RadiusServer, ...],
    networks: tuple[WirelessNetwork, ...],
    management_vlan: int | None,
) -> tuple[str, ...]:
    problems = [*_twice("radios", radios), *_twice("networks", networks), *_twice("radius", radius)]
    for index, radio in enumerate(radios):
        problems.extend(radio_problems(f"radios[{index}]", radio))
    for index, server in enumerate(radius):
        problems.extend(server_problems(f"radius[{index}]", server))
    bands = {radio.name: radio.band for radio in radios}
    servers = {server.name: server for server in radius}
    for index, network in enumerate(networks):
        problems.extend(network_problems(f"networks[{index}]", network, bands, servers))
        if network.vlan is not None and network.vlan == management_vlan:
            problems.append(
                f"networks[{index}].vlan: {network.vlan} is the management's; leave it out to share that network."
            )
    return tuple(problems)


def radios_of(radios: tuple[RadioIntent, ...], network: WirelessNetwork) -> tuple[RadioIntent, ...]:
    """Those of the radios that a network is on."""
    return tuple(each for each in radios if each.name in network.radios or each.band in network.bands)


def _service_problems(intent: Intent) -> Iterator[str]:
    if intent.syslog is not None:
        yield from syslog_problems(intent.syslog)
    if intent.snmp is not None:
        yield from snmp_problems(intent.snmp)
    yield from _twice("pools", intent.pools)
    vlans = set(intent.vlans)
    for index, pool in enumerate(intent.pools):
        yield from pool_problems(f"pools[{index}]", pool, vlans)
        if pool.vlan in [other.vlan for other in intent.pools[:index]]:
            yield f"pools[{index}].vlan: VLAN {pool.vlan} has a pool already; one of them has to go."
    if problem := banner_problem(intent.banner):
        yield f"banner: {problem}"


def banner_problem(banner: str) -> str | None:
    """Why this cannot be a banner, or None. Lines and tabs are fine, what moves a terminal's cursor is not."""
    if any(unicodedata.category(each) == "Cs" for each in banner):
        return "not valid Unicode; type it again."
    if any(unicodedata.category(each) == "Cc" and each not in "\n\t" for each in banner):
        return "a control character other than a newline or a tab is not allowed; remove it."
    if len(banner.encode()) > BANNER_BYTES_MAX:
        return f"{len(banner.encode())} bytes of UTF-8; at most {BANNER_BYTES_MAX}."
    return None


def _twice(place: str, named: Sequence[RadioIntent | RadiusServer | WirelessNetwork | AddressPool]) -> Iterator[str]:
    names = [each.name for each in named]
    for index, name in enumerate(names):
        if name in names[:index]:
            yield f"{place}[{index}].name: {name!r} is used twice; give each its own."


@lru_cache(maxsize=64)  # a plan asks twice in a row: about what runs, and about what is wanted
def _management_problems(line: ManagementLine) -> tuple[str, ...]:
    return tuple(_wrong_with(line, line.address.ip, line.address.network))


def _wrong_with(line: ManagementLine, own: IpAddress, network: IpNetwork) -> Iterator[str]:
    if own.is_multicast or own.is_unspecified or own.is_loopback:
        yield f"management.address: {own} cannot be the address of an access point."
    elif network.prefixlen < network.max_prefixlen - 1 and own == network.network_address:
        yield f"management.address: {line.address} is the network itself; choose an address inside it."
    if line.gateway is not None and (line.gateway not in network or line.gateway == own):
        yield f"management.gateway: {line.gateway} is not another address inside {network}; it could not be reached."
    if not _PORT.fullmatch(line.port):
        yield "management.port: the name of a network port, such as eth0."
    if line.vlan is not None and line.vlan not in range(1, 4095):
        yield f"management.vlan: {line.vlan} is no VLAN; 1 to 4094 (IEEE 802.1Q)."
