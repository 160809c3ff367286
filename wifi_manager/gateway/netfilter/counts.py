"""Reads elements that count, of which there are as many as devices: fast, because it is done again and again.

The kernel tells all elements of one set in one shape, but for the length of a comment at the end. So the places of
key, bytes and comment are found once for each length that occurs, and then only read.
"""

from collections.abc import Iterable
from typing import NamedTuple

from wifi_manager.gateway.netfilter.netlink import spans

_KEY, _USERDATA, _EXPR = 1, 6, 7
_VALUE = 1
_EXPR_DATA = 2
_BYTES = 1
_HEAD = 2  # type and length, before a comment's text


class Count(NamedTuple):
    """What an element has counted, and its comment; "" where it has none."""

    counted_bytes: int
    comment: str


class _Shape(NamedTuple):
    """Where in an element each part is; the comment's head is at `comment`, 0 where there is none."""

    key: slice
    counted: slice
    comment: int


def read_counts(items: Iterable[bytes]) -> dict[bytes, Count]:
    """Elements of a set of counters, by key. Raises KeyError for elements that do not count."""
    shapes: dict[int, _Shape] = {}
    found = {}
    for item in items:
        shape = shapes.get(len(item)) or shapes.setdefault(len(item), _shape(item))
        comment = ""
        if at := shape.comment:
            comment = item[at + _HEAD : at + _HEAD + item[at + 1]].rstrip(b"\0").decode(errors="replace")
        found[item[shape.key]] = Count(int.from_bytes(item[shape.counted], "big"), comment)
    return found


def _shape(item: bytes) -> _Shape:
    parts = spans(item, slice(0, len(item)))
    expression = spans(item, spans(item, parts[_EXPR])[_EXPR_DATA])
    comment = parts.get(_USERDATA)
    return _Shape(spans(item, parts[_KEY])[_VALUE], expression[_BYTES], comment.start if comment else 0)
