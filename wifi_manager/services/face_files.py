"""Documents of faces as city IT writes them: TOML, with the logo in a file beside it or in the document itself."""

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.logos import as_address

_IN_ITSELF = "data:"


def read(path: Path) -> dict[str, Any]:
    """The document of a file; a logo that it names is taken into it. Raises BadInput."""
    try:
        document = parse(path.read_text(encoding="utf-8"))
        logo = str(document.get("logo", ""))
        if logo and not logo.startswith(_IN_ITSELF):
            document["logo"] = as_address((path.parent / logo).read_bytes())
    except (OSError, UnicodeDecodeError) as broken:
        raise BadInput(f"{path} cannot be read: {broken}.") from broken
    return document


def parse(text: str) -> dict[str, Any]:
    """A document from its text; moments become texts, for rows hold JSON. Raises BadInput with the line."""
    try:
        document: dict[str, Any] = json.loads(json.dumps(tomllib.loads(text), default=str))
    except (tomllib.TOMLDecodeError, ValueError, RecursionError) as broken:
        raise BadInput(f"This is not TOML: {broken}.") from broken
    return document


def write(document: Mapping[str, Any]) -> str:
    """The text of a document, which `parse` reads back."""
    own = {key: value for key, value in document.items() if not _is_table(value)}
    parts = ["".join(_lines(own))]
    for key, value in document.items():
        if isinstance(value, Mapping):
            parts.append(f"[{key}]\n" + "".join(_lines(value)))
        elif _is_table(value):
            parts += [f"[[{key}]]\n" + "".join(_lines(each)) for each in value]
    return "\n".join(filter(None, parts))


def _is_table(value: object) -> bool:
    return isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(each, Mapping) for each in value)
    )


def _lines(table: Mapping[str, Any], prefix: str = "") -> Iterator[str]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _lines(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key} = {json.dumps(value, ensure_ascii=False)}\n"
