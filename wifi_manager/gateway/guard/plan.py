"""What of this machine's LANs the kernel can guard at layer 2, and what it cannot, in words for the operator."""

import asyncio
from dataclasses import dataclass

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.guard.bridges import find_lans
from wifi_manager.gateway.guard.ruleset import TABLE, guard_ruleset
from wifi_manager.gateway.rules import nft
from wifi_manager.gateway.settings import GatewaySettings, Network

_PROBE = (
    "table bridge wifi_guard_probe {{ chain probe {{ type filter hook prerouting priority dstnat; {rule} }}\n}}\n"
)

_AWAY = f"table bridge {TABLE}\ndelete table bridge {TABLE}\n"


@dataclass(frozen=True, slots=True)
class Gap:
    """What is not guarded and why, and the command that mends it."""

    says: str
    mend: str


@dataclass(frozen=True, slots=True)
class GuardPlan:
    """The text of the guard's table, "" where nothing can be guarded; and its gaps."""

    text: str
    gaps: tuple[Gap, ...] = ()


async def plan_guard(settings: GatewaySettings) -> GuardPlan:
    """Look at the machine. Changes nothing; raises OutsideFailure where nft cannot be run."""
    if not await asyncio.to_thread(_takes, ""):
        return GuardPlan("", (_NO_TABLES,))
    lans, others = await find_lans(settings.networks)
    gaps = [_no_bridge(other) for other in others]
    if not lans:
        return GuardPlan("", tuple(gaps))
    knows_bridges = await asyncio.to_thread(_takes, 'meta ibrname "lo" accept')
    gaps += [] if knows_bridges else [_ALL_BRIDGES]
    return GuardPlan(guard_ruleset(lans, settings.guard.trusted_ports, knows_bridges=knows_bridges), tuple(gaps))


def load(text: str) -> None:
    """Make the kernel's table what the text says; no text, no table. Raises OutsideFailure with what nft said.

    A table of another version, whose sets are of another kind, is replaced as a whole.
    """
    try:
        nft.apply(text or _AWAY)
    except OutsideFailure:
        if text:
            nft.apply(_AWAY + text)


def _takes(rule: str) -> bool:
    try:
        nft.check(_PROBE.format(rule=rule))
    except OutsideFailure:
        return False
    return True


_NO_TABLES = Gap(
    "This kernel has no nftables for bridges (nf_tables_bridge): copied devices, forged DHCP and forged routers are"
    " not seen. Until then isolate phones from one another at the access points and at the switch.",
    "apt-get install linux-image-amd64 # a kernel with all modules, then reboot",
)
_ALL_BRIDGES = Gap(
    "This kernel cannot tell bridges apart (nft_meta_bridge): the guard watches every bridge of this machine.",
    _NO_TABLES.mend,
)


def _no_bridge(network: Network) -> Gap:
    return Gap(
        f"Network {network.name}: {network.interface} is no bridge and no VLAN of one, so its frames are not guarded."
        " Put it into a bridge and name that in gateway.toml.",
        f"ip link add br-{network.name[:10]} type bridge",
    )
