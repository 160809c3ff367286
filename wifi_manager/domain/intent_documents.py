"""Intent as a document: what a TOML file or a stored row says. Errors name every place."""

import tomllib
from collections.abc import Callable, Mapping
from typing import Any

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent, ManagementLine
from wifi_manager.domain.intent_networks import (
    ENTERPRISE,
    KEYLESS,
    KINDS,
    PERSONAL,
    Enterprise,
    FastRoaming,
    Keyless,
    Open,
    Personal,
    RadiusServer,
    Security,
    WirelessNetwork,
)
from wifi_manager.domain.intent_radios import RadioIntent
from wifi_manager.domain.intent_rules import checked
from wifi_manager.domain.intent_services import AddressPool, Snmp, Syslog, SyslogProtocol
from wifi_manager.domain.intent_tables import (
    Table,
    address,
    address_v4,
    addresses_v4,
    interface,
    interface_v4,
    one_of,
    secret,
    subnets,
    text,
    texts,
    whole,
    yes_or_no,
)

_KEYLESS: Mapping[str, Callable[[], Keyless]] = {kind.word: kind for kind in KEYLESS}
_PERSONAL: Mapping[str, Callable[[str], Personal]] = {kind.word: kind for kind in PERSONAL}
_ENTERPRISE: Mapping[str, Callable[..., Enterprise]] = {kind.word: kind for kind in ENTERPRISE}
_SERVERS = ("authentication", "accounting")


def intent_from_document(document: Mapping[str, Any]) -> Intent:
    """Read an Intent that is wanted from now on, and check it by all rules.

    Raises BadInput with one line for each wrong place; keys that are not known are wrong too.
    """
    return checked(_intent(document))


def intent_from_text(said: str) -> Intent:
    """Read an Intent from TOML. Raises BadInput as `intent_from_document`, and for text that is no TOML."""
    return intent_from_document(parse_toml(said))


def approved_intent(said: str) -> Intent:
    """Read what was approved before, maybe under older rules: it is what runs, and the way back. Raises BadInput."""
    return approved_from_document(parse_toml(said))


def approved_from_document(document: Mapping[str, Any]) -> Intent:
    """The same of a document."""
    return _intent(document)


def own_part(document: Mapping[str, Any]) -> tuple[str, ManagementLine]:
    """The host name and the line that an access point has for itself, not checked yet. Raises BadInput."""
    problems: list[str] = []
    root = Table("", document, problems)
    own = root.need("hostname", text), _management(root.table("management"))
    if problems:
        raise BadInput("\n".join(problems))
    return own


def parse_toml(said: str) -> dict[str, Any]:
    """The document that a text says. Raises BadInput."""
    try:
        return tomllib.loads(said)
    except tomllib.TOMLDecodeError as why:
        raise BadInput(f"The intent is not TOML: {why}.") from why


def _intent(document: Mapping[str, Any]) -> Intent:
    problems: list[str] = []
    root = Table("", document, problems)
    parts = {
        "hostname": root.need("hostname", text),
        "ntp": root.may("ntp", texts, ()),
        "outdoor": root.may("outdoor", yes_or_no, default=False),
        "banner": root.may("banner", text, ""),
        "management": _management(root.table("management")),
        "radios": root.each("radios", _radio),
        "radius": root.each("radius", _server),
        "networks": root.each("networks", _network),
        "pools": root.each("pools", _pool),
        "syslog": _maybe(root, "syslog", _syslog),
        "snmp": _maybe(root, "snmp", _snmp),
    }
    root.finish()
    if problems:
        raise BadInput("\n".join(problems))
    return Intent(**parts)


def _maybe(root: Table, name: str, read: Callable[[Table], Any]) -> Any:
    table = root.maybe(name)
    return None if table is None else read(table)


def _management(table: Table) -> ManagementLine:
    line = ManagementLine(
        address=table.need("address", interface),
        gateway=table.may("gateway", address),
        port=table.may("port", text, "eth0"),
        vlan=table.may("vlan", whole),
    )
    table.finish()
    return line


def _radio(table: Table) -> RadioIntent:
    radio = RadioIntent(
        name=table.need("name", text),
        band=table.need("band", _band),
        country=table.need("country", text),
        channel=table.may("channel", _channel, 0),
        width_mhz=table.may("width_mhz", whole, 20),
        path=table.may("path", text, ""),
        power_dbm=table.may("power_dbm", whole),
        gain_dbi=table.may("gain_dbi", whole, 0),
        networks_max=table.may("networks_max", whole, 16),
    )
    table.finish()
    return radio


