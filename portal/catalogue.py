"""What citizens read, in each language of the city: one TOML file a language, the same keys in all."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup, escape

from wifi_manager.domain.errors import BadInput

FOLDER = Path(__file__).parent / "translations"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Texts of one language, called by key: `say("connected.left", left="2 h")`."""

    tag: str  # BCP 47
    texts: Mapping[str, str]

    def __call__(self, key: str, /, **values: object) -> str:
        """The text with its values filled in. Raises KeyError for a key that no language has."""
        return self.texts[key].format(**values)

    def rich(self, key: str, /, **values: object) -> Markup:
        """The same as HTML: values that are HTML already, such as links, stay so; all else is escaped."""
        return escape(self.texts[key]).format(**values)


def load(languages: Sequence[str], folder: Path = FOLDER) -> dict[str, Catalogue]:
    """Catalogues by language tag, in the city's order. Raises BadInput when a language is not translated yet."""
    return {tag: Catalogue(tag, _texts(folder / f"{tag}.toml")) for tag in languages}


def _texts(path: Path) -> dict[str, str]:
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in path.parent.glob("*.toml")))
        raise BadInput(f"[city] languages: the portal does not speak {path.stem!r} yet, only {known}.")
    return dict(_flat("", tomllib.loads(path.read_text(encoding="utf-8"))))


def _flat(prefix: str, table: Mapping[str, object]) -> list[tuple[str, str]]:
    flat: list[tuple[str, str]] = []
    for key, value in table.items():
        flat += _flat(f"{prefix}{key}.", value) if isinstance(value, dict) else [(prefix + key, str(value))]
    return flat
