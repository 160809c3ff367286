"""snmpd.conf(5) of a Linux access point: Net-SNMP, as OpenWrt's own package has it."""

from collections.abc import Iterator

from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_services import Snmp

_PORT = 161


def snmpd_conf(intent: Intent, snmp: Snmp) -> str:
    """Reading alone, at the management address alone: for the user of version 3, and for those with the community."""
    return "".join(f"{line}\n" for line in _lines(intent, snmp))


def _lines(intent: Intent, snmp: Snmp) -> Iterator[str]:
    if not snmp.enabled:
        yield f"agentaddress udp:127.0.0.1:{_PORT}"
        return
    address = intent.management.address
    yield f"agentaddress {f'udp:{address.ip}' if address.version == 4 else f'udp6:[{address.ip}]'}:{_PORT}"  # noqa: PLR2004 - IP's version
    yield f"sysName {intent.hostname}"
    for word, text in (("sysLocation", snmp.location), ("sysContact", snmp.contact)):
        if text:
            yield f"{word} {text}"
    yield "view all included .1"
    if snmp.user:
        yield f"createUser {snmp.user} SHA {snmp.auth_key} AES {snmp.privacy_key}"
        yield f"rouser {snmp.user} priv -V all"
    if snmp.community:
        yield from _community(snmp)


def _community(snmp: Snmp) -> Iterator[str]:
    for source in snmp.sources:
        yield f"{'com2sec' if source.version == 4 else 'com2sec6'} reader {source} {snmp.community}"  # noqa: PLR2004 - IP's version
    yield "group readers v2c reader"
    yield 'access readers "" v2c noauth exact all none none'
