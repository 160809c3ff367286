"""What a site tells its gateway: `gateway.toml`, read once, all mistakes shown at once."""

import tomllib
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from pathlib import Path

from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.toml_reader import (
    ADDRESS,
    HOST,
    INTERFACE,
    LAN_ADDRESS,
    LEASE,
    NETWORK,
    PATH,
    PORT,
    USER,
    Reader,
)

DEFAULT_CONFIG = Path("/etc/wifi-manager/gateway.toml")
DEFAULT_STATE = Path("/var/lib/wifi-manager/gateway")

# Where phones look whether they are online. A garden that holds one of them makes phones believe that they are.
PROBE_HOSTS = (
    "captive.apple.com",
    "www.apple.com",
    "connectivitycheck.gstatic.com",
    "connectivitycheck.android.com",
    "clients3.google.com",
    "www.google.com",
    "www.gstatic.com",
    "play.googleapis.com",
    "connectivitycheck.grapheneos.network",
    "connect.rom.miui.com",
    "connectivitycheck.platform.hicloud.com",
    "wifi.vivo.com.cn",
    "www.msftconnecttest.com",
    "www.msftncsi.com",
    "edge-http.microsoft.com",
    "detectportal.firefox.com",
    "nmcheck.gnome.org",
    "network-test.debian.org",
    "connectivity-check.ubuntu.com",
    "fedoraproject.org",
    "networkcheck.kde.org",
    "spectrum.s3.amazonaws.com",
)


@dataclass(frozen=True, slots=True)
class Network:
    """Where the citizens are, where the internet is, and who may manage the gateway itself."""

    lan_interface: str
    wan_interface: str
    address: IPv4Interface  # the gateway's own in the LAN, with the LAN's prefix
    protected: tuple[IPv4Network, ...]  # never for citizens: the city's own offices behind the same uplink
    management_interfaces: tuple[str, ...]
    management_addresses: tuple[IPv4Network, ...]
    management_ports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Face:
    """The gateway's own name, with the certificate for it, and the port that web pages are redirected to."""

    name: str
    certificate: Path
    key: Path
    redirect_port: int


@dataclass(frozen=True, slots=True)
class Garden:
    """What a phone may reach before it signs in: the city's portal, and names that dnsmasq adds as they resolve."""

    addresses: tuple[IPv4Address, ...]
    ports: tuple[int, ...]
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dhcp:
    """Addresses for phones: first and last of the pool, and for how many seconds each is lent."""

    first: IPv4Address
    last: IPv4Address
    lease_seconds: int


@dataclass(frozen=True, slots=True)
class Dns:
    """Resolvers that the gateway asks, and the unprivileged user its own resolver runs as."""

    servers: tuple[IPv4Address, ...]
    user: str


@dataclass(frozen=True, slots=True)
class Metrics:
    """Where Prometheus reads this gateway's metrics: never a LAN address."""

    address: IPv4Address
    port: int


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """The whole of gateway.toml."""

    network: Network
    face: Face
    garden: Garden
    dhcp: Dhcp
    dns: Dns
    metrics: Metrics
    state: Path


def load(path: Path) -> GatewaySettings:
    """Read and check a gateway.toml. Raises BadInput with one line per mistake: key, expectation, example."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise BadInput(f"{path} cannot be read: {missing.strerror}. Start from gateway.example.toml.") from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadInput(f"{path} is not TOML: {broken}.") from broken
    reader = Reader(document)
    settings = _read(reader)
    reader.refuse_unknown()
    if not reader.mistakes:
        reader.mistakes += contradictions(settings)
    if reader.mistakes:
        raise BadInput("\n".join([f"{path} cannot be used:", *(f"  {mistake}" for mistake in reader.mistakes)]))
    return settings


def _read(reader: Reader) -> GatewaySettings:
    return GatewaySettings(
        network=Network(
            lan_interface=reader.take("network.lan_interface", INTERFACE),
            wan_interface=reader.take("network.wan_interface", INTERFACE),
            address=reader.take("network.address", LAN_ADDRESS),
            protected=reader.take_many("network.protected", NETWORK),
            management_interfaces=reader.take_many("network.management_interfaces", INTERFACE),
            management_addresses=reader.take_many("network.management_addresses", NETWORK),
            management_ports=reader.take_many("network.management_ports", PORT),
        ),
        face=Face(
            name=reader.take("face.name", HOST),
            certificate=reader.take("face.certificate", PATH),
            key=reader.take("face.key", PATH),
            redirect_port=reader.take("face.redirect_port", PORT, 8080),
        ),
        garden=Garden(
            addresses=reader.take_many("garden.addresses", ADDRESS),
            ports=reader.take_many("garden.ports", PORT) or (443,),
            domains=reader.take_many("garden.domains", HOST),
        ),
        dhcp=Dhcp(
            first=reader.take("dhcp.first", ADDRESS),
            last=reader.take("dhcp.last", ADDRESS),
            lease_seconds=reader.take("dhcp.lease_seconds", LEASE, 86_400),
        ),
        dns=Dns(servers=reader.take_many("dns.servers", ADDRESS), user=reader.take("dns.user", USER, "nobody")),
        metrics=Metrics(
            address=reader.take("metrics.address", ADDRESS, IPv4Address("127.0.0.1")),
            port=reader.take("metrics.port", PORT, 9464),
        ),
        state=reader.take("state.directory", PATH, DEFAULT_STATE),
    )


def contradictions(settings: GatewaySettings) -> list[str]:
    """Mistakes that show only when keys are seen together: one sentence each."""
    network, dhcp = settings.network, settings.dhcp
    checks = [
        (network.lan_interface != network.wan_interface, "network: LAN and WAN are two interfaces."),
        (
            dhcp.first in network.address.network and dhcp.last in network.address.network,
            f"dhcp: the pool lies in {network.address.network}, the network of network.address.",
        ),
        (dhcp.first <= dhcp.last, "dhcp.first is not above dhcp.last."),
        (
            not dhcp.first <= network.address.ip <= dhcp.last,
            f"dhcp: the pool leaves out {network.address.ip}, which is the gateway's own.",
        ),
        (bool(settings.dns.servers), 'dns.servers names at least one resolver, such as ["192.0.2.53"].'),
        (bool(settings.garden.addresses), 'garden.addresses names the portal, such as ["192.0.2.10"].'),
        (settings.metrics.address != network.address.ip, "metrics.address is not the citizens' side."),
    ]
    return [sentence for holds, sentence in checks if not holds] + _forbidden_garden(settings.garden)


def _forbidden_garden(garden: Garden) -> list[str]:
    return [
        f"garden.domains: {domain} would let phones believe that they are online before they sign in ({probe})."
        for domain in garden.domains
        for probe in PROBE_HOSTS
        if probe == domain or probe.endswith(f".{domain}")
    ]
