"""Settings to the text of the gateway's nftables ruleset. Pure: nothing is run here.

Loading and reloading are the same one transaction (`nft -f`): sets and maps are only declared, so what is in them
survives; chains are emptied and filled again. Never `flush ruleset`, never `flags owner` (the table would die with
its owner). All that is not said passes nothing: policy drop.

The packet mark is the device's number: stable per device, never 0. A device that is not online has the mark NOBODY;
a packet without any mark has not been through this table, and the second line forwards it nowhere.
A connection carries the number of the device that opened it, so what comes back needs no address to be known.
A packet of a phone passes who_is_it (-150), pre_nat (-100), then input or forward (0), then post_nat (100).
"""

from collections.abc import Iterable, Iterator
from string import Template

from wifi_manager.domain.addresses import IpAddress
from wifi_manager.gateway.rules.declarations import NOBODY, TABLE, declarations
from wifi_manager.gateway.rules.eid_rules import EID_ANSWERS, EID_QUESTIONS, EID_RULES
from wifi_manager.gateway.rules.name_rules import NAME_DOORS, filtered_refusals, name_chains, name_redirects
from wifi_manager.gateway.settings import GatewaySettings, Network
from wifi_manager.gateway.toml_reader import IpNetwork

_RULES = Template("""\
table inet $table {
	chain who_is_it {
		iifname $lan goto from_phone
		meta mark set ct mark
	}
	chain from_phone {
		meta mark set $nobody
		ether saddr @blocked drop
		ct state invalid drop
$sources		meta mark set ether saddr map @online
		ct state new goto opened
		ct mark $nobody meta mark != $nobody ct status dnat goto refuse comment "redirected before the sign-in"
	}
	chain no_address4 {
		ip saddr 0.0.0.0 udp dport 67 accept comment "asks for a lease"
		drop
	}
	chain no_address6 {
		ip6 saddr :: meta l4proto ipv6-icmp accept comment "looks whether its address is taken"
		drop
	}
	chain opened { # the first packet of a connection
$own		ether saddr @at_cap drop comment "counting thousands costs a millisecond: once a second is enough"
		add @connections { ether saddr ct count over $connections } add @at_cap { ether saddr } drop
		ct mark set meta mark
	}
	chain pre_nat { # sees the first packet of a connection only
$redirects	}
	chain input {
		iifname "lo" accept
		iifname $lan goto to_gateway
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-advert, packet-too-big, time-exceeded, \
parameter-problem, destination-unreachable } accept
		ip6 saddr fe80::/10 udp dport 546 accept comment "the uplink's own address"
$management		ct state established,related accept
	}
	chain to_gateway {
		icmpv6 type { nd-neighbor-solicit, nd-neighbor-advert, nd-router-solicit } accept
		udp dport 67 accept
		ip6 saddr fe80::/10 udp dport 547 @th,64,8 11 accept comment "only who asks for information: nothing is lent"
		meta pkttype != host drop
		ct state new tcp flags syn update @syn_brake { ether saddr limit rate over $new_connections/second \
burst $new_burst packets } drop
$name_doors		tcp dport { 80, 443, $redirect_port } accept
		icmp type echo-request limit rate 100/second accept
		icmpv6 type echo-request limit rate 100/second accept
		icmpv6 type { nd-router-advert, nd-redirect } drop
		ct state established,related accept
		goto refuse
	}
$name_chains	chain forward {
		iifname $lan goto from_lan
		iifname "$uplink" oifname $lan goto to_lan
	}
	chain from_lan {
		oifname != "$uplink" goto refuse comment "phones, other networks, management"
		ip daddr . tcp dport @portal4 accept
		ip6 daddr . tcp dport @portal6 accept
$protected$filtered		meta mark $nobody goto garden_and_nothing_else
		ct mark { 0, $nobody } ct mark set meta mark comment "opened before the sign-in"
		meta mark @s_quota goto refuse comment "both directions feed one quota"
		meta mark @s_quota_up goto refuse
		meta priority set none
		meta priority set meta mark map @s_class
		meta priority none meta mark @s_rate_up drop comment "a class would let it wait"
		meta mark @s_up accept comment "counts"
		goto refuse
	}
	chain garden_and_nothing_else {
		ip daddr @garden4 accept
		ip6 daddr @garden6 accept
		$eid_questions
		goto refuse
	}
$eid_rules	chain refuse { # at its end the base chain's policy drops
		meta l4proto tcp reject with tcp reset
		limit rate 2000/second reject with icmpx admin-prohibited
	}
	chain to_lan { # no blanket "ct established accept": a connection dies with its grant
		ct state != { established, related } drop
		ip saddr . tcp sport @portal4 accept
		ip6 saddr . tcp sport @portal6 accept
		meta mark $nobody goto garden_answers
		meta mark != @live drop
		meta mark @s_quota drop
		meta mark @s_quota_dn drop
		meta priority set none
		meta priority set meta mark map @s_class
		meta priority none meta mark @s_rate_dn drop
		meta mark @s_dn accept comment "counts"
		drop
	}
	chain garden_answers {
		ip saddr @garden4 accept
		ip6 saddr @garden6 accept
$eid_answers		drop
	}
	chain post_nat {
		ip saddr $prefixes4 oifname "$uplink" masquerade
	}
}
""")
_HEAD = "# Made by wifi-manager from gateway.toml; changes here are lost at the next start.\n"


