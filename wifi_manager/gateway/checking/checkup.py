"""All that `wifi-manager gateway check` looks at, in the order in which a person mends it. Changes nothing."""

import os
from collections.abc import Iterator
from datetime import datetime

from wifi_manager.domain.errors import Forbidden, WifiError
from wifi_manager.gateway.checking import features, files, limits, parts, timekeeping
from wifi_manager.gateway.checking.box import Box
from wifi_manager.gateway.checking.findings import Finding, good, warning, wrong
from wifi_manager.gateway.checking.layer2 import layer2
from wifi_manager.gateway.last_known import LastKnown
from wifi_manager.gateway.names.complaints import complaints
from wifi_manager.gateway.rules import nft, second_line
from wifi_manager.gateway.rules.operators_way import OperatorsWay, own_way, refuse_to_lock_out
from wifi_manager.gateway.rules.ruleset import ruleset
from wifi_manager.gateway.settings import GatewaySettings
from wifi_manager.gateway.state import StateFolder

_MOST_DEVICES = 131_072  # what the sets of the ruleset hold


def examine(settings: GatewaySettings, box: Box, now: datetime) -> Iterator[Finding]:
    """Look at the machine and its files. What cannot be seen is told as unknown; nothing here raises for it."""
    uplink, devices = settings.uplink.interface, devices_of(settings)
    yield from parts.programs(box)
    yield from parts.interfaces(box, (*settings.lan_interfaces, uplink))
    yield parts.garden(box, settings.garden.domains)
    for complaint in complaints(settings):
        yield warning("names and time", complaint, f"ls -l {settings.filters.directory}; {parts.install('chrony')}")
    yield from features.kernel()
    yield features.rules(ruleset(settings))
    yield own_connection(settings, own_way())
    loaded = nft.is_loaded() if os.geteuid() == 0 else None
    yield limits.forwarding(box, has_ipv6=settings.has_ipv6, rules_loaded=loaded)
    yield limits.second_line(drawn=second_line.is_drawn((*settings.lan_interfaces, uplink)), rules_loaded=loaded)
    yield from limits.neighbours(box, devices, has_ipv6=settings.has_ipv6)
    yield from limits.connections(box, devices)
    yield limits.return_paths(box, uplink)
    yield limits.bridged_packets(box)
    yield from layer2(settings)
    yield timekeeping.synchronisation(synchronised=timekeeping.is_synchronised())
    known = _last_known(settings)
    yield timekeeping.difference(known.frame.now if known else None, known.received.wall if known else None)
    yield from files.certificate(settings.face, now)
    yield from files.state(settings.state)


def own_connection(settings: GatewaySettings, way: OperatorsWay | None) -> Finding:
    """Whether the rules would cut off the operator who asks."""
    try:
        refuse_to_lock_out(settings, way)
    except Forbidden as locked_out:
        return wrong("management", str(locked_out), "editor /etc/wifi-manager/gateway.toml")
    return good("management", "The rules leave your own connection open." if way else "You are not here over SSH.")


def devices_of(settings: GatewaySettings) -> int:
    """How many phones may be here at once: as many as there are addresses to lend."""
    pools = (int(network.dhcp_last) - int(network.dhcp_first) + 1 for network in settings.networks)
    return min(sum(pools), _MOST_DEVICES)


def _last_known(settings: GatewaySettings) -> LastKnown | None:
    try:
        return StateFolder(settings.state).last_known()
    except (WifiError, OSError):  # not readable, or damaged: told by the finding about the state folder
        return None
