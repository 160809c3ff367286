"""What a setting may be: one Rule reads a value from TOML or from the environment and says what it expects."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo


@dataclass(frozen=True, slots=True)
class Rule:
    """`read` turns a TOML value into the setting's value, `from_text` an environment variable into a TOML value.

    Both raise ValueError where the value does not fit; `expects` is the sentence a person then reads.
    """

    expects: str
    read: Callable[[Any], Any]
    from_text: Callable[[str], Any] = str


def key(default: Any, rule: Rule, meaning: str, example: Any = None, unit: str = "", *, secret: bool = False) -> Any:
    """Declare a key of a section. A `secret` one is left out of every repr and error message."""
    about = {"rule": rule, "meaning": meaning, "example": default if example is None else example, "unit": unit}
    return field(default=default, repr=not secret, metadata=about)


def text(expects: str, pattern: str) -> Rule:
    """A text that matches `pattern` as a whole."""
    return Rule(expects, lambda value: _matching(value, pattern))


def choice(*allowed: str) -> Rule:
    """One of a few words."""
    return Rule(f"one of {', '.join(allowed)}", lambda value: _one_of(value, allowed))


def whole_number(low: int, high: int) -> Rule:
    """A whole number within both bounds."""
    return Rule(f"a whole number from {low} to {high}", lambda value: _within(value, low, high, whole=True), int)


def number(low: float, high: float) -> Rule:
    """A number within both bounds, whole or not."""
    expects = f"a number from {low:g} to {high:g}"
    return Rule(expects, lambda value: float(_within(value, low, high, whole=False)), float)


def file_path() -> Rule:
    """A path of a file, which need not exist yet."""
    return Rule("the path of a file", lambda value: Path(_matching(value, r".+")))


def url(*schemes: str) -> Rule:
    """A web address with a host, without a query: pages and links are built on it."""
    expects = f"an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)} and names a host"
    return Rule(expects, lambda value: _base_url(value, schemes))


def database_url() -> Rule:
    """SQLite in a file, or PostgreSQL."""
    return Rule(
        "sqlite:/// and a path, or postgresql:// with user, host and database",
        lambda value: _matching(value, r"sqlite:///.+|postgresql://[^\s]+"),
    )


def yes_or_no() -> Rule:
    """True or false."""
    return Rule("true or false", _truth, lambda word: {"true": True, "false": False}.get(word.lower(), word))


def time_zone() -> Rule:
    """A name of the IANA time zone database."""
    return Rule("a time zone of the IANA database", _known_zone)


def texts(expects: str, pattern: str) -> Rule:
    """At least one text, each matching `pattern` as a whole."""
    return Rule(expects, lambda value: _filled(tuple(_matching(each, pattern) for each in _list(value))), _split)


def some_texts(expects: str, pattern: str) -> Rule:
    """Any number of texts, none too, each matching `pattern` as a whole."""
    return Rule(expects, lambda value: tuple(_matching(each, pattern) for each in _list(value)), _split)


def _matching(value: Any, pattern: str) -> str:
    if not isinstance(value, str) or not re.fullmatch(pattern, value):
        raise ValueError
    return value


def _one_of(value: Any, allowed: Collection[str]) -> str:
    if not isinstance(value, str) or value not in allowed:
        raise ValueError
    return value


def _within(value: Any, low: float, high: float, *, whole: bool) -> Any:
    right_kind = isinstance(value, int) or (isinstance(value, float) and not whole)
    if not right_kind or isinstance(value, bool) or not low <= value <= high:
        raise ValueError
    return value


def _base_url(value: Any, schemes: Collection[str]) -> str:
    parts = urlsplit(_matching(value, r"\S+"))
    if parts.scheme not in schemes or not parts.hostname or parts.port == 0 or parts.username or parts.query:
        raise ValueError
    return parts.geturl().rstrip("/")


def _truth(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError  # noqa: TRY004 - a Rule raises ValueError alone
    return value


def _known_zone(value: Any) -> str:
    name = _matching(value, r"[A-Za-z0-9_+/-]+")
    try:
        return ZoneInfo(name).key
    except (KeyError, OSError) as unknown:  # OSError: the name of a folder, such as Asia
        raise ValueError from unknown


def _list(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise ValueError  # noqa: TRY004 - a Rule raises ValueError alone
    return value


def _filled(values: tuple[str, ...]) -> tuple[str, ...]:
    if not values:
        raise ValueError
    return values


def _split(words: str) -> list[str]:
    return [word.strip() for word in words.split(",") if word.strip()]
