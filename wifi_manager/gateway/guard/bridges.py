"""Finds the bridges of the LANs, and what is the gateway's own in them, as the machine has it now."""

from collections.abc import Iterable, Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Any

from pyroute2 import AsyncIPRoute

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.guard.lan import Lan
from wifi_manager.gateway.settings import Network


async def find_lans(networks: Iterable[Network]) -> tuple[list[Lan], list[Network]]:
    """LANs that can be guarded, and networks whose interface is neither a bridge nor a VLAN of one."""
    async with AsyncIPRoute() as netlink:
        found = [(network, await _lan(netlink, network)) for network in networks]
    return [lan for _, lan in found if lan], [network for network, lan in found if lan is None]


async def _lan(netlink: AsyncIPRoute, network: Network) -> Lan | None:
    links = {link["index"]: link async for link in await netlink.get_links()}
    here = next((link for link in links.values() if link.get("ifname") == network.interface), None)
    bridge = _bridge(links, here)
    if here is None or bridge is None:
        return None
    addresses = [
        ip_address(message.get("address"))
        for index in {here["index"], bridge["index"]}
        async for message in await netlink.get_addr(index=index)
    ]
    own = {*network.own_addresses, *addresses}
    return Lan(
        bridge=bridge.get("ifname"),
        own_macs=tuple(sorted({MacAddress.parse(link.get("address")) for link in (here, bridge)})),
        own_v4=tuple(sorted(each for each in own if isinstance(each, IPv4Address))),
        own_v6=tuple(sorted(each for each in own if isinstance(each, IPv6Address))),
        pool=int(network.dhcp_last) - int(network.dhcp_first) + 1,
        lease_seconds=network.lease_seconds,
    )


def _bridge(links: Mapping[int, Any], link: Any) -> Any:
    """The bridge that a link is or, as its VLAN, stands on; None where there is none."""
    kind = link.get(("linkinfo", "kind")) if link else None
    if kind == "vlan":
        return _bridge(links, links.get(link.get("link")))
    return link if kind == "bridge" else None
