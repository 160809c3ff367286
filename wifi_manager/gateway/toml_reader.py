"""Takes typed values out of a TOML document and notes every mistake, so that a person mends the file in one go."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from ipaddress import (
    IPv4Address,
    IPv4Interface,
    IPv4Network,
    IPv6Interface,
    IPv6Network,
    ip_address,
    ip_network,
)
from pathlib import Path
from typing import Any, Generic, TypeVar

from wifi_manager.domain.addresses import IpAddress

IpNetwork = IPv4Network | IPv6Network
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Kind(Generic[T]):
    """What a value must be: said in words, shown by an example, and read by a function that raises ValueError."""

    expectation: str
    example: Any
    parse: Callable[[Any], T]


@dataclass
class Reader:
    """A TOML document while it is read. `mistakes` has a sentence for each value that cannot be used."""

    document: dict[str, Any]
    mistakes: list[str] = field(default_factory=list)
    place: str = ""  # said after a key's name where there are several of its tables
    _known: set[str] = field(default_factory=set)

    def each(self, section: str) -> Iterator["Reader"]:
        """A reader for each table `[[section]]`; a document without one has none."""
        tables = self.document.get(section, [])
        self._known.add(section)
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self.mistakes.append(f"{section} is not a list of tables: begin each with [[{section}]].")
            return
        for position, table in enumerate(tables, 1):
            reader = Reader({section: table}, self.mistakes, f" (the {section} at place {position})")
            yield reader
            reader.refuse_unknown()

    def take(self, key: str, kind: Kind[T], default: T | None = None) -> T:
        """The value at `section.name`. After a mistake the kind's example stands in, so that reading goes on."""
        value = self._find(key)
        if value is None:
            return default if default is not None else self._mistake(key, kind, "is missing")
        return self._parse(key, kind, value)

    def take_optional(self, key: str, kind: Kind[T]) -> T | None:
        """The value at `section.name`, or None where the key is not there."""
        value = self._find(key)
        return None if value is None else self._parse(key, kind, value)

    def take_many(self, key: str, kind: Kind[T]) -> tuple[T, ...]:
        """The list at `section.name`; a list that is not there is empty."""
        value = self._find(key)
        if value is None:
            return ()
        if not isinstance(value, list):
            self._mistake(key, kind, "is not a list")
            return ()
        return tuple(self._parse(key, kind, each) for each in value)

    def refuse_unknown(self) -> None:
        """Note every key that nobody took: a misspelt key must not be silently ignored."""
        for section, content in self.document.items():
            names = [f"{section}.{name}" for name in content] if isinstance(content, dict) else [section]
            self.mistakes += [
                f"{name}{self.place} is not a key that this program knows."
                for name in names
                if name not in self._known
            ]

    def _find(self, key: str) -> Any:
        self._known.add(key)
        section, _, name = key.partition(".")
        content = self.document.get(section, {})
        return content.get(name) if isinstance(content, dict) else None

    def _parse(self, key: str, kind: Kind[T], value: Any) -> T:
        try:
            return kind.parse(value)
        except ValueError:
            return self._mistake(key, kind, f"cannot be {value!r}")

    def _mistake(self, key: str, kind: Kind[T], problem: str) -> T:
        self.mistakes.append(f"{key}{self.place} {problem}: it is {kind.expectation}, such as {kind.example!r}.")
        return kind.parse(kind.example)


def _text(pattern: str) -> Callable[[Any], str]:
    whole = re.compile(pattern)

    def parse(value: Any) -> str:
        if not isinstance(value, str) or not whole.fullmatch(value):
            raise ValueError(value)
        return value

    return parse


def _integer(least: int, most: int) -> Callable[[Any], int]:
    def parse(value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise ValueError(value)
        return value

    return parse


def _address(value: Any) -> IPv4Address:
    return IPv4Address(_text(r"[0-9.]+")(value))


def _any_address(value: Any) -> IpAddress:
    return ip_address(_text(r"[0-9a-fA-F.:]+")(value))


def _lan_address(value: Any) -> IPv4Interface:
    return IPv4Interface(_text(r"[0-9.]+/[0-9]+")(value))


def _lan_address6(value: Any) -> IPv6Interface:
    return IPv6Interface(_text(r"[0-9a-fA-F:.]+/64")(value))


def _network(value: Any) -> IpNetwork:
    return ip_network(_text(r"[0-9a-fA-F.:]+(/[0-9]+)?")(value))


def _path(value: Any) -> Path:
    return Path(_text(r"/\S+")(value))


def _domain(value: Any) -> str:
    return HOST.parse(value.removeprefix("*.") if isinstance(value, str) else value)


_LABEL = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?"

NAME = Kind("a short name in lower case", "visitors", _text(r"[a-z][a-z0-9-]{0,30}"))
INTERFACE = Kind("the name of a network interface", "eth0", _text(r"[A-Za-z0-9_.:@-]{1,15}"))
HOST = Kind("a host name in lower case with at least one dot", "wifi.city.example", _text(rf"{_LABEL}(\.{_LABEL})+"))
DOMAIN = Kind("a host name, which stands for all names below it too", "help.city.example", _domain)
SERVER = Kind("a host name or an address", "ntp.city.example", _text(rf"{_LABEL}(\.{_LABEL})+|[0-9a-fA-F:]+"))
SENTENCE = Kind("a line of at most 300 characters", "Write to wifi@city.example.", _text(r"[^\x00-\x1f]{1,300}"))
USER = Kind("a user of this machine", "nobody", _text(r"[a-z_][a-z0-9_-]{0,31}"))
PATH = Kind("an absolute path without blanks", "/etc/wifi-manager/gateway.pem", _path)
PORT = Kind("a port from 1 to 65535", 8080, _integer(1, 65535))
LEASE = Kind("a number of seconds from 120 to 604800", 86400, _integer(120, 604_800))
MBPS = Kind("a number of Mbit/s from 1 to 34000", 500, _integer(1, 34_000))
CONNECTIONS = Kind("a number of connections from 64 to 65536", 4096, _integer(64, 65_536))
COPIED = Kind('"end" or "tell"', "end", _text("end|tell"))
ADDRESS = Kind("an IPv4 address", "192.0.2.1", _address)
ANY_ADDRESS = Kind("an IPv4 or IPv6 address", "192.0.2.1", _any_address)
LAN_ADDRESS = Kind("an IPv4 address with its prefix length", "10.99.0.1/18", _lan_address)
LAN_ADDRESS6 = Kind("an IPv6 address with the prefix length 64", "2001:db8:99::1/64", _lan_address6)
NETWORK = Kind("an IPv4 or IPv6 network without host bits", "192.0.2.0/24", _network)