def _channel(value: Any) -> int:
    """A channel, or a plan of several that neighbours share out; who reads a file alone gets the first."""
    if isinstance(value, list):
        if not value:
            raise ValueError("an empty plan; name channels, or 0 for automatic.")
        plan = list(map(whole, value))
        return plan[0]
    if value == "auto":
        return 0
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError('a whole number is expected, "auto", or a list of numbers.')
    return value


def _server(table: Table) -> RadiusServer:
    server = RadiusServer(
        name=table.need("name", text),
        address=table.need("address", address),
        secret=table.need("secret", secret),
        port=table.may("port", whole, 1812),
        accounting_port=table.may("accounting_port", whole, 1813),
    )
    table.finish()
    return server


def _network(table: Table) -> WirelessNetwork:
    network = WirelessNetwork(
        name=table.need("name", text),
        ssid=table.need("ssid", text),
        security=_security(table),
        radios=table.may("radios", texts, ()),
        bands=table.may("bands", _bands, ()),
        vlan=table.may("vlan", whole),
        hidden=table.may("hidden", yes_or_no, default=False),
        isolate=table.may("isolate", yes_or_no, default=True),
        max_stations=table.may("max_stations", whole),
        fast_roaming=_fast_roaming(table),
        neighbour_reports=table.may("ieee80211k", yes_or_no, default=False),
        bss_transition=table.may("ieee80211v", yes_or_no, default=False),
    )
    table.finish()
    return network


def _security(table: Table) -> Security:
    """What the encryption's word asks for. What only another kind has is wrong: it would be ignored silently."""
    word = table.need("encryption", _kind)
    key = table.may("key", secret)
    servers = [table.may(name, texts) for name in _SERVERS]
    if word in _PERSONAL:
        _no_servers(table, word)
        if "key" not in table.values:
            table.complain("key", f"{word} needs a key of 8 to 63 characters.")
        return _PERSONAL[word](key or "")
    if key is not None and word is not None:
        table.complain("key", f"{word} has no key; remove it, or choose one of {', '.join(_PERSONAL)}.")
    if word in _ENTERPRISE:
        return _ENTERPRISE[word](*(names or () for names in servers))
    _no_servers(table, word)
    return _KEYLESS.get(word, Open)()


def _no_servers(table: Table, word: str) -> None:
    for name in _SERVERS:
        if name in table.values and word is not None:
            table.complain(
                name, f"{word} asks no RADIUS server; remove it, or choose one of {', '.join(_ENTERPRISE)}."
            )


def _fast_roaming(table: Table) -> FastRoaming | None:
    """How it roams is read also where it does not, so that one layer may say how and another whether."""
    over_ds = table.may("ft_over_ds", yes_or_no, default=False)
    deadline = table.may("reassociation_deadline", whole, 20000)
    return FastRoaming(over_ds, deadline) if table.may("ieee80211r", yes_or_no, default=False) else None


def _pool(table: Table) -> AddressPool:
    pool = AddressPool(
        name=table.need("name", text),
        vlan=table.need("vlan", whole),
        address=table.need("address", interface_v4),
        first=table.need("first", address_v4),
        last=table.need("last", address_v4),
        router=table.need("router", address_v4),
        dns=table.may("dns", addresses_v4, ()),
        lease_minutes=table.may("lease_minutes", whole, 60),
        captive_api=table.may("captive_api", text, ""),
    )
    table.finish()
    return pool


def _syslog(table: Table) -> Syslog:
    syslog = Syslog(
        host=table.need("host", text),
        port=table.may("port", whole, 514),
        protocol=table.may("protocol", _protocol, SyslogProtocol.UDP),
    )
    table.finish()
    return syslog


def _snmp(table: Table) -> Snmp:
    snmp = Snmp(
        community=table.may("community", secret, ""),
        sources=table.may("sources", subnets, ()),
        location=table.may("location", text, ""),
        contact=table.may("contact", text, ""),
        enabled=table.may("enabled", yes_or_no, default=True),
        user=table.may("user", text, ""),
        auth_key=table.may("auth_key", secret, ""),
        privacy_key=table.may("privacy_key", secret, ""),
    )
    table.finish()
    return snmp


def _band(value: Any) -> Band:
    return Band(one_of(value, Band))


def _bands(value: Any) -> tuple[Band, ...]:
    return tuple(map(_band, texts(value)))


def _kind(value: Any) -> str:
    return one_of(value, KINDS)


def _protocol(value: Any) -> SyslogProtocol:
    return SyslogProtocol(one_of(value, SyslogProtocol))