def ruleset(settings: GatewaySettings) -> str:
    """The whole ruleset of a gateway as text for `nft -f`."""
    return _HEAD + declarations() + _portal(settings) + _rules(settings)


def _rules(settings: GatewaySettings) -> str:
    networks = settings.networks
    return _RULES.substitute(
        table=TABLE,
        nobody=f"0x{NOBODY:x}",
        lan=_names(settings.lan_interfaces),
        uplink=settings.uplink.interface,
        prefixes4=_choice(network.address.network for network in networks),
        connections=settings.limits.connections,
        new_connections=settings.limits.new_connections,
        new_burst=2 * settings.limits.new_connections,
        redirect_port=settings.face.redirect_port,
        sources=_lines(rule for network in networks for rule in _sources(network)),
        own=_lines(f"{field} {own} drop" for field, own in _by_family("saddr", _own_addresses(settings))),
        redirects=_lines(rule for network in networks for rule in _redirects(network, settings)),
        name_doors=NAME_DOORS,
        eid_questions=EID_QUESTIONS,
        eid_rules=EID_RULES,
        eid_answers=EID_ANSWERS,
        name_chains=name_chains(NOBODY),
        filtered=_lines(rule for network in networks for rule in filtered_refusals(network, NOBODY)),
        management=_lines(_management(settings)),
        protected=_lines(
            f"{field} {networks} goto refuse" for field, networks in _by_family("daddr", settings.uplink.protected)
        ),
    )


def _portal(settings: GatewaySettings) -> str:
    """Fills the sets of what everybody may reach, whatever was in them before."""
    lines = []
    for version in (4, 6):
        addresses = [each for each in settings.garden.addresses if each.version == version]
        places = [f"{address} . {port}" for address in addresses for port in settings.garden.ports]
        lines.append(f"flush set inet {TABLE} portal{version}")
        if places:
            lines.append(f"add element inet {TABLE} portal{version} {_choice(places)}")
    return "\n".join([*lines, ""])


def _sources(network: Network) -> Iterator[str]:
    """Nobody speaks from an address of another network. Link-local ones are each link's own."""
    interface = f'iifname "{network.interface}"'
    yield f"{interface} ip saddr != {network.address.network} goto no_address4"
    own = f"ip6 saddr != {network.address6.network} " if network.address6 else ""
    yield f"{interface} {own}ip6 saddr != fe80::/10 goto no_address6"


def _redirects(network: Network, settings: GatewaySettings) -> Iterator[str]:
    """What a stranger's web pages, names and clock lead to: the gateway itself."""
    stranger = f'iifname "{network.interface}" meta mark 0x{NOBODY:x}'
    for own in network.own_addresses:
        ip, family = ("ip", 4) if own.version == 4 else ("ip6", 6)  # noqa: PLR2004 - versions of IP
        to = own if family == 4 else f"[{own}]"  # noqa: PLR2004 - versions of IP
        elsewhere = f"{ip} daddr != {own} {ip} daddr != @garden{family} {ip} daddr . tcp dport != @portal{family}"
        yield f"{stranger} tcp dport 80 {elsewhere} dnat {ip} to {to}:{settings.face.redirect_port}"
        yield from name_redirects(network, own, NOBODY, has_clock=bool(settings.ntp.servers))


def _management(settings: GatewaySettings) -> Iterator[str]:
    management = settings.management
    if not management.ports:
        return
    ports = f"tcp dport {_choice(management.ports)} accept"
    if management.interfaces:
        yield f"iifname {_names(management.interfaces)} {ports}"
    for field, addresses in _by_family("saddr", management.addresses):
        yield f"{field} {addresses} {ports}"


def _own_addresses(settings: GatewaySettings) -> Iterator[IpAddress]:
    return (address for network in settings.networks for address in network.own_addresses)


def _by_family(field: str, items: Iterable[IpAddress | IpNetwork]) -> Iterator[tuple[str, str]]:
    """The match and the values of each family that occurs."""
    found = tuple(items)
    for version, ip in ((4, "ip"), (6, "ip6")):
        if chosen := [item for item in found if item.version == version]:
            yield f"{ip} {field}", _choice(chosen)


def _names(interfaces: Iterable[str]) -> str:
    return _choice(f'"{name}"' for name in interfaces)


def _choice(items: Iterable[object]) -> str:
    return "{ " + ", ".join(str(item) for item in items) + " }"


def _lines(rules: Iterable[str]) -> str:
    return "".join(f"\t\t{rule}\n" for rule in rules)
