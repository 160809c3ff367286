"""Whether the operator who starts the gateway over SSH would still reach it when its rules are loaded."""

import ipaddress
import os
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from pyroute2 import IPRoute
from pyroute2.netlink.exceptions import NetlinkError

from wifi_manager.domain.addresses import IpAddress
from wifi_manager.domain.errors import Forbidden
from wifi_manager.gateway.settings import GatewaySettings

_VARIABLE = b"SSH_CONNECTION="


@dataclass(frozen=True, slots=True)
class OperatorsWay:
    """An operator's own connection: from where, to which TCP port, over which interface ("" if unknown)."""

    client: IpAddress
    port: int
    interface: str


def refuse_to_lock_out(settings: GatewaySettings, way: OperatorsWay | None) -> None:
    """Raise Forbidden where these settings would end the operator's own connection, and say what to write."""
    if way is None or is_kept(settings, way):
        return
    lacking = [f'"{way.client}" in its addresses or "{way.interface}" in its interfaces']
    if way.port not in settings.management.ports:
        lacking.append(f"{way.port} in its ports")
    raise Forbidden(
        f"The rules would cut off your own SSH connection, from {way.client} to port {way.port}. "
        f"[management] needs {' and '.join(lacking)}. With --even-if-locked-out it is done all the same."
    )


def is_kept(settings: GatewaySettings, way: OperatorsWay) -> bool:
    """Whether the ruleset of these settings admits that connection."""
    management = settings.management
    if way.interface == "lo":
        return True
    if way.interface in settings.lan_interfaces or way.port not in management.ports:
        return False
    return way.interface in management.interfaces or any(way.client in each for each in management.addresses)


def own_way() -> OperatorsWay | None:
    """The SSH connection that this process was started over, or None.

    sudo takes the variable away, so the processes above this one are asked too.
    """
    words = next(filter(None, (_ssh_connection(pid) for pid in _ancestors(os.getpid()))), None)
    if words is None:
        return None
    client, scope = _address(words[0])
    return OperatorsWay(client, int(words[3]), scope or _interface_towards(client))


def _ssh_connection(pid: int) -> list[str] | None:
    """Client, its port, server, its port."""
    try:
        variables = Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return None
    found = [each.removeprefix(_VARIABLE).decode().split() for each in variables if each.startswith(_VARIABLE)]
    return found[0] if found and len(found[0]) == 4 else None  # noqa: PLR2004 - sshd(8) names four


def _ancestors(pid: int) -> Iterator[int]:
    """This process, its parent, and so on; init is nobody's SSH connection."""
    while pid > 1:
        yield pid
        try:
            pid = int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])
        except OSError:
            return


def _address(text: str) -> tuple[IpAddress, str]:
    """An address and its scope: link-local ones name their interface after a percent sign."""
    plain, _, scope = text.partition("%")
    address = ipaddress.ip_address(plain)
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address, scope


def _interface_towards(client: IpAddress) -> str:
    """Where packets to the client leave, which is where its own come in."""
    family = socket.AF_INET if client.version == 4 else socket.AF_INET6  # noqa: PLR2004 - versions of IP
    try:
        with IPRoute() as netlink:
            route = next(iter(netlink.route("get", dst=str(client), family=family)))
            (link,) = netlink.get_links(route.get_attr("RTA_OIF"))
            return str(link.get_attr("IFLA_IFNAME"))
    except (NetlinkError, OSError, ValueError, StopIteration):
        return ""
