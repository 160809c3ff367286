"""Terms of use, versioned: a folder a version in configs/terms, a file a language. Accepted ones stay readable."""

import tomllib
from collections.abc import Iterator, Mapping, Sequence
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
    """All versions, each in the city's own language, the `first`, and others; citizens accept the `current` one."""

    versions: Mapping[str, Mapping[str, Terms]]
    current: str
    first: str

    def get(self, version: str, language: str) -> Terms:
        """One version in this language, or in the city's own where it is not in this one. Raises NotFound."""
        if version not in self.versions:
            raise NotFound(f"There are no terms {version!r}. Go back and follow a link.")
        spoken = self.versions[version]
        return spoken.get(language) or spoken[self.first]


def load(folder: Path, wanted: str, languages: Sequence[str]) -> Shelf:
    """Every version below the folder, in those of the languages that it has; the first one is the city's own.

    Raises BadInput naming what is broken, and what of the first language is missing.
    """
    current, names = terms_in_force.in_force(folder, wanted), terms_in_force.versions(folder)
    versions = {name: dict(_spoken(folder / name, languages)) for name in names}
    return Shelf(versions, current, languages[0])


def _spoken(folder: Path, languages: Sequence[str]) -> Iterator[tuple[str, Terms]]:
    for tag in languages:
        path = folder / f"{tag}.toml"
        if path.is_file() or tag == languages[0]:
            yield tag, _read(path)


def _read(path: Path) -> Terms:
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        sections = tuple(Section(each["heading"], tuple(each["text"])) for each in table["section"])
        return Terms(path.parent.name, path.stem, table["title"], tuple(table["summary"]), sections)
    except (OSError, tomllib.TOMLDecodeError, KeyError) as broken:
        raise BadInput(f"{path}: these terms cannot be used ({broken}). Compare with another language's.") from broken
