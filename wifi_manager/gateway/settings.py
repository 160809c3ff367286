"""What a site tells its gateway. Pure values; `settings_file` reads them from gateway.toml."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Interface
from pathlib import Path

from wifi_manager.domain.addresses import IpAddress
from wifi_manager.gateway.toml_reader import IpNetwork

DEFAULT_CONFIG = Path("/etc/wifi-manager/gateway.toml")
DEFAULT_FILTERS = Path("/etc/wifi-manager/filters")
DEFAULT_STATE = Path("/var/lib/wifi-manager/gateway")
OWN_CERTIFICATE, OWN_KEY = "face.pem", "face.key"  # in the folder of state, where control gets the certificate


@dataclass(frozen=True, slots=True)
class Uplink:
    """Where the internet is, and what behind it is never for citizens: the city's own offices."""

    interface: str
    protected: tuple[IpNetwork, ...]
    down_mbps: int | None = None  # what it carries, to be shared out equally; None: nobody's share is bounded
    up_mbps: int | None = None


@dataclass(frozen=True, slots=True)
class Management:
    """From where the gateway itself may be managed, and at which TCP ports. Never from a network of phones."""

    interfaces: tuple[str, ...]
    addresses: tuple[IpNetwork, ...]
    ports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Network:
    """One LAN of phones, behind a bridge or a VLAN interface. Its name tells control which site and plan it is."""

    name: str
    interface: str
    address: IPv4Interface  # the gateway's own in this LAN, with the LAN's prefix
    address6: IPv6Interface | None  # None: no IPv6 for these phones
    dhcp_first: IPv4Address
    dhcp_last: IPv4Address
    lease_seconds: int
    filter: str | None = None  # the list of names that are not answered after the sign-in; None: all are

    @property
    def own_addresses(self) -> tuple[IpAddress, ...]:
        """The gateway's addresses in this LAN."""
        return (self.address.ip, self.address6.ip) if self.address6 else (self.address.ip,)

    @property
    def prefixes(self) -> tuple[IpNetwork, ...]:
        """Where this LAN's phones have their addresses, link-local ones left aside."""
        return (self.address.network, self.address6.network) if self.address6 else (self.address.network,)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one device may take of the gateway itself: connections tracked at a time, new ones to it in a second."""

    connections: int
    new_connections: int


@dataclass(frozen=True, slots=True)
class Guard:
    """Ports where only the city's own machines are, and whether a copied device's visit ends or is only told of."""

    trusted_ports: tuple[str, ...]
    ends_copied: bool


@dataclass(frozen=True, slots=True)
class Face:
    """The gateway's own name, with the certificate for it, and the port that web pages are redirected to."""

    name: str
    certificate: Path
    key: Path
    redirect_port: int
    issued_by_control: bool  # the certificate: no files were named, so both lie in the folder of state


@dataclass(frozen=True, slots=True)
class Garden:
    """What a phone may reach before it signs in: the city's portal, and names that dnsmasq adds as they resolve."""

    addresses: tuple[IpAddress, ...]
    ports: tuple[int, ...]
    domains: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Dns:
    """Resolvers that the gateway asks, and the unprivileged user its own resolver runs as."""

    servers: tuple[IpAddress, ...]
    user: str


@dataclass(frozen=True, slots=True)
class Filters:
    """Where lists of filtered names are, and what the page in place of such a name says about objecting."""

    directory: Path = DEFAULT_FILTERS
    appeal: str = ""

    def file(self, name: str) -> Path:
        """The list that is called so."""
        return self.directory / f"{name}.txt"


@dataclass(frozen=True, slots=True)
class Ntp:
    """Where the time comes from; without servers phones are not told the time."""

    servers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Metrics:
    """Where Prometheus reads this gateway's metrics: never a LAN address."""

    address: IpAddress
    port: int


@dataclass(frozen=True, slots=True)
class GatewaySettings:
    """All of it."""

    uplink: Uplink
    management: Management
    networks: tuple[Network, ...]
    limits: Limits
    guard: Guard
    face: Face
    garden: Garden
    dns: Dns
    metrics: Metrics
    state: Path
    filters: Filters = Filters()
    ntp: Ntp = Ntp()

    @property
    def lan_interfaces(self) -> tuple[str, ...]:
        """Where phones are."""
        return tuple(network.interface for network in self.networks)

    @property
    def has_ipv6(self) -> bool:
        """Whether phones of any network get IPv6."""
        return any(network.address6 for network in self.networks)
