"""Kernel settings that decide whether a full square gets through: forwarding, neighbours, connections, bridges.

Keys are written as the kernel's files are, `net/ipv4/ip_forward`: sysctl takes them so, and an interface's name may
hold a dot.
"""

from collections.abc import Iterator

from wifi_manager.gateway.checking.box import Box, command_for
from wifi_manager.gateway.checking.findings import Finding, good, unknown, warning, wrong

_IPV6_ADDRESSES_A_PHONE = 4  # link-local, stable, and two temporary ones while they change (RFC 8981, 3.4)
_LEAST_CONNECTIONS_A_PHONE = 4  # with fewer the table is full before everybody has opened one page
_USUAL_CONNECTIONS_A_PHONE = 16
_MOST_ENTRIES_A_BUCKET = 8
_FULL = 0.75
_STRICT = 1  # rp_filter, RFC 3704, 2.2
_LEAST_NEIGHBOURS = 1024


def forwarding(box: Box, *, has_ipv6: bool, rules_loaded: bool | None) -> Finding:
    """Forwarding belongs behind the rules. `rules_loaded` is None where one may not look."""
    about, keys = "forwarding", ["net/ipv4/ip_forward", *(["net/ipv6/conf/all/forwarding"] if has_ipv6 else [])]
    switched = [box.setting(key) == 1 for key in keys]
    on, off = any(switched), not all(switched)
    if rules_loaded is None:
        return unknown(
            about, f"Forwarding is {'on' if on else 'off'}; whether rules stand before it, only root can see."
        )
    if on and not rules_loaded:
        says = "This machine forwards everything: forwarding is on and the gateway's rules are not loaded."
        return wrong(about, says, "wifi-manager gateway rules")
    if off and rules_loaded:
        says = "The rules are loaded but not everything is forwarded: who is online does not reach the internet."
        return wrong(about, says, "systemctl restart wifi-manager-gateway")
    return good(about, "On, behind the rules." if on else "Off, until the gateway has loaded its rules.")


def second_line(*, drawn: bool, rules_loaded: bool | None) -> Finding:
    """Routing rules that forward nothing without a mark, for the moment in which somebody removes the rules."""
    about, mend = "second line", "wifi-manager gateway rules"
    if rules_loaded and not drawn:
        return wrong(about, "`nft flush ruleset` would open the network: its routing rules are missing.", mend)
    return good(about, "Nothing is forwarded without rules." if drawn else "Not drawn yet, like the rules.")


def neighbours(box: Box, devices: int, *, has_ipv6: bool) -> Iterator[Finding]:
    """The kernel remembers each phone's hardware address; beyond the limit the next phone gets no packet."""
    families = [("ipv4", 4, 1), ("ipv6", 6, _IPV6_ADDRESSES_A_PHONE)]
    for family, version, each in families if has_ipv6 else families[:1]:
        about, prefix = f"neighbour table, IPv{version}", f"net/{family}/neigh/default/gc_thresh"
        limit, needed = box.setting(f"{prefix}3"), max(devices * each, _LEAST_NEIGHBOURS)
        if limit is None:
            yield unknown(about, "Its limit (gc_thresh3) shows only in the machine's own network namespace.")
        elif limit < needed:
            most = _rounded_up(needed)
            says = f"It holds {limit} entries; {devices} phones may need {needed}. Further phones get no packet."
            yield wrong(about, says, command_for({f"{prefix}{n}": most >> (3 - n) for n in (1, 2, 3)}))
        else:
            yield good(about, f"It holds {limit} entries for at most {devices} phones.")


def connections(box: Box, devices: int) -> Iterator[Finding]:
    """Every connection of every phone is one entry of the kernel's table; a full table refuses all new ones."""
    about, key = "connection table", "net/netfilter/nf_conntrack_max"
    most, now = box.setting(key), box.setting("net/netfilter/nf_conntrack_count") or 0
    if most is None:
        yield unknown(
            about, "Its limit shows once the gateway's rules have been loaded.", "wifi-manager gateway rules"
        )
        return
    wanted = _rounded_up(devices * _USUAL_CONNECTIONS_A_PHONE)
    mend = command_for({key: max(wanted, most * 2 if now > most * _FULL else 0)})
    if most < devices * _LEAST_CONNECTIONS_A_PHONE:
        yield wrong(
            about, f"It holds {most} connections, less than {_LEAST_CONNECTIONS_A_PHONE} for each phone.", mend
        )
    elif most < devices * _USUAL_CONNECTIONS_A_PHONE:
        yield warning(about, f"It holds {most} connections; {devices} phones usually have {wanted}.", mend)
    elif now > most * _FULL:
        yield warning(about, f"{now} of {most} entries are taken: soon no new connection is made.", mend)
    else:
        yield good(about, f"{now} of {most} entries are taken.")
    yield from _buckets(box, most)


def _buckets(box: Box, most: int) -> Iterator[Finding]:
    buckets = box.setting("net/netfilter/nf_conntrack_buckets")
    if buckets is not None and buckets * _MOST_ENTRIES_A_BUCKET < most:
        says = f"{most} connections in {buckets} buckets: each packet walks a long list."
        yield warning("connection table", says, command_for({"net/netfilter/nf_conntrack_buckets": most // 4}))


def return_paths(box: Box, uplink: str) -> Finding:
    """A strict reverse path drops what returns by another uplink than it left; the rules check sources themselves."""
    about, key = "reverse path filter", f"net/ipv4/conf/{uplink}/rp_filter"
    here, everywhere = box.setting(key), box.setting("net/ipv4/conf/all/rp_filter")
    if here is None or everywhere is None:
        return unknown(about, f"There is no interface {uplink}.")
    if max(here, everywhere) == _STRICT and box.default_routes() > 1:
        says = "It is strict and there are several ways to the internet: what returns by another one is dropped."
        return warning(about, says, command_for({"net/ipv4/conf/all/rp_filter": 2, key: 2}))
    return good(about, "It drops nothing that citizens need.")


def bridged_packets(box: Box) -> Finding:
    """With br_netfilter each bridged frame also goes through the rules for routed packets, and is counted there."""
    about = "bridged packets"
    keys = [f"net/bridge/bridge-nf-call-{table}" for table in ("iptables", "ip6tables", "arptables")]
    if on := [key for key in keys if box.setting(key)]:
        says = (
            "Bridged frames also pass the rules for routed packets: slower, and access points are cut off each other."
        )
        return warning(about, says, command_for(dict.fromkeys(on, 0)))
    return good(about, "They stay in the bridge.")


def _rounded_up(number: int) -> int:
    """The next power of two."""
    return 1 << (number - 1).bit_length()
