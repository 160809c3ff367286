"""Intent → OpenWrt's configuration files. Pure: the same Intent gives the same bytes, and no access point is asked.

Whole files are ours, all sections are named, and what is written is read back by a strict parser before it leaves.
"""

from collections.abc import Iterator
from functools import lru_cache

from provisioning.config_files import MANAGED, ConfigFiles
from provisioning.openwrt_services import dhcp, pool_line, snmpd, system
from provisioning.openwrt_wireless import wireless
from provisioning.uci import Section, Value, format_sections, parse, section
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent


def render(intent: Intent) -> ConfigFiles:
    """All files of an access point that this program owns. Raises BadInput naming section and option."""
    content = {path: _checked(path, sections).encode() for path, sections in _packages(intent)}
    if intent.banner:
        content["etc/banner"] = intent.banner.encode()
    content[MANAGED] = "".join(f"{path}\n" for path in sorted([*content, MANAGED])).encode()
    return ConfigFiles(content)


def _packages(intent: Intent) -> Iterator[tuple[str, tuple[Section, ...]]]:
    yield "etc/config/dhcp", dhcp(intent)
    yield "etc/config/network", _network(intent)
    yield "etc/config/system", system(intent)
    yield "etc/config/wireless", wireless(intent)
    if intent.snmp is not None:
        yield "etc/config/snmpd", snmpd(intent, intent.snmp)


def _checked(path: str, sections: tuple[Section, ...]) -> str:
    if len({each.name for each in sections}) != len(sections):
        raise BadInput(f"{path}: two sections have one name, so uci would join them; please report this.")
    return "\n" + "".join(map(_text, sections))


@lru_cache(maxsize=4096)
def _text(each: Section) -> str:
    """One section, read back. Most are the same on thousands of access points, and reading back takes the time."""
    text = format_sections((each,))
    if parse(text) != (each,):
        raise BadInput(f"{each.name}: reads back otherwise than it was meant; please report this with the Intent.")
    return text.removeprefix("\n")


def _network(intent: Intent) -> tuple[Section, ...]:
    line = intent.management
    vlans = sorted({network.vlan for network in intent.networks if network.vlan is not None})
    own = line.port if line.vlan is None else f"{line.port}.{line.vlan}"
    return (
        section("interface", "loopback", *_static("lo"), ("ipaddr", "127.0.0.1"), ("netmask", "255.0.0.0")),
        _bridge("br_lan", "br-lan", own),
        section("interface", "lan", *_static("br-lan"), *_address(intent)),
        *(each for vlan in vlans for each in _vlan(intent, vlan)),
    )


def _static(device: str) -> tuple[tuple[str, Value], ...]:
    return (("device", device), ("proto", "static"))


def _address(intent: Intent) -> tuple[tuple[str, Value | None], ...]:
    address, gateway = intent.management.address, intent.management.gateway
    way_out = str(gateway) if gateway else None
    if address.version == 6:  # noqa: PLR2004 - IP's version
        return (("ip6addr", str(address)), ("ip6gw", way_out))
    return (("ipaddr", str(address.ip)), ("netmask", str(address.netmask)), ("gateway", way_out))


def _bridge(name: str, device: str, port: str) -> Section:
    return section("device", name, ("name", device), ("type", "bridge"), ("ports", (port,)))


def _vlan(intent: Intent, vlan: int) -> tuple[Section, Section]:
    """A bridge for one VLAN of the cable. No address but for a pool: visitors cannot reach the access point."""
    bridge = _bridge(f"br_vlan{vlan}", f"br-vlan{vlan}", f"{intent.management.port}.{vlan}")
    pool = next((each for each in intent.pools if each.vlan == vlan), None)
    own = (("proto", "none"),) if pool is None else pool_line(pool)
    return bridge, section("interface", f"vlan{vlan}", ("device", f"br-vlan{vlan}"), *own)
