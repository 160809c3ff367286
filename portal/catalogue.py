"""What citizens read: one TOML file a language. What a language does not say yet, it says in English."""

import functools
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from wifi_manager.domain.errors import BadInput

FOLDER = Path(__file__).parent / "translations"
ORIGINAL = "en"  # the language that all others are made from
MADE_FROM = "made_from"  # the table of a file that says which English each of its texts was made from
STATE, REVIEWED = "state", "reviewed"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Texts of one language, called by key: `say("connected.left", left="2 h")`."""

    tag: str  # BCP 47
    texts: Mapping[str, str]
    is_reviewed: bool = True  # somebody who speaks it has read it all; only then do citizens consent in it

    def __call__(self, key: str, /, **values: object) -> str:
        """The text with its values filled in. Raises KeyError for a key that no language has."""
        return self.texts[key].format(**values)

    def rich(self, key: str, /, **values: object) -> Markup:
        """The same as HTML: values that are HTML already, such as links, stay so; all else is escaped."""
        return escape(self.texts[key]).format(**values)


def load(languages: Sequence[str], folder: Path = FOLDER) -> dict[str, Catalogue]:
    """Catalogues by language tag, in the city's order. Raises BadInput when a language is not translated yet."""
    original = _parsed(_text(folder / f"{ORIGINAL}.toml"))
    return {tag: _catalogue(tag, original, _parsed(_text(folder / f"{tag}.toml"))) for tag in languages}


def consenting(catalogues: Mapping[str, Catalogue]) -> list[str]:
    """The languages that citizens may consent in: the city's own, which is the first, and those reviewed."""
    first = next(iter(catalogues))
    return [tag for tag, spoken in catalogues.items() if spoken.is_reviewed or tag == first]


def read(path: Path) -> dict[str, Any]:
    """One language's file as it is. Raises BadInput when there is none."""
    return tomllib.loads(_text(path))


def flat(table: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    """The texts of a file by their keys, such as `welcome.title`, without what the file says about itself."""
    texts: dict[str, str] = {}
    for key, value in table.items():
        if isinstance(value, dict):
            texts |= {} if key == MADE_FROM else flat(value, f"{prefix}{key}.")
        elif key != STATE:
            texts[prefix + key] = str(value)
    return texts


def _text(path: Path) -> str:
    if not path.is_file():
        known = ", ".join(sorted(each.stem for each in path.parent.glob("*.toml")))
        raise BadInput(f"[city] languages: the portal does not speak {path.stem!r} yet, only {known}.")
    return path.read_text(encoding="utf-8")


@dataclass(frozen=True, slots=True)
class _File:
    """One language's file, read."""

    texts: Mapping[str, str]
    is_reviewed: bool


@functools.lru_cache(maxsize=32)
def _parsed(text: str) -> _File:
    """By the text itself, as parsing all languages takes 0.2 s: whoever makes a face again need not wait again."""
    table = tomllib.loads(text)
    return _File(flat(table), table.get(STATE) == REVIEWED)


def _catalogue(tag: str, original: _File, file: _File) -> Catalogue:
    return Catalogue(tag, {**original.texts, **file.texts}, file.is_reviewed)
