"""How full the address pools are, counted at each scrape in what dnsmasq keeps of its leases. No address is told."""

import time
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from prometheus_client import CollectorRegistry

from wifi_manager.gateway.settings import Network
from wifi_manager.metrics import gauge


def watch(
    networks: Iterable[Network], folder: Path, registry: CollectorRegistry, now: Callable[[], float] = time.time
) -> None:
    """Tell of each network how many addresses it has to lend, and how many it has lent."""
    size = gauge("wifi_gateway_dhcp_addresses", "IPv4 addresses that a network can lend.", ("network",), registry)
    lent = gauge("wifi_gateway_dhcp_leases", "Those that are lent now.", ("network",), registry)
    for network in networks:
        size.labels(network.name).set(int(network.dhcp_last) - int(network.dhcp_first) + 1)
        lent.labels(network.name).set_function(partial(_lent, lease_file(folder, network), now))


def lease_file(folder: Path, network: Network) -> Path:
    """Where dnsmasq keeps the leases of a network."""
    return folder / f"dnsmasq-{network.name}.leases"


def _lent(path: Path, now: Callable[[], float]) -> int:
    """Leases that have not ended: a line each, which begins with its end in Unix time, 0 for never (dnsmasq(8))."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return 0  # nobody has asked for an address yet
    ends = (line.split(b" ", 1)[0] for line in lines)
    moment = now()
    return sum(end.isdigit() and (int(end) == 0 or int(end) > moment) for end in ends)
