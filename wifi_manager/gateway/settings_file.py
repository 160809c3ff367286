"""Reads `gateway.toml`: once, all mistakes shown at once."""

import tomllib
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.gateway.contradictions import contradictions
from wifi_manager.gateway.settings import (
    DEFAULT_FILTERS,
    DEFAULT_STATE,
    OWN_CERTIFICATE,
    OWN_KEY,
    Dns,
    Face,
    Filters,
    Garden,
    GatewaySettings,
    Guard,
    Limits,
    Management,
    Metrics,
    Network,
    Ntp,
    Uplink,
)
from wifi_manager.gateway.toml_reader import (
    ADDRESS,
    ANY_ADDRESS,
    CONNECTIONS,
    COPIED,
    DOMAIN,
    HOST,
    INTERFACE,
    LAN_ADDRESS,
    LAN_ADDRESS6,
    LEASE,
    MBPS,
    NAME,
    NETWORK,
    PATH,
    PORT,
    SENTENCE,
    SERVER,
    USER,
    Reader,
)


def load(path: Path) -> GatewaySettings:
    """Read and check `gateway.toml`. Raises BadInput with one line for each mistake."""
    document = _parsed(path)
    if isinstance(document.get("network"), dict):
        lines = _new_lines(document)
        raise BadInput(
            f"{path} has the old form with one network. In place of [network] and [dhcp] write:\n\n{lines}"
        )
    reader = Reader(document)
    settings = _read(reader)
    reader.refuse_unknown()
    if not reader.mistakes:
        reader.mistakes += contradictions(settings)
    if reader.mistakes:
        raise BadInput("\n".join([f"{path} cannot be used:", *(f"  {mistake}" for mistake in reader.mistakes)]))
    return settings


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as missing:
        raise BadInput(f"{path} cannot be read: {missing.strerror}. Start from gateway.example.toml.") from missing
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as broken:
        raise BadInput(f"{path} is not TOML: {broken}.") from broken


def _read(reader: Reader) -> GatewaySettings:
    state = reader.take("state.directory", PATH, DEFAULT_STATE)
    return GatewaySettings(
        uplink=Uplink(
            interface=reader.take("uplink.interface", INTERFACE),
            protected=reader.take_many("uplink.protected", NETWORK),
            down_mbps=reader.take_optional("uplink.down_mbps", MBPS),
            up_mbps=reader.take_optional("uplink.up_mbps", MBPS),
        ),
        management=Management(
            interfaces=reader.take_many("management.interfaces", INTERFACE),
            addresses=reader.take_many("management.addresses", NETWORK),
            ports=reader.take_many("management.ports", PORT),
        ),
        networks=tuple(_network(each) for each in reader.each("network")),
        limits=Limits(
            connections=reader.take("limits.connections", CONNECTIONS, 4096),
            new_connections=reader.take("limits.new_connections", CONNECTIONS, 200),
        ),
        guard=Guard(
            trusted_ports=reader.take_many("guard.trusted_ports", INTERFACE),
            ends_copied=reader.take("guard.copied", COPIED, "end") == "end",
        ),
        face=_face(reader, state),
        garden=Garden(
            addresses=reader.take_many("garden.addresses", ANY_ADDRESS),
            ports=reader.take_many("garden.ports", PORT) or (443,),
            domains=reader.take_many("garden.domains", DOMAIN),
        ),
        dns=Dns(servers=reader.take_many("dns.servers", ANY_ADDRESS), user=reader.take("dns.user", USER, "nobody")),
        metrics=Metrics(
            address=reader.take("metrics.address", ANY_ADDRESS, IPv4Address("127.0.0.1")),
            port=reader.take("metrics.port", PORT, 9464),
        ),
        state=state,
        filters=Filters(
            directory=reader.take("filters.directory", PATH, DEFAULT_FILTERS),
            appeal=reader.take("filters.appeal", SENTENCE, ""),
        ),
        ntp=Ntp(servers=reader.take_many("ntp.servers", SERVER)),
    )


def _face(reader: Reader, state: Path) -> Face:
    certificate = reader.take("face.certificate", PATH, state / OWN_CERTIFICATE)
    return Face(
        name=reader.take("face.name", HOST),
        certificate=certificate,
        key=reader.take("face.key", PATH, state / OWN_KEY),
        redirect_port=reader.take("face.redirect_port", PORT, 8080),
        issued_by_control=certificate == state / OWN_CERTIFICATE,
    )


def _network(reader: Reader) -> Network:
    return Network(
        name=reader.take("network.name", NAME),
        interface=reader.take("network.interface", INTERFACE),
        address=reader.take("network.address", LAN_ADDRESS),
        address6=reader.take_optional("network.address6", LAN_ADDRESS6),
        dhcp_first=reader.take("network.dhcp_first", ADDRESS),
        dhcp_last=reader.take("network.dhcp_last", ADDRESS),
        lease_seconds=reader.take("network.lease_seconds", LEASE, 86_400),
        filter=reader.take_optional("network.filter", NAME),
    )


# New key, and where the old form had its value.
_MOVED = {
    "[uplink]": {"interface": "network.wan_interface", "protected": "network.protected"},
    "[management]": {
        "interfaces": "network.management_interfaces",
        "addresses": "network.management_addresses",
        "ports": "network.management_ports",
    },
    "[[network]]": {
        "interface": "network.lan_interface",
        "address": "network.address",
        "dhcp_first": "dhcp.first",
        "dhcp_last": "dhcp.last",
        "lease_seconds": "dhcp.lease_seconds",
    },
}


def _new_lines(document: dict[str, Any]) -> str:
    """What the old form's [network] and [dhcp] are called now, with the values that it has."""
    lines = []
    for table, keys in _MOVED.items():
        lines += [table, *(['name = "visitors"'] if table == "[[network]]" else [])]
        for key, old in keys.items():
            section, _, name = old.partition(".")
            content = document.get(section)
            value = content.get(name) if isinstance(content, dict) else None
            lines += [] if value is None else [f"{key} = {_toml(value)}"]
        lines.append("")
    return "\n".join(lines)


def _toml(value: Any) -> str:
    if isinstance(value, list):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return f'"{value}"' if isinstance(value, str) else str(value)
