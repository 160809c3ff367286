"""Intent → the files of a Linux access point with hostapd. Pure; the helper's part for Linux puts them to work."""

from collections.abc import Iterator

from provisioning.config_files import MANAGED, ConfigFiles
from provisioning.hostapd_rendering import MANAGEMENT_BRIDGE, hostapd_conf, interface_of
from provisioning.linux_snmp import snmpd_conf
from provisioning.sharing import Making, at_once
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_services import SyslogProtocol

LINES = "etc/prov/lines"  # cables and radios, one order a line, read by the helper's part for Linux
_NONE = "-"


def render(intent: Intent, made: Making = at_once) -> ConfigFiles:
    """All files of an access point that this program owns. Raises BadInput for what this platform cannot do."""
    if problems := list(_problems(intent)):
        raise BadInput("\n".join(problems))
    content = {path: text.encode() for path, text in _texts(intent, made)}
    content[MANAGED] = "".join(f"{path}\n" for path in sorted([*content, MANAGED])).encode()
    return ConfigFiles(content)


def _problems(intent: Intent) -> Iterator[str]:
    if intent.pools:
        yield "pools: a Linux access point gives out no addresses; let the site's gateway do it."
    interfaces = [interface_of(radio) for radio in intent.radios]
    for radio, interface in zip(intent.radios, interfaces, strict=True):
        if interfaces.count(interface) > 1:
            yield f"{radio.name}.path: another radio is {interface} too; each needs an interface of its own."


def _texts(intent: Intent, made: Making) -> Iterator[tuple[str, str]]:
    yield "etc/hostname", f"{intent.hostname}\n"
    yield LINES, "".join(f"{' '.join(words)}\n" for words in _lines(intent))
    for radio in intent.radios:
        yield f"etc/hostapd/{radio.name}.conf", hostapd_conf(intent, radio, made)
    if intent.ntp:
        yield "etc/systemd/timesyncd.conf.d/city.conf", f"[Time]\nNTP={' '.join(intent.ntp)}\n"
    if intent.syslog is not None:
        at = "@@" if intent.syslog.protocol is SyslogProtocol.TCP else "@"
        host = f"[{intent.syslog.host}]" if ":" in intent.syslog.host else intent.syslog.host
        yield "etc/rsyslog.d/city.conf", f"*.* {at}{host}:{intent.syslog.port}\n"
    if intent.snmp is not None:
        yield "etc/snmp/snmpd.conf", snmpd_conf(intent, intent.snmp)
    if intent.banner:
        yield "etc/motd", intent.banner


def _lines(intent: Intent) -> Iterator[tuple[str, ...]]:
    """`bridge NAME PORT VLAN ADDRESS GATEWAY` and `power INTERFACE DBM`; visitors' bridges have no address."""
    line = intent.management
    own = _NONE if line.vlan is None else str(line.vlan)
    way_out = _NONE if line.gateway is None else str(line.gateway)
    yield "bridge", MANAGEMENT_BRIDGE, line.port, own, str(line.address), way_out
    for vlan in intent.vlans:
        yield "bridge", f"br-vlan{vlan}", line.port, str(vlan), _NONE, _NONE
    for radio in intent.radios:
        if radio.power_dbm is not None:
            yield "power", interface_of(radio), str(radio.power_dbm)
