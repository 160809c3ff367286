"""Settings to the text of dnsmasq's configurations: DHCP and DNS for phones. Pure: nothing is run here.

Each network has processes of its own, so that a crowd in one cannot take from another. One lends addresses and
resolves names for those who are signed in. One, the doorstep, resolves for those who are not: it alone fills the
garden, and its answers carry little. Where the network has a filter, one resolves for those who are signed in there.
They are bound to the network's interface, so their ports are the same in every network.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from wifi_manager.gateway.face.captive_api import API_PATH
from wifi_manager.gateway.names.advertisement import Advertised
from wifi_manager.gateway.names.pools import lease_file
from wifi_manager.gateway.names.program import Program
from wifi_manager.gateway.rules.declarations import TABLE
from wifi_manager.gateway.rules.doors import DOORSTEP_PORT, FILTERED_PORT
from wifi_manager.gateway.rules.name_rules import ANSWER_BYTES
from wifi_manager.gateway.settings import GatewaySettings, Network

_LONGEST_URI_BYTES = 255  # RFC 8910, 2.1
# The garden's elements live for an hour from when they were added. What is resolved is asked for again long before.
_DOORSTEP_SECONDS = 60
# Types of records that carry much and that no phone needs before it has signed in: what tunnels through DNS ask for.
_TUNNELS = "ANY,TXT,NULL,MX,SRV,NAPTR,CERT,SSHFP,TLSA,DNSKEY,CAA,65399"


def api_url(settings: GatewaySettings) -> str:
    """Where phones ask whether they are online: DHCP option 114 (RFC 8910, 2.1), a name and never an address."""
    return f"https://{settings.face.name}{API_PATH}"[:_LONGEST_URI_BYTES]


def advertised(settings: GatewaySettings) -> tuple[Advertised, ...]:
    """What router advertisements say in each network with IPv6."""
    return tuple(
        Advertised(network.interface, network.address6, api_url(settings))
        for network in settings.networks
        if network.address6
    )


def lender(settings: GatewaySettings, network: Network, portal_url: str, folder: Path) -> Program:
    """DHCP, and DNS for those who are signed in."""
    name = f"dnsmasq-{network.name}"
    lines = [*_names(settings, network, portal_url), "cache-size=10000", "dns-forward-max=1000"]
    return _program(name, [*lines, *_leases(settings, network, folder)], folder)


def doorstep(
    settings: GatewaySettings, network: Network, portal_url: str, folder: Path, eid_hosts: Iterable[str] = ()
) -> Program:
    """DNS for those who are not signed in. Small answers: it shall not carry a tunnel of any use.

    Addresses of `eid_hosts` are added to sets that only devices reach whose citizens sign in there just now.
    """
    lines = [
        *_names(settings, network, portal_url, answer_bytes=ANSWER_BYTES),
        f"port={DOORSTEP_PORT}",
        f"filter-rr={_TUNNELS}",
        f"max-ttl={_DOORSTEP_SECONDS}",
        f"max-cache-ttl={_DOORSTEP_SECONDS}",
        "cache-size=2000",
        "dns-forward-max=500",
        *(_opens(domain, "garden") for domain in settings.garden.domains),
        *(_opens(host, "eid") for host in eid_hosts),
    ]
    return _program(f"doorstep-{network.name}", lines, folder)


def filtered(
    settings: GatewaySettings, network: Network, portal_url: str, folder: Path, names: Iterable[str]
) -> Program:
    """DNS for those who are signed in on a network with a filter.

    Names of the list are answered with the gateway's own address. Browsers and phones that would resolve elsewhere
    are told that this network wants them not to: Firefox and iCloud Private Relay ask for these names first.
    """
    own = network.own_addresses
    lines = [
        *_names(settings, network, portal_url),
        f"port={FILTERED_PORT}",
        "cache-size=10000",
        "dns-forward-max=1000",
    ]
    lines += [f"local=/{name}/" for name in ("use-application-dns.net", "mask.icloud.com", "mask-h2.icloud.com")]
    for name in names:
        lines += [f"local=/{name}/", *(f"address=/{name}/{address}" for address in own)]  # local: all other types
    return _program(f"filter-{network.name}", lines, folder)


def _opens(domain: str, sets: str) -> str:
    return f"nftset=/{domain}/4#inet#{TABLE}#{sets}4,6#inet#{TABLE}#{sets}6"


def _program(name: str, lines: Iterable[str], folder: Path) -> Program:
    bare = Program(name, folder)
    head = (
        "# Made by wifi-manager from gateway.toml; changes here are lost at the next start.",
        f"pid-file={bare.pid_file}",
    )
    text = "".join(f"{line}\n" for line in (*head, *lines))
    # Not to the system's log: it would tell which phone was lent what, and which names were asked for.
    command = ("dnsmasq", "--keep-in-foreground", "--log-facility=-", f"--conf-file={bare.file}")
    return Program(name, folder, command, text)


def _names(settings: GatewaySettings, network: Network, portal_url: str, answer_bytes: int = 1232) -> Iterator[str]:
    """What every resolver does, for whomever it resolves. `answer_bytes` is the longest answer over UDP."""
    face = settings.face
    yield from ("no-resolv", "no-hosts", "no-poll", "domain-needed", "bogus-priv", f"user={settings.dns.user}")
    yield from (f"interface={network.interface}", "except-interface=lo", "bind-dynamic")
    yield from (f"server={server}" for server in settings.dns.servers)
    yield from (f"edns-packet-max={answer_bytes}", "local-ttl=60")
    # A public name that resolves to a private address is an attack on the phone, or breaks its online check.
    yield from ("stop-dns-rebind", f"rebind-domain-ok=/{urlsplit(portal_url).hostname}/")
    own = ",".join(str(address) for address in network.own_addresses)
    yield from (f"host-record={face.name},{own}", f"local=/{face.name}/")
    # Resolvers above us may name encrypted ones, which are not this one (RFC 9462, 6.4).
    yield "local=/resolver.arpa/"


def _leases(settings: GatewaySettings, network: Network, folder: Path) -> Iterator[str]:
    yield from ("dhcp-authoritative", "quiet-dhcp", "quiet-dhcp6", "dhcp-lease-max=131072")  # a log names no phone
    yield f"dhcp-leasefile={lease_file(folder, network)}"
    own = network.address
    yield f"dhcp-range={network.dhcp_first},{network.dhcp_last},{own.netmask},{network.lease_seconds}"
    yield f"dhcp-option=option:router,{own.ip}"
    yield f"dhcp-option=option:dns-server,{own.ip}"
    yield f"dhcp-option=114,{api_url(settings)}"
    if settings.ntp.servers:
        yield f"dhcp-option=option:ntp-server,{own.ip}"
    if network.address6:
        # No lease: phones make their addresses themselves, and learn the rest here (RFC 8415, 6.1).
        yield f"dhcp-range={network.address6.network.network_address},static,64"
        yield f"dhcp-option=option6:dns-server,[{network.address6.ip}]"
        if settings.ntp.servers:
            yield f"dhcp-option=option6:ntp-server,[{network.address6.ip}]"
        yield f"dhcp-option=option6:103,{api_url(settings)}"  # RFC 8910, 2.2
