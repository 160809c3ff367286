"""Intent as a document: what a TOML file or a stored row says. Errors name every place."""

import ipaddress
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Encryption, Intent, ManagementLine, RadioIntent, WirelessNetwork


def intent_from_document(document: Mapping[str, Any]) -> Intent:
    """Read an Intent. Raises BadInput with one line for each wrong place; keys that are not known are wrong too."""
    problems: list[str] = []
    root = _Table("", document, problems)
    management = root.table("management")
    parts = {
        "hostname": root.need("hostname", _text),
        "ntp": root.may("ntp", _texts, ()),
        "management": _management(management),
        "radios": tuple(_radio(table) for table in root.tables("radios")),
        "networks": tuple(_network(table) for table in root.tables("networks")),
    }
    root.finish()
    if problems:
        raise BadInput("\n".join(problems))
    return Intent(**parts)


def intent_from_text(text: str) -> Intent:
    """Read an Intent from TOML. Raises BadInput as `intent_from_document`, and for text that is no TOML."""
    return intent_from_document(parse_toml(text))


def parse_toml(text: str) -> dict[str, Any]:
    """The document that a text says. Raises BadInput."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as why:
        raise BadInput(f"The intent is not TOML: {why}.") from why


def _management(table: "_Table") -> ManagementLine:
    line = ManagementLine(
        address=table.need("address", _interface),
        gateway=table.may("gateway", _address),
        port=table.may("port", _text, "eth0"),
    )
    table.finish()
    return line


def _radio(table: "_Table") -> RadioIntent:
    radio = RadioIntent(
        name=table.need("name", _text),
        band=table.need("band", _band),
        country=table.need("country", _text),
        channel=table.may("channel", _whole, 0),
        width_mhz=table.may("width_mhz", _whole, 20),
        path=table.may("path", _text, ""),
    )
    table.finish()
    return radio


def _network(table: "_Table") -> WirelessNetwork:
    network = WirelessNetwork(
        name=table.need("name", _text),
        ssid=table.need("ssid", _text),
        encryption=table.need("encryption", _encryption),
        radios=table.need("radios", _texts),
        key=table.may("key", _text),
        vlan=table.may("vlan", _whole),
    )
    table.finish()
    return network


@dataclass(slots=True)
class _Table:
    """One table of the document: hands out its values and collects what is wrong with it."""

    place: str
    values: Mapping[str, Any]
    problems: list[str]
    asked: set[str] = field(default_factory=set)

    def need(self, name: str, read: Callable[[Any], Any]) -> Any:
        """The value of `name`, or a complaint that it is missing or unreadable."""
        if name not in self.values:
            self.asked.add(name)
            self.problems.append(f"{self.place}{name}: is missing.")
            return None
        return self.may(name, read)

    def may(self, name: str, read: Callable[[Any], Any], default: Any = None) -> Any:
        """The value of `name`, or the default where it is absent."""
        self.asked.add(name)
        if name not in self.values:
            return default
        try:
            return read(self.values[name])
        except (ValueError, TypeError) as why:
            self.problems.append(f"{self.place}{name}: {why}")
            return default

    def table(self, name: str) -> "_Table":
        """The table of this name; an empty one, and a complaint, where there is none."""
        return _Table(f"{self.place}{name}.", self.need(name, _mapping) or {}, self.problems)

    def tables(self, name: str) -> "list[_Table]":
        """The tables of an array."""
        rows = self.may(name, _mappings, [])
        return [_Table(f"{self.place}{name}[{index}].", row, self.problems) for index, row in enumerate(rows)]

    def finish(self) -> None:
        """Complain about what nobody asked for: a misspelt key must not be ignored silently."""
        known = ", ".join(sorted(self.asked))
        unknown = [name for name in self.values if name not in self.asked]
        self.problems.extend(f"{self.place}{name}: is not known here; known: {known}." for name in unknown)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text in quotes is expected.")
    return value


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a whole number is expected.")
    return value


def _texts(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise TypeError("a list of texts is expected.")
    return tuple(_text(item) for item in value)


def _mapping(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise TypeError("a table is expected.")
    return value


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    if not isinstance(value, list):
        raise TypeError("an array of tables is expected.")
    return [_mapping(item) for item in value]


def _interface(value: Any) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    if "/" not in _text(value):
        raise ValueError("an address with its prefix is expected, such as 192.168.1.5/24.")
    return ipaddress.ip_interface(value)


def _address(value: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    return ipaddress.ip_address(_text(value))


def _band(value: Any) -> Band:
    return Band(_one_of(value, Band))


def _encryption(value: Any) -> Encryption:
    return Encryption(_one_of(value, Encryption))


def _one_of(value: Any, choices: Iterable[str]) -> str:
    known = [str(choice) for choice in choices]
    if value not in known:
        raise ValueError(f"one of {', '.join(known)} is expected, in quotes.")
    return str(value)
