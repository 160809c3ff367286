"""Intent → OpenWrt's configuration files. Pure: the same Intent gives the same bytes, and no access point is asked.

Whole files are ours, all sections are named, and what is written is read back by a strict parser before it leaves.
"""

from collections.abc import Callable, Hashable, Iterator
from functools import lru_cache
from typing import Any

from provisioning.config_files import MANAGED, ConfigFiles
from provisioning.openwrt_services import dhcp, pool_line, snmpd, system
from provisioning.openwrt_wireless import wireless
from provisioning.sharing import Making, at_once
from provisioning.uci import Section, Value, format_sections, parse, section
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent, ManagementLine
from wifi_manager.domain.intent_services import AddressPool


def render(intent: Intent, made: Making = at_once) -> ConfigFiles:
    """All files of an access point that this program owns. Raises BadInput naming section and option."""
    content = {path: made(_package, path, make, *of) for path, make, *of in _packages(intent)}
    if intent.banner:
        content["etc/banner"] = intent.banner.encode()
    content[MANAGED] = "".join(f"{path}\n" for path in sorted([*content, MANAGED])).encode()
    return ConfigFiles(content)


def _packages(intent: Intent) -> Iterator[tuple[Any, ...]]:
    """Path, maker and all that it makes the package of: where that is equal, so are the files."""
    line = intent.management
    yield "etc/config/dhcp", dhcp, intent.pools
    yield "etc/config/network", _network, line, intent.vlans, intent.pools
    yield "etc/config/system", system, intent.hostname, intent.ntp, intent.syslog
    yield "etc/config/wireless", wireless, intent.air
    if intent.snmp is not None:
        yield "etc/config/snmpd", snmpd, intent.hostname, line.address, intent.snmp


def _package(path: str, make: Callable[..., tuple[Section, ...]], *of: Hashable) -> bytes:
    return _checked(path, make(*of)).encode()


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


def _network(line: ManagementLine, vlans: tuple[int, ...], pools: tuple[AddressPool, ...]) -> tuple[Section, ...]:
    own = line.port if line.vlan is None else f"{line.port}.{line.vlan}"
    return (
        section("interface", "loopback", *_static("lo"), ("ipaddr", "127.0.0.1"), ("netmask", "255.0.0.0")),
        _bridge("br_lan", "br-lan", own),
        section("interface", "lan", *_static("br-lan"), *_address(line)),
        *(each for vlan in vlans for each in _vlan(line.port, vlan, pools)),
    )


def _static(device: str) -> tuple[tuple[str, Value], ...]:
    return (("device", device), ("proto", "static"))


def _address(line: ManagementLine) -> tuple[tuple[str, Value | None], ...]:
    address, gateway = line.address, line.gateway
    way_out = str(gateway) if gateway else None
    if address.version == 6:  # noqa: PLR2004 - IP's version
        return (("ip6addr", str(address)), ("ip6gw", way_out))
    return (("ipaddr", str(address.ip)), ("netmask", str(address.netmask)), ("gateway", way_out))


def _bridge(name: str, device: str, port: str) -> Section:
    return section("device", name, ("name", device), ("type", "bridge"), ("ports", (port,)))


def _vlan(port: str, vlan: int, pools: tuple[AddressPool, ...]) -> tuple[Section, Section]:
    """A bridge for one VLAN of the cable. No address but for a pool: visitors cannot reach the access point."""
    bridge = _bridge(f"br_vlan{vlan}", f"br-vlan{vlan}", f"{port}.{vlan}")
    pool = next((each for each in pools if each.vlan == vlan), None)
    own = (("proto", "none"),) if pool is None else pool_line(pool)
    return bridge, section("interface", f"vlan{vlan}", ("device", f"br-vlan{vlan}"), *own)
