"""The values of combined layers for people's eyes: each with its place and its layer, keys hidden."""

from dataclasses import dataclass
from typing import Any

from wifi_manager.domain.intent_layers import Combined, Layer, Path, Scope, combine
from wifi_manager.domain.intent_secrets import SECRET_KEYS

HIDDEN = "(secret)"


@dataclass(frozen=True, slots=True)
class ShownValue:
    """One value. `path` is as errors name it, tables by their name."""

    path: str
    text: str
    origin: Scope


def values(combined: Combined) -> list[ShownValue]:
    """Every value of the layers."""
    return [
        ShownValue(".".join(path), HIDDEN if _is_secret(path) else _said(_at(combined.document, path)), scope)
        for path, scope in combined.origins.items()
    ]


def shown_and_raw(layer: Layer) -> dict[str, tuple[ShownValue, Any]]:
    """Every value of a layer by its place: as it is shown, and as it is, to be compared and never shown."""
    combined = combine([layer])
    raw = [_at(combined.document, path) for path in combined.origins]
    return {each.path: (each, value) for each, value in zip(values(combined), raw, strict=True)}


def holds_secrets(layer: Layer) -> bool:
    """True where its text holds a key, so that the text must not be shown."""
    combined = combine([layer])
    return any(_is_secret(path) and isinstance(_at(combined.document, path), str) for path in combined.origins)


def _said(value: Any) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _is_secret(path: Path) -> bool:
    return path[-1] in SECRET_KEYS


def _at(document: Any, path: Path) -> Any:
    for key in path:
        is_tables = isinstance(document, list)
        document = next(row for row in document if row["name"] == key) if is_tables else document[key]
    return document
