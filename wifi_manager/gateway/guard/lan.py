"""What the guard must know of the LANs that it watches. Plain values."""

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from wifi_manager.domain.addresses import MacAddress


@dataclass(frozen=True, slots=True)
class Lan:
    """One LAN of phones: its bridge, what is the gateway's own in it, and what DHCP lends there."""

    bridge: str
    own_macs: tuple[MacAddress, ...]
    own_v4: tuple[IPv4Address, ...]
    own_v6: tuple[IPv6Address, ...]  # link-local ones too
    pool: int  # addresses
    lease_seconds: int
