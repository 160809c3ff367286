"""Reads what people typed or followed. What does not fit is refused with a sentence; nothing is cut off silently."""

import unicodedata

from flask import request

from wifi_manager.domain.errors import BadInput

_LONGEST_TEXT = 200
_MOST_DIGITS = 15
_HIGHEST_PAGE = 1_000_000
HIGHEST_ROW = 10**_MOST_DIGITS - 1


def text(name: str, longest: int = _LONGEST_TEXT) -> str:
    """A posted field as one trimmed line in Unicode's NFC, empty if missing. Raises BadInput when it is too long."""
    return _clean(name, request.form.get(name, ""), longest)


def paragraphs(name: str, longest: int) -> str:
    """A posted field with its line breaks, in Unicode's NFC; what cannot be printed is left out.

    Raises BadInput when it is too long.
    """
    return _short_enough(name, written(name), longest)


def written(name: str) -> str:
    """As `paragraphs`, however long it is: to be shown again to whoever typed it."""
    lines = unicodedata.normalize("NFC", request.form.get(name, "")).splitlines()
    return "\n".join("".join(filter(str.isprintable, line)).rstrip() for line in lines).strip()


def query(name: str, longest: int = _LONGEST_TEXT) -> str:
    """As `text`, of the address's query."""
    return _clean(name, request.args.get(name, ""), longest)


def password(name: str, longest: int = _LONGEST_TEXT) -> str:
    """A posted password exactly as typed. Raises BadInput when it is too long."""
    value = request.form.get(name, "")
    return _short_enough(name, value, longest)


def number(name: str, default: int, highest: int = _HIGHEST_PAGE) -> int:
    """A whole number from 1 to `highest` in the address's query; `default` if missing. Raises BadInput otherwise."""
    value = request.args.get(name)
    if not value:
        return default
    is_whole = value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS
    if not is_whole or not 1 <= int(value) <= highest:
        raise BadInput(f"{name!r} is a whole number from 1 on. Go back and follow a link of the page.")
    return int(value)


def _clean(name: str, value: str, longest: int) -> str:
    # Korean typed on some machines comes as single letters (NFD); the database holds whole syllables (NFC).
    line = " ".join(unicodedata.normalize("NFC", value).split())
    if not all(each.isprintable() for each in line):
        raise BadInput(f"{name!r} has characters that cannot be printed. Type it again.")
    return _short_enough(name, line, longest)


def _short_enough(name: str, value: str, longest: int) -> str:
    if len(value) > longest:
        raise BadInput(f"{name!r} has {len(value)} characters; at most {longest} are possible.")
    return value
