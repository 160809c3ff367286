"""What an access point does beside its radios: it logs, answers to SNMP, and in places gives out addresses."""

import ipaddress
import re
from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from enum import StrEnum

SERVER = re.compile(r"[A-Za-z0-9.:-]{1,253}")
_WORD = re.compile(r"[A-Za-z0-9]{1,15}")
_PORTS = range(1, 65536)
_COMMUNITY = re.compile(r"[A-Za-z0-9._~@%^*+=:-]{8,32}")  # no quotes, # or spaces: snmpd.conf has words on lines
_SNMP_KEY = re.compile(r"[A-Za-z0-9._~@%^*+=:-]{8,64}")  # RFC 3414, 11.2: at least 8
_USER = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,31}")
_LINE = re.compile(r"[^\x00-\x1f\x7f-\x9f\ud800-\udfff]{0,200}")
_HTTPS = re.compile(r"https://[A-Za-z0-9._-]+(:[0-9]{1,5})?(/[!-+\--;=?-~]*)?")  # no comma: it parts DHCP options
_LEASE_MINUTES = range(2, 60 * 24 * 7 + 1)  # dnsmasq takes no less than two minutes
_URL_BYTES_MAX = 255  # a DHCP option's length is one byte (RFC 2132, 2)


class SyslogProtocol(StrEnum):
    """How log lines travel."""

    UDP = "udp"
    TCP = "tcp"


@dataclass(frozen=True, slots=True)
class Syslog:
    """Where the access point sends its log (RFC 5424 servers take it)."""

    host: str
    port: int = 514
    protocol: SyslogProtocol = SyslogProtocol.UDP


@dataclass(frozen=True, slots=True)
class Snmp:
    """Reading by SNMP: version 3 for a user with two keys, version 2c for those in `sources` who know the community.

    Version 3 is authPriv of RFC 3414 and RFC 3826: HMAC-SHA-96 and AES-128. No secret is in a repr.
    """

    community: str = field(default="", repr=False)
    sources: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    location: str = ""
    contact: str = ""
    enabled: bool = True
    user: str = ""
    auth_key: str = field(default="", repr=False)
    privacy_key: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class AddressPool:
    """Addresses that the access point itself gives out in a VLAN, where no gateway does.

    `captive_api` is told to devices as RFC 8910 has it (DHCP option 114).
    """

    name: str
    vlan: int
    address: ipaddress.IPv4Interface  # the access point's own in that VLAN
    first: ipaddress.IPv4Address
    last: ipaddress.IPv4Address
    router: ipaddress.IPv4Address
    dns: tuple[ipaddress.IPv4Address, ...] = ()
    lease_minutes: int = 60
    captive_api: str = ""


def syslog_problems(syslog: Syslog) -> Iterator[str]:
    """What is wrong with it."""
    if not SERVER.fullmatch(syslog.host):
        yield "syslog.host: a host name or an address, such as log.example.net."
    if syslog.port not in _PORTS:
        yield f"syslog.port: {syslog.port} is no port; 1 to 65535."


def snmp_problems(snmp: Snmp) -> Iterator[str]:
    """What is wrong with it; never says a secret."""
    if not (snmp.community or snmp.user):
        yield "snmp: who may read? user with auth_key and privacy_key (version 3), or community with sources."
    if snmp.community:
        yield from _community_problems(snmp)
    elif snmp.sources:
        yield "snmp.sources: version 3 knows who asks by the keys; sources belong to a community."
    if snmp.user or snmp.auth_key or snmp.privacy_key:
        yield from _user_problems(snmp)
    for word, text in (("location", snmp.location), ("contact", snmp.contact)):
        if not _LINE.fullmatch(text):
            yield f"snmp.{word}: one line of at most 200 characters, without control characters."


def _community_problems(snmp: Snmp) -> Iterator[str]:
    if not _COMMUNITY.fullmatch(snmp.community):
        yield "snmp.community: 8 to 32 letters, digits and . _ ~ @ % ^ * + = : -; this one is not shown here."
    if not snmp.sources:
        yield "snmp.sources: the networks that may ask, such as 192.0.2.0/24; nobody may as it stands."


def _user_problems(snmp: Snmp) -> Iterator[str]:
    if not _USER.fullmatch(snmp.user):
        yield "snmp.user: 1 to 32 letters, digits and hyphens, such as collector."
    for word, key in (("auth_key", snmp.auth_key), ("privacy_key", snmp.privacy_key)):
        if not _SNMP_KEY.fullmatch(key):
            yield f"snmp.{word}: 8 to 64 letters, digits and . _ ~ @ % ^ * + = : -; this one is not shown here."
    if snmp.auth_key and snmp.auth_key == snmp.privacy_key:
        yield "snmp.privacy_key: it is the auth_key too; choose another one."


def pool_problems(place: str, pool: AddressPool, vlans: AbstractSet[int]) -> Iterator[str]:
    """What is wrong with it on an access point whose networks are in these VLANs."""
    network = pool.address.network
    if not _WORD.fullmatch(pool.name):
        yield f"{place}.name: 1 to 15 letters and digits, such as visitors."
    if pool.vlan not in vlans:
        known = ", ".join(map(str, sorted(vlans))) or "none"
        yield f"{place}.vlan: no network is in VLAN {pool.vlan}; those with one: {known}."
    for word, address in (("first", pool.first), ("last", pool.last), ("router", pool.router)):
        if address not in network or address in {network.network_address, network.broadcast_address}:
            yield f"{place}.{word}: {address} is no address for a device inside {network}."
    if pool.first > pool.last:
        yield f"{place}.last: {pool.last} comes before {pool.first}; exchange them."
    for word, address in (("address", pool.address.ip), ("router", pool.router)):
        if pool.first <= address <= pool.last:
            yield f"{place}.{word}: {address} would be given to a device as well; choose one outside first to last."
    if pool.lease_minutes not in _LEASE_MINUTES:
        yield f"{place}.lease_minutes: {pool.lease_minutes} is not possible; 2 to {_LEASE_MINUTES[-1]}."
    if pool.captive_api and (not _HTTPS.fullmatch(pool.captive_api) or len(pool.captive_api) > _URL_BYTES_MAX):
        yield f"{place}.captive_api: an https address, at most {_URL_BYTES_MAX} characters, no comma (RFC 8910)."
