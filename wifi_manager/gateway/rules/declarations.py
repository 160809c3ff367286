"""The sets, maps and chains of the gateway's table, as text for nft.

What is in a set survives a reload, because a reload only declares the set again; so its definition must not change.
The name of one empty chain is made of all definitions: where it is missing, the table is another version's, and is
made anew.
"""

import hashlib

from wifi_manager.gateway.rules.eid_rules import EID_CHAINS, EID_SETS
from wifi_manager.gateway.rules.name_rules import NAME_BASE_CHAINS, NAME_CHAINS, NAME_SETS

TABLE = "wifi"
NOBODY = 2**32 - 1  # the packet mark of a device that is not online; packets without a mark are forwarded nowhere
DEVICES = 131_072

SETS = f"""\
	# Who is online, by device alone: every address that a phone makes is served, and none has to be learned.
	map online {{ type ether_addr : mark; size {DEVICES}; flags timeout; }}
	# The numbers of those who are online: what comes back must find its own here.
	set live {{ type mark; size {DEVICES}; flags timeout; }}
	# What has passed. Without timeouts: a counter outlives its grant until it is read.
	set s_up {{ type mark; size {DEVICES * 2}; counter; }}
	set s_dn {{ type mark; size {DEVICES * 2}; counter; }}
	# Volumes: of both directions together, and of each.
	set s_quota {{ type mark; size {DEVICES}; quota over 1 mbytes; }}
	set s_quota_up {{ type mark; size {DEVICES}; quota over 1 mbytes; }}
	set s_quota_dn {{ type mark; size {DEVICES}; quota over 1 mbytes; }}
	# Rates: a class of the traffic shaper, or a limit where the kernel has none.
	map s_class {{ type mark : classid; size {DEVICES}; }}
	set s_rate_up {{ type mark; size {DEVICES}; limit rate over 1 mbytes/second; }}
	set s_rate_dn {{ type mark; size {DEVICES}; limit rate over 1 mbytes/second; }}
	set blocked {{ type ether_addr; size 65536; flags timeout; }}
	# What everybody may reach: the portal by address and port, and names that dnsmasq resolves into the garden.
	set portal4 {{ type ipv4_addr . inet_service; size 4096; }}
	set portal6 {{ type ipv6_addr . inet_service; size 4096; }}
	set garden4 {{ type ipv4_addr; size 65536; flags timeout; timeout 1h; }}
	set garden6 {{ type ipv6_addr; size 65536; flags timeout; timeout 1h; }}
	# Brakes per device.
	set connections {{ type ether_addr; size 65536; flags dynamic; }}
	set at_cap {{ type ether_addr; size 65536; flags dynamic,timeout; timeout 1s; }}
	set syn_brake {{ type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }}
	set dns_brake {{ type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }}
{EID_SETS}{NAME_SETS}"""

BASE_CHAINS = {
    "who_is_it": "type filter hook prerouting priority mangle; policy accept;",
    "pre_nat": "type nat hook prerouting priority dstnat; policy accept;",
    "input": "type filter hook input priority filter; policy drop;",
    "forward": "type filter hook forward priority filter; policy drop;",
    **NAME_BASE_CHAINS,
    "post_nat": "type nat hook postrouting priority srcnat; policy accept;",
}
CHAINS = (
    *BASE_CHAINS,
    "from_phone",
    "no_address4",
    "no_address6",
    "opened",
    "to_gateway",
    "from_lan",
    "to_lan",
    "garden_and_nothing_else",
    "garden_answers",
    *EID_CHAINS,
    *NAME_CHAINS,
    "refuse",
)


def declarations() -> str:
    """Declare everything and empty all chains: the first half of the ruleset."""
    chains = [f"\tchain {name} {{ {BASE_CHAINS.get(name, '')} }}" for name in CHAINS]
    mark = f"\tchain {version()} {{ }}"
    flushes = [f"flush chain inet {TABLE} {name}" for name in CHAINS]
    return "\n".join([f"table inet {TABLE} {{", SETS, *chains, mark, "}", *flushes, ""])


def version() -> str:
    """The chain that says which definitions a loaded table has."""
    definitions = f"{SETS}{CHAINS}{BASE_CHAINS}".encode()
    return f"version_{hashlib.sha256(definitions).hexdigest()[:12]}"


def removal() -> str:
    """Remove the table, whether there is one or not, as the beginning of a transaction."""
    return f"table inet {TABLE}\ndelete table inet {TABLE}\n"
