"""Reading the JSON of vendors' systems, where any value may be missing, strange or hostile."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

Row = Mapping[str, Any]

_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,9})?(?!\d)")
_NAME = re.compile(r"[A-Za-z0-9._-]{1,32}")  # of a radio: it becomes a label of metrics
_ADDRESS = re.compile(r"[0-9A-Fa-f]{2}(?::[0-9A-Fa-f]{2}){5}")


def document(text: str) -> Row:
    """The JSON object in an answer, which may begin with other lines. Raises ValueError."""
    _, brace, rest = text.partition("{")
    if not brace:
        first = text.strip().partition("\n")[0][:80]
        raise ValueError(f"it said {first!r}" if first else "it said nothing")
    try:
        found, _ = json.JSONDecoder().raw_decode(brace + rest)
    except (ValueError, RecursionError) as why:
        raise ValueError("its answer is cut or broken") from why
    return row(found)


def row(value: object) -> Row:
    """An object; of a list the first one; else an empty one."""
    return next(rows(value), {})


def rows(value: object) -> Iterator[Row]:
    """The objects of a list, or the one that is there."""
    yield from (each for each in (value if isinstance(value, list) else [value]) if isinstance(each, dict))


def number(value: object) -> float | None:
    """A number, or the one that a text begins with."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    found = _NUMBER.match(str(value).strip())
    return float(found[0]) if found else None


def whole(value: object) -> int | None:
    """The same without a fraction: some write integers as 443.000000. Never negative, as counters are."""
    found = number(value)
    return None if found is None or found < 0 else int(found)


def share(percent: object) -> float | None:
    """Per cent as a part from 0 to 1."""
    found = number(percent)
    return None if found is None else min(1.0, max(0.0, found / 100))


def word(value: object) -> str:
    """A text on one line, for people; empty where there is none."""
    return (
        " ".join("".join(each for each in value if each.isprintable()).split())[:80] if isinstance(value, str) else ""
    )


def name(value: object) -> str:
    """The name of a radio or interface; empty where it is none that could be a label."""
    return value if isinstance(value, str) and _NAME.fullmatch(value) else ""


def address(value: object) -> bytes | None:
    """A hardware address."""
    return bytes.fromhex(value.replace(":", "")) if isinstance(value, str) and _ADDRESS.fullmatch(value) else None
