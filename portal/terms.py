"""Terms of use, versioned: a folder a version in configs/terms, a file a language. Accepted ones stay readable."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.services import terms_in_force

NEWEST = terms_in_force.NEWEST


@dataclass(frozen=True, slots=True)
class Section:
    """A heading and its paragraphs."""

    heading: str
    text: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Terms:
    """One version in one language. The summary is what a citizen reads before the tap: at most 120 words."""

    version: str
    language: str
    title: str
    summary: tuple[str, ...]
    sections: tuple[Section, ...]


@dataclass(frozen=True, slots=True)
class Shelf:
    """All versions in all languages of the city; `current` is the one that citizens accept now."""

    versions: Mapping[str, Mapping[str, Terms]]
    current: str

    def get(self, version: str, language: str) -> Terms:
        """One version in one language. Raises NotFound."""
        try:
            return self.versions[version][language]
        except KeyError as gone:
            raise NotFound(f"There are no terms {version!r} in this language. Go back and follow a link.") from gone


def load(folder: Path, wanted: str, languages: Sequence[str]) -> Shelf:
    """Every version below the folder. Raises BadInput naming what is missing or broken."""
    current, names = terms_in_force.in_force(folder, wanted), terms_in_force.versions(folder)
    versions = {name: {tag: _read(folder / name / f"{tag}.toml") for tag in languages} for name in names}
    return Shelf(versions, current)


def _read(path: Path) -> Terms:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        sections = tuple(Section(each["heading"], tuple(each["text"])) for each in table["section"])
        return Terms(path.parent.name, path.stem, table["title"], tuple(table["summary"]), sections)
    except (OSError, tomllib.TOMLDecodeError, KeyError) as broken:
        raise BadInput(f"{path}: these terms cannot be used ({broken}). Compare with another language's.") from broken
