"""Mistakes in `gateway.toml` that show only when keys are seen together. Pure."""

from collections.abc import Iterator
from itertools import combinations

from wifi_manager.domain.probes import probe_within
from wifi_manager.gateway.settings import OWN_KEY, GatewaySettings, Network

_MOST_NETWORKS = 64


def contradictions(settings: GatewaySettings) -> list[str]:
    """One sentence for each."""
    return [
        *_of_the_site(settings),
        *(sentence for network in settings.networks for sentence in _of_a_network(network)),
        *_between_networks(settings.networks),
        *_of_the_citizens_side(settings),
        *_of_the_garden(settings),
        *_of_filters(settings),
    ]


def _of_the_site(settings: GatewaySettings) -> Iterator[str]:
    if not settings.networks:
        yield "There is no [[network]]: each LAN of phones needs one."
    if len(settings.networks) > _MOST_NETWORKS:
        yield f"There are {len(settings.networks)} networks: one gateway has at most {_MOST_NETWORKS}."
    if settings.face.issued_by_control != (settings.face.key == settings.state / OWN_KEY):
        yield "face: name both certificate and key, or neither, and then control gets the certificate."
    if not settings.dns.servers:
        yield 'dns.servers names at least one resolver, such as ["192.0.2.53"].'
    if not settings.garden.addresses:
        yield 'garden.addresses names the portal, such as ["192.0.2.10"].'
    for interface in settings.lan_interfaces:
        if interface == settings.uplink.interface:
            yield f"{interface} is the uplink and a network of phones: these are two interfaces."
        if interface in settings.management.interfaces:
            yield f"management.interfaces: {interface} is a network of phones."


def _of_a_network(network: Network) -> Iterator[str]:
    name, own, first, last = network.name, network.address, network.dhcp_first, network.dhcp_last
    prefix = own.network
    if own.ip in {prefix.network_address, prefix.broadcast_address}:
        yield f"network {name}: {own.ip} is no address of a machine in {prefix}."
    if first not in prefix or last not in prefix:
        yield f"network {name}: the pool lies in {prefix}, the network of its address."
    elif first > last:
        yield f"network {name}: dhcp_first is not above dhcp_last."
    if first <= own.ip <= last:
        yield f"network {name}: the pool leaves out {own.ip}, which is the gateway's own."
    if network.address6 and network.address6.ip == network.address6.network.network_address:
        yield f"network {name}: {network.address6.ip} means any router of its network (RFC 4291, 2.6.1)."


def _between_networks(networks: tuple[Network, ...]) -> Iterator[str]:
    for one, other in combinations(networks, 2):
        if one.name == other.name:
            yield f"Two networks have the name {one.name}."
        if one.interface == other.interface:
            yield f"Two networks have the interface {one.interface}: {one.name} and {other.name}."
        for a in one.prefixes:
            for b in other.prefixes:
                if a.version == b.version and a.overlaps(b):
                    yield f"{a} of the network {one.name} overlaps with {b} of the network {other.name}."


def _of_the_citizens_side(settings: GatewaySettings) -> Iterator[str]:
    for network in settings.networks:
        if settings.metrics.address in network.own_addresses:
            yield f"metrics.address is not the citizens' side: it is in the network {network.name}."
        for prefix in network.prefixes:
            for server in settings.dns.servers:
                if server in prefix:
                    yield f"dns.servers: {server} is in the network {network.name}, which phones can forge."
            for address in settings.management.addresses:
                if address.version == prefix.version and address.overlaps(prefix):
                    yield f"management.addresses: {address} overlaps with the network {network.name}."


def _of_the_garden(settings: GatewaySettings) -> Iterator[str]:
    for domain in settings.garden.domains:
        if probe := probe_within(domain):
            yield (
                f"garden.domains: {domain} would let phones believe that they are online before they sign in "
                f"({probe})."
            )


def _of_filters(settings: GatewaySettings) -> Iterator[str]:
    if not settings.filters.appeal:
        for network in settings.networks:
            if network.filter:
                yield (
                    f"network {network.name} has a filter: filters.appeal says how citizens object, such as "
                    '"Write to wifi@city.example."'
                )
