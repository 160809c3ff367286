"""LANs to the text of the guard's table `bridge wifi_guard`. Pure: nothing is run here.

It watches every frame that a port of a LAN's bridge receives, before the bridge learns from it. Loading and reloading
are the same one transaction, as in `rules/ruleset.py`: what sets and counters hold survives.

What costs time is looked at once a second for each device and port (`first_frame`); any other frame of a known device
meets one lookup and then, unless it is IPv4 and not UDP, the rules for ARP, IPv6 or UDP.

nft cannot compare two fields of a frame with one another. Where they must be equal, one is put into a set, the other
is looked up in it, and it is taken out again: `same` (a source that is repeated inside the frame) and `same4`.

**One device or two.** A device is heard at one port at a time. Each second in which an address is heard at two ports
counts as a move. A phone that walks moves once and is then heard at its new port alone; one that cannot decide
between two access points moves every few seconds at most. Two devices that share an address move second after second.
So only moves less than 4 seconds apart are counted against an address, and more than 6 of them in a minute, 3 at
once, make it a copied one. What speaks only while the other is silent looks like a phone that walks, and is not seen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address
from string import Template

from wifi_manager.gateway.guard.lan import Lan

TABLE = "wifi_guard"
COPIED = "copied"  # the set of addresses that two devices use at once
KNOWN = "known"  # the set of devices and the ports at which they were heard in the last minutes
DROP = "drop_"  # how counters of dropped frames are called: drop_REASON
_HOUR, _WEEK = 3600, 604_800
MOVES = "moves"  # the counter of seconds in which a device was heard at two ports

_RULESET = Template("""\
# Made by wifi-manager from gateway.toml; changes here are lost at the next start.
table bridge $table {
	counter drop_gateway_claim { }
	counter drop_address_claim { }
	counter drop_forged_arp { }
	counter drop_arp_flood { }
	counter drop_announcements { }
	counter drop_rogue_router { }
	counter drop_nd_flood { }
	counter drop_rogue_dhcp { }
	counter drop_forged_dhcp { }
	counter drop_dhcp_flood { }
	counter drop_dhcp_starvation { }
	counter drop_new_devices { }
	counter drop_isolation { }
	counter moves { }

	# Where devices are: known for minutes, heard within the last second, moved within the last seconds.
	set known { type ether_addr . iface_index; size 262144; flags dynamic,timeout; timeout 5m; }
	set heard { type ether_addr; size 262144; flags dynamic,timeout; timeout 900ms; }
	set heard_at { type ether_addr . iface_index; size 262144; flags dynamic,timeout; timeout 1s; }
	set moved { type ether_addr; size 65536; flags dynamic,timeout; timeout 4s; }
	set moving { type ether_addr; size 65536; flags dynamic,timeout; timeout 2m; }
	set copied { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
	# Who holds which address: by DHCP, and of IPv6 by the first claim (RFC 6620).
	set lent4 { typeof @nh,112,32; size 131072; flags dynamic,timeout; timeout 1h; }
	set holder4 { typeof @nh,112,32 . @ll,48,48; size 131072; flags dynamic,timeout; timeout 1h; }
	set held6 { typeof @th,64,128; size 131072; flags dynamic,timeout; timeout 1h; }
	set holder6 { typeof @th,64,128 . @ll,48,48; size 131072; flags dynamic,timeout; timeout 1h; }
	set lessees { type ether_addr . iface_index; size 131072; flags dynamic,timeout; timeout 1h; }
	# Equal fields within one frame.
	set same { typeof @ll,48,48; size 4096; flags dynamic,timeout; timeout 1s; }
	set same4 { typeof @nh,112,32 . @ll,48,48; size 4096; flags dynamic,timeout; timeout 1s; }
	# Brakes, per device and per port.
	set arp_brake { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
	set announcement_brake { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
	set nd_brake { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
	set claim_brake { type ether_addr; size 65536; flags dynamic,timeout; timeout 10m; }
	set dhcp_brake { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
	set new_device_brake { type iface_index; size 4096; flags dynamic,timeout; timeout 10m; }
	set lessee_brake { type iface_index; size 4096; flags dynamic,timeout; timeout 7d; }

	chain arriving { type filter hook prerouting priority dstnat; policy accept; }
	chain crossing { type filter hook forward priority filter; policy accept; }
	chain leaving { type filter hook output priority filter; policy accept; }
	chain first_frame { }
	chain elsewhere { }
	chain arp_frame { }
	chain announcement { }
	chain ipv6_frame { }
	chain neighbour { }
	chain claim6 { }
	chain udp_frame { }
	chain dhcp_client { }
	chain first_lease { }
}
flush chain bridge $table arriving
flush chain bridge $table crossing
flush chain bridge $table leaving
flush chain bridge $table first_frame
flush chain bridge $table elsewhere
flush chain bridge $table arp_frame
flush chain bridge $table announcement
flush chain bridge $table ipv6_frame
flush chain bridge $table neighbour
flush chain bridge $table claim6
flush chain bridge $table udp_frame
flush chain bridge $table dhcp_client
flush chain bridge $table first_lease
table bridge $table {
	chain arriving {
$arriving		ether saddr . iif != @heard_at jump first_frame
		meta protocol ip meta l4proto != udp accept
		meta protocol vmap { ip : jump udp_frame, ip6 : jump ipv6_frame, arp : jump arp_frame }
	}
	chain first_frame { # of a device at this port within a second
		ether saddr $own_macs counter name drop_gateway_claim drop
		ether saddr . iif != @known update @new_device_brake { iif limit rate over 500/second burst 8192 packets } \
			counter name drop_new_devices drop
		update @known { ether saddr . iif }
		ether saddr @heard goto elsewhere
		add @heard { ether saddr } comment "before the place, so that it ends before it: nobody is elsewhere at home"
		add @heard_at { ether saddr . iif }
	}
	chain elsewhere { # the same device was heard at another port within this second
		add @heard_at { ether saddr . iif }
		counter name moves
		ether saddr @moved update @moving { ether saddr limit rate over 6/minute burst 3 packets } \
			update @copied { ether saddr }
		update @moved { ether saddr }
	}
	chain arp_frame {
		arp saddr ip $own_v4 counter name drop_gateway_claim drop
		update @arp_brake { ether saddr limit rate over 20/second burst 50 packets } counter name drop_arp_flood drop
		add @same { @ll,48,48 }
		@nh,64,48 != @same delete @same { @ll,48,48 } counter name drop_forged_arp drop
		delete @same { @ll,48,48 }
		@nh,112,32 @lent4 @nh,112,32 . @ll,48,48 != @holder4 counter name drop_address_claim drop
		arp operation reply ether daddr ff:ff:ff:ff:ff:ff goto announcement
		add @same4 { @nh,112,32 . @ll,48,48 }
		@nh,192,32 . @ll,48,48 @same4 delete @same4 { @nh,112,32 . @ll,48,48 } goto announcement
		delete @same4 { @nh,112,32 . @ll,48,48 }
	}
	chain announcement { # nobody asked for it (RFC 5227, 3)
		update @announcement_brake { ether saddr limit rate over 1/second burst 10 packets } \
			counter name drop_announcements drop
	}
	chain ipv6_frame {
		meta l4proto icmpv6 goto neighbour
		meta l4proto != udp accept
		udp sport 547 counter name drop_rogue_dhcp drop
		udp dport 547 update @dhcp_brake { ether saddr limit rate over 2/second burst 20 packets } \
			counter name drop_dhcp_flood drop
	}
	chain neighbour { # neighbour discovery (RFC 4861) and multicast listeners
		icmpv6 type { nd-router-advert, nd-redirect } counter name drop_rogue_router drop
		ip6 saddr $own_v6 counter name drop_gateway_claim drop
		icmpv6 type nd-neighbor-advert @th,64,128 $own_v6_bits counter name drop_gateway_claim drop
		icmpv6 type nd-neighbor-solicit ip6 saddr :: @th,64,128 $own_v6_bits counter name drop_gateway_claim drop
		icmpv6 type { 130-136, 143 } update @nd_brake { ether saddr limit rate over 20/second burst 50 packets } \
			counter name drop_nd_flood drop
		icmpv6 type nd-neighbor-advert goto claim6
		icmpv6 type nd-neighbor-solicit ip6 saddr :: goto claim6
		icmpv6 type nd-neighbor-solicit @nh,64,128 @held6 @nh,64,128 . @ll,48,48 != @holder6 \
			counter name drop_address_claim drop
	}
	chain claim6 { # an address belongs to the device that first claimed it (RFC 6620)
		@th,64,128 . @ll,48,48 @holder6 update @holder6 { @th,64,128 . @ll,48,48 } update @held6 { @th,64,128 } accept
		@th,64,128 @held6 counter name drop_address_claim drop
		update @claim_brake { ether saddr limit rate over 20/minute burst 40 packets } accept
		add @holder6 { @th,64,128 . @ll,48,48 }
		add @held6 { @th,64,128 }
	}
	chain udp_frame { # IPv4
		udp sport 67 counter name drop_rogue_dhcp drop
		udp dport 67 goto dhcp_client
	}
	chain dhcp_client {
		update @dhcp_brake { ether saddr limit rate over 2/second burst 20 packets } counter name drop_dhcp_flood drop
		add @same { @ll,48,48 }
		@th,288,48 != @same delete @same { @ll,48,48 } counter name drop_forged_dhcp drop comment "chaddr"
		delete @same { @ll,48,48 }
		ether saddr . iif != @lessees goto first_lease
	}
	chain first_lease { # what comes through one port can never hold more than three quarters of the pool
$lessee_brakes		limit rate over 200/second burst 4096 packets counter name drop_dhcp_starvation drop
$lessees	}
	chain leaving { # our DHCP server's acknowledgements say who holds which address, and option 53 comes first
$leaving	}
	chain crossing { # from port to port: nothing
$crossing		ether daddr & 01:00:00:00:00:00 == 00:00:00:00:00:00 counter name drop_isolation drop
		drop
	}
}
""")


def guard_ruleset(lans: Sequence[Lan], trusted: Sequence[str], *, knows_bridges: bool) -> str:
    """The whole table as text for `nft -f`. `trusted` are ports at which only the city's own machines are.

    `knows_bridges`: whether the kernel can tell to which bridge a port belongs (nft_meta_bridge). Where it cannot,
    the table watches every bridge of the machine, and all LANs as if they were the one with the smallest pool.
    """
    not_ours = [f"meta ibrname != {_names(lan.bridge for lan in lans)} accept"] if knows_bridges else []
    from_trusted, to_trusted = _trusted("iifname", trusted), _trusted("oifname", trusted)
    pools = [(_Scope(lan.bridge), lan) for lan in lans] if knows_bridges else [(_Scope(), _smallest(lans))]
    v6 = [address for lan in lans for address in lan.own_v6] or [IPv6Address("::1")]
    return _RULESET.substitute(
        table=TABLE,
        own_macs=_choice(mac.full() for lan in lans for mac in lan.own_macs),
        own_v4=_choice(address for lan in lans for address in lan.own_v4),
        own_v6=_choice(v6),
        own_v6_bits=_choice(f"0x{address.packed.hex()}" for address in v6),
        arriving=_lines(not_ours + from_trusted),
        crossing=_lines(not_ours + from_trusted + to_trusted),
        lessee_brakes=_lines(f"{scope.arriving}{_lessee_brake(lan)}" for scope, lan in pools),
        lessees=_lines(f"{scope.arriving}{_lessee(lan)}" for scope, lan in pools),
        leaving=_lines(f"{scope.leaving}{_acknowledged(lan)}" for scope, lan in pools),
    )


@dataclass(frozen=True, slots=True)
class _Scope:
    """The bridge that a rule is for; an empty name means all of them."""

    bridge: str = ""

    @property
    def arriving(self) -> str:
        return f'meta ibrname "{self.bridge}" ' if self.bridge else ""

    @property
    def leaving(self) -> str:
        return f'meta obrname "{self.bridge}" ' if self.bridge else ""


def _smallest(lans: Sequence[Lan]) -> Lan:
    return min(lans, key=lambda lan: lan.pool)


def _lessee_brake(lan: Lan) -> str:
    """A quarter of the pool at once, and half of it in the time of a lease."""
    half, seconds = lan.pool // 2, lan.lease_seconds
    an_hour, a_week = half * _HOUR // seconds, max(half * _WEEK // seconds, 1)
    rate = f"{an_hour}/hour" if an_hour else f"{a_week}/week"
    over = f"limit rate over {rate} burst {max(lan.pool // 4, 1)} packets"
    return f"update @lessee_brake {{ iif {over} }} counter name drop_dhcp_starvation drop"


def _lessee(lan: Lan) -> str:
    return f"add @lessees {{ ether saddr . iif timeout {lan.lease_seconds}s }}"


def _acknowledged(lan: Lan) -> str:
    left = f"timeout {lan.lease_seconds}s"
    return (
        f"udp sport 67 @th,1984,24 0x350105 @th,192,32 != 0"
        f" update @lent4 {{ @th,192,32 {left} }} update @holder4 {{ @th,192,32 . @th,288,48 {left} }}"
    )


def _trusted(side: str, ports: Sequence[str]) -> list[str]:
    return [f"{side} {_names(ports)} accept"] if ports else []


def _names(names: Iterable[str]) -> str:
    return _choice(f'"{name}"' for name in names)


def _choice(items: Iterable[object]) -> str:
    return "{ " + ", ".join(str(item) for item in items) + " }"


def _lines(rules: Iterable[str]) -> str:
    return "".join(f"\t\t{rule}\n" for rule in rules)
