"""Reads the tables of an intent's document, value by value, and collects what is wrong with them."""

import ipaddress
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypeVar

T = TypeVar("T")

STORED = "stored"  # `key = { stored = "staff" }`: the secret that the city keeps under this name


@dataclass(slots=True)
class Table:
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

    def table(self, name: str) -> "Table":
        """The table of this name; an empty one, and a complaint, where there is none."""
        return Table(f"{self.place}{name}.", self.need(name, mapping) or {}, self.problems)

    def maybe(self, name: str) -> "Table | None":
        """The table of this name, or None."""
        values = self.may(name, mapping)
        return None if values is None else Table(f"{self.place}{name}.", values, self.problems)

    def each(self, name: str, read: "Callable[[Table], T]") -> "tuple[T, ...]":
        """What `read` makes of each table of an array."""
        found = [_read_row(read, _Row(repr(row), row)) for row in self.may(name, mappings, [])]
        for index, (_, problems) in enumerate(found):
            self.problems.extend(f"{self.place}{name}[{index}].{problem}" for problem in problems)
        return tuple(value for value, _ in found)

    def complain(self, name: str, why: str) -> None:
        """Say what is wrong with the value of `name`."""
        self.problems.append(f"{self.place}{name}: {why}")

    def finish(self) -> None:
        """Complain about what nobody asked for: a misspelt key must not be ignored silently."""
        known = ", ".join(sorted(self.asked))
        unknown = [name for name in self.values if name not in self.asked]
        self.problems.extend(f"{self.place}{name}: is not known here; known: {known}." for name in unknown)


@dataclass(frozen=True, slots=True)
class _Row:
    """A table by what it says: tables that say the same are read once."""

    said: str = field(repr=False)  # it may hold keys
    values: Mapping[str, Any] = field(compare=False, repr=False)


@lru_cache(maxsize=4096)  # most networks and radios are the same on thousands of access points
def _read_row(read: Callable[[Table], Any], row: _Row) -> tuple[Any, tuple[str, ...]]:
    problems: list[str] = []
    return read(Table("", row.values, problems)), tuple(problems)


def text(value: Any) -> str:
    """Read a text. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError("a text in quotes is expected.")
    return value


def secret(value: Any) -> str:
    """Read a secret. Raises ValueError for one that is kept elsewhere, TypeError."""
    if isinstance(value, Mapping) and set(value) == {STORED}:
        raise ValueError(
            f"the secret {value[STORED]!r} is not known here. Keep it: "
            f"wifi-manager provision secret set {value[STORED]}; files that are read alone hold secrets themselves."
        )
    if not isinstance(value, str):
        raise TypeError('a text in quotes is expected, or { stored = "NAME" }.')
    return value


def whole(value: Any) -> int:
    """Read a whole number. Raises TypeError."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a whole number is expected.")
    return value


def yes_or_no(value: Any) -> bool:
    """Read a truth value. Raises TypeError."""
    if not isinstance(value, bool):
        raise TypeError("true or false is expected, without quotes.")
    return value


def texts(value: Any) -> tuple[str, ...]:
    """Read a list of texts. Raises TypeError."""
    if not isinstance(value, list):
        raise TypeError("a list of texts is expected.")
    return tuple(map(text, value))


def mapping(value: Any) -> Mapping[str, Any]:
    """Read a table. Raises TypeError."""
    if not isinstance(value, Mapping):
        raise TypeError("a table is expected.")
    return value


def mappings(value: Any) -> list[Mapping[str, Any]]:
    """Read an array of tables. Raises TypeError."""
    if not isinstance(value, list):
        raise TypeError("an array of tables is expected.")
    return [mapping(item) for item in value]


def interface(value: Any) -> ipaddress.IPv4Interface | ipaddress.IPv6Interface:
    """Read an address with its prefix. Raises ValueError, TypeError."""
    if "/" not in text(value):
        raise ValueError("an address with its prefix is expected, such as 192.168.1.5/24.")
    return ipaddress.ip_interface(value)


def interface_v4(value: Any) -> ipaddress.IPv4Interface:
    """Read an IPv4 address with its prefix. Raises ValueError, TypeError."""
    if "/" not in text(value):
        raise ValueError("an address with its prefix is expected, such as 10.30.0.2/22.")
    return ipaddress.IPv4Interface(value)


def address(value: Any) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Read an address. Raises ValueError, TypeError."""
    return ipaddress.ip_address(text(value))


def address_v4(value: Any) -> ipaddress.IPv4Address:
    """Read an IPv4 address. Raises ValueError, TypeError."""
    return ipaddress.IPv4Address(text(value))


def addresses_v4(value: Any) -> tuple[ipaddress.IPv4Address, ...]:
    """Read a list of IPv4 addresses. Raises ValueError, TypeError."""
    return tuple(map(ipaddress.IPv4Address, texts(value)))


def subnets(value: Any) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
    """Read a list of networks. Raises ValueError, TypeError."""
    return tuple(map(ipaddress.ip_network, texts(value)))


def one_of(value: Any, choices: Iterable[str]) -> str:
    """Read one of a few words. Raises ValueError naming them."""
    known = [str(choice) for choice in choices]
    if value not in known:
        raise ValueError(f"one of {', '.join(known)} is expected, in quotes.")
    return str(value)
