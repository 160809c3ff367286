"""Settings to the text of the gateway's nftables ruleset. Pure: nothing is run here.

Loading and reloading are the same one transaction (`nft -f`): sets and maps are only declared, so what is in them
survives; chains are emptied and filled again. Never `flush ruleset`, never `flags owner` (the table would die with
its owner). All that is not said passes nothing: policy drop.

The packet mark is the device's number: stable per device, never 0, which means "nobody".
A packet of a phone passes who_is_it (-150), pre_nat (-100), then input or forward (0), then post_nat (100).
Version 1 announces no IPv6 to phones and forwards none at all, so IPv6 is no way around the portal.
"""

from collections.abc import Iterable
from string import Template

from wifi_manager.gateway.settings import GatewaySettings

TABLE = "wifi"

_RULESET = Template("""\
# Made by wifi-manager from gateway.toml; changes here are lost at the next start.
table inet $table {
	# Who is online. A sign-in writes up4, dn4, s_up, s_dn and, by plan, s_quota, s_rate_up, s_rate_dn in one batch.
	map up4 { type ether_addr . ipv4_addr : mark; size 131072; flags timeout; }
	map dn4 { type ipv4_addr : mark; size 131072; flags timeout; }
	set s_up { type mark; size 131072; flags timeout; counter; }
	set s_dn { type mark; size 131072; flags timeout; counter; }
	set s_quota { type mark; size 131072; flags timeout; quota over 1 mbytes; }
	set s_rate_up { type mark; size 131072; flags timeout; limit rate over 1 mbytes/second; }
	set s_rate_dn { type mark; size 131072; flags timeout; limit rate over 1 mbytes/second; }
	# What everybody may reach: the portal by address and port, and names that dnsmasq resolves into the garden.
	set portal { type ipv4_addr . inet_service; size 4096; }
	set garden { type ipv4_addr; size 65536; flags timeout; timeout 1h; }
	# Brakes per device for traffic to the gateway itself.
	set syn_brake { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }
	set dns_brake { type ether_addr; size 65536; flags dynamic,timeout; timeout 1m; }

	chain who_is_it { type filter hook prerouting priority mangle; policy accept; }
	chain pre_nat { type nat hook prerouting priority dstnat; policy accept; }
	chain input { type filter hook input priority filter; policy drop; }
	chain forward { type filter hook forward priority filter; policy drop; }
	chain post_nat { type nat hook postrouting priority srcnat; policy accept; }
	chain from_phone { }
	chain from_lan { }
	chain to_lan { }
	chain refuse { }
}
flush chain inet $table who_is_it
flush chain inet $table pre_nat
flush chain inet $table input
flush chain inet $table forward
flush chain inet $table post_nat
flush chain inet $table from_phone
flush chain inet $table from_lan
flush chain inet $table to_lan
flush chain inet $table refuse
flush set inet $table portal
add element inet $table portal { $portal }
table inet $table {
	chain who_is_it {
		iifname "$lan" meta mark set 0 goto from_phone
	}
	chain from_phone {
		ct state invalid drop
		meta nfproto ipv4 ip saddr != $network ip saddr != 0.0.0.0 drop comment "spoofed; 0.0.0.0 asks for a lease"
		meta mark set ether saddr . ip saddr map @up4
	}
	chain pre_nat { # sees the first packet of a connection only
		iifname "$lan" meta mark 0 tcp dport 80 ip daddr != $address ip daddr != @garden \
			ip daddr . tcp dport != @portal redirect to :$redirect_port
		iifname "$lan" meta nfproto ipv4 meta mark 0 udp dport 53 redirect to :53
		iifname "$lan" meta nfproto ipv4 meta mark 0 tcp dport 53 redirect to :53
	}
	chain input {
		iifname "lo" accept
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, packet-too-big, time-exceeded } accept
$management		iifname != "$lan" ct state established,related accept
		iifname != "$lan" drop
		meta nfproto ipv6 drop
		udp dport 67 accept
		ct state new tcp flags syn update @syn_brake { ether saddr limit rate over 200/second burst 400 packets } drop
		udp dport 53 update @dns_brake { ether saddr limit rate over 30/second burst 60 packets } drop
		meta l4proto { tcp, udp } th dport 53 accept
		tcp dport { 80, 443, $redirect_port } accept
		icmp type echo-request limit rate 100/second accept
		ct state established,related accept
		goto refuse
	}
	chain forward {
		meta nfproto ipv6 goto refuse
		iifname "$lan" goto from_lan
		oifname "$lan" goto to_lan
	}
	chain from_lan {
		oifname "$lan" drop comment "phone to phone"
		oifname != "$wan" goto refuse
		ip daddr . tcp dport @portal accept
$protected		meta mark 0 ip daddr @garden accept
		meta mark 0 goto refuse
		meta mark @s_quota goto refuse comment "both directions feed one quota"
		meta mark @s_rate_up drop
		ct mark set meta mark
		meta mark @s_up accept comment "counts, and is the proof that the grant lives"
		goto refuse
	}
	chain refuse { # at its end the base chain's policy drops
		meta l4proto tcp reject with tcp reset
		limit rate 2000/second reject with icmpx admin-prohibited
	}
	chain to_lan { # no blanket "ct established accept": a connection dies with its grant
		ct state != { established, related } drop
		ip saddr . tcp sport @portal accept
		meta mark set ip daddr map @dn4
		ip saddr @garden meta mark 0 accept
		meta mark @s_quota drop
		meta mark @s_rate_dn drop
		meta mark @s_dn accept
		drop
	}
	chain post_nat {
		ip saddr $network oifname "$wan" masquerade
	}
}
""")


def ruleset(settings: GatewaySettings) -> str:
    """The whole ruleset of a gateway as text for `nft -f`."""
    network = settings.network
    portal = [f"{address} . {port}" for address in settings.garden.addresses for port in settings.garden.ports]
    return _RULESET.substitute(
        table=TABLE,
        lan=network.lan_interface,
        wan=network.wan_interface,
        address=network.address.ip,
        network=network.address.network,
        portal=", ".join(portal),
        redirect_port=settings.face.redirect_port,
        management=_lines(_management(settings)),
        protected=_lines(_protected(settings)),
    )


def _management(settings: GatewaySettings) -> Iterable[str]:
    network = settings.network
    if not network.management_ports:
        return
    ports = f"tcp dport {_choice(network.management_ports)} accept"
    if network.management_interfaces:
        names = (f'"{name}"' for name in network.management_interfaces)
        yield f"iifname {_choice(names)} {ports}"
    if network.management_addresses:
        yield f'iifname != "{network.lan_interface}" ip saddr {_choice(network.management_addresses)} {ports}'


def _protected(settings: GatewaySettings) -> Iterable[str]:
    if settings.network.protected:
        yield f"ip daddr {_choice(settings.network.protected)} goto refuse"


def _choice(items: Iterable[object]) -> str:
    return "{ " + ", ".join(str(item) for item in items) + " }"


def _lines(rules: Iterable[str]) -> str:
    return "".join(f"\t\t{rule}\n" for rule in rules)
