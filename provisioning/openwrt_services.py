"""The packages `system`, `dhcp` and `snmpd` of an OpenWrt access point."""

from provisioning.uci import Section, Value, section
from wifi_manager.domain.intent import IpInterface
from wifi_manager.domain.intent_services import AddressPool, Snmp, Syslog

_ROUTER, _DNS, _CAPTIVE_API = 3, 6, 114  # DHCP options: RFC 2132, 3.5 and 3.8; RFC 8910, 2.1


def system(hostname: str, ntp: tuple[str, ...], log: Syslog | None) -> tuple[Section, ...]:
    """Name, clock and log."""
    to = () if log is None else (("log_ip", log.host), ("log_port", str(log.port)), ("log_proto", log.protocol.value))
    return (
        section("system", "system", ("hostname", hostname), ("timezone", "UTC"), ("zonename", "UTC"), *to),
        section("timeserver", "ntp", ("enabled", "1" if ntp else "0"), ("server", ntp)),
    )


def dhcp(pools: tuple[AddressPool, ...]) -> tuple[Section, ...]:
    """The gateway gives out addresses, but for pools; an access point that did so too would break the whole site."""
    silent = section("dhcp", "lan", ("interface", "lan"), ("ignore", "1"))
    if not pools:
        return (silent,)
    server = section("dnsmasq", "dnsmasq", ("port", "0"), ("authoritative", "1"), ("leasefile", "/tmp/dhcp.leases"))  # noqa: S108 - on the access point, where it is RAM
    return (server, silent, *map(_pool, pools))


def _pool(pool: AddressPool) -> Section:
    network = int(pool.address.network.network_address)
    told = ((_ROUTER, str(pool.router)), (_DNS, ",".join(map(str, pool.dns))), (_CAPTIVE_API, pool.captive_api))
    return section(
        "dhcp",
        f"vlan{pool.vlan}",
        ("interface", f"vlan{pool.vlan}"),
        ("start", str(int(pool.first) - network)),
        ("limit", str(int(pool.last) - int(pool.first) + 1)),
        ("leasetime", f"{pool.lease_minutes}m"),
        ("dhcp_option", tuple(f"{number},{value}" for number, value in told if value)),
    )


def pool_line(pool: AddressPool) -> tuple[tuple[str, Value], ...]:
    """The access point's own address in the pool's VLAN, for the package `network`."""
    return (("proto", "static"), ("ipaddr", str(pool.address.ip)), ("netmask", str(pool.address.netmask)))


def snmpd(hostname: str, address: IpInterface, snmp: Snmp) -> tuple[Section, ...]:
    """Reading alone, at the management address alone, for the named networks alone."""
    version = (("snmp_version", "v1/v2c/v3" if snmp.community else "v3"),) if snmp.user else ()
    switch = section("snmpd", "general", ("enabled", str(int(snmp.enabled))), *version)
    if not snmp.enabled:
        return (switch, section("agent", "agent", ("agentaddress", "UDP:127.0.0.1:161")))
    at = f"UDP:{address.ip}:161" if address.version == 4 else f"UDP6:[{address.ip}]:161"  # noqa: PLR2004 - IP's version
    return (
        switch,
        section("agent", "agent", ("agentaddress", at)),
        section(
            "system",
            "system",
            ("sysName", hostname),
            ("sysLocation", snmp.location),
            ("sysContact", snmp.contact),
        ),
        *(_readers(snmp) if snmp.community else ()),
        *(_user(snmp) if snmp.user else ()),
    )


def _user(snmp: Snmp) -> tuple[Section, ...]:
    return (
        section(
            "v3",
            "user",
            ("username", snmp.user),
            ("auth_type", "SHA"),
            ("auth_pass", snmp.auth_key),
            ("privacy_type", "AES"),
            ("privacy_pass", snmp.privacy_key),
            ("allow_write", "0"),
        ),
    )


def _readers(snmp: Snmp) -> tuple[Section, ...]:
    return (
        *(
            section(
                "com2sec" if source.version == 4 else "com2sec6",  # noqa: PLR2004 - IP's version
                f"source{index}",
                ("secname", "reader"),
                ("source", str(source)),
                ("community", snmp.community),
            )
            for index, source in enumerate(snmp.sources)
        ),
        section("group", "readers", ("group", "readers"), ("version", "v2c"), ("secname", "reader")),
        section("view", "all", ("viewname", "all"), ("type", "included"), ("oid", ".1")),
        section(
            "access",
            "reading",
            *(
                ("group", "readers"),
                ("context", "none"),
                ("version", "v2c"),
                ("level", "noauth"),
                ("prefix", "exact"),
            ),
            *(("read", "all"), ("write", "none"), ("notify", "none")),
        ),
    )
