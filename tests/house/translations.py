"""Lists what the portal's languages lack. `python -m tests.house.translations`: exit code 1 when there is anything.

Each text of a language remembers, in the table `made_from` at the end of its file, the English that it was made from.
After writing or checking texts, say so: `python -m tests.house.translations --seal vi` (or `--seal vi sms.offer`).
"""

import argparse
import hashlib
import string
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from portal import catalogue

_DIGITS = 8  # enough that a changed text is noticed; nobody makes one up
_HEADING = f"[{catalogue.MADE_FROM}]"
_TABLE = f"\n{_HEADING}  # which English each text was made from; `--seal` writes it\n"


class Lack(StrEnum):
    """What can be wrong with a text."""

    MISSING = "missing: it is said in English"
    UNSEALED = "does not say which English it was made from: check it, then seal it"
    STALE = "made from an older English: check it, then seal it"
    PLACEHOLDERS = "has other {placeholders} than the English"
    UNKNOWN = "is in no English text: remove it"
    EMPTY = "is empty"


LAGGING = frozenset({Lack.MISSING, Lack.UNSEALED})  # what a language may lack for a while: pages work all the same


@dataclass(frozen=True, slots=True)
class Finding:
    """What one text of one language lacks."""

    tag: str
    key: str
    lack: Lack
    is_reviewed: bool

    def __str__(self) -> str:
        return f"{self.tag} {self.key}: {self.lack.value}"


def fingerprint(text: str) -> str:
    """What changes when the English does."""
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def findings(folder: Path = catalogue.FOLDER) -> list[Finding]:
    """All that all languages lack."""
    original = catalogue.flat(catalogue.read(_path(folder, catalogue.ORIGINAL)))
    tags = sorted(path.stem for path in folder.glob("*.toml") if path.stem != catalogue.ORIGINAL)
    return [each for tag in tags for each in _of_language(_path(folder, tag), original)]


def seal(tag: str, keys: Sequence[str] = (), folder: Path = catalogue.FOLDER) -> None:
    """Note that these texts of a language, or all, were made from the English of today."""
    original = catalogue.flat(catalogue.read(_path(folder, catalogue.ORIGINAL)))
    table = catalogue.read(_path(folder, tag))
    said, made_from = catalogue.flat(table), table.get(catalogue.MADE_FROM, {})
    renewed = {key: fingerprint(original[key]) for key in keys or said if key in said and key in original}
    kept = {key: print_ for key, print_ in {**made_from, **renewed}.items() if key in said and key in original}
    texts = _without_table(_path(folder, tag).read_text(encoding="utf-8"))
    lines = (f'"{key}" = "{kept[key]}"\n' for key in original if key in kept)
    _path(folder, tag).write_text(texts + _TABLE + "".join(lines), encoding="utf-8")


def placeholders(text: str) -> set[str]:
    """The names in braces."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def _without_table(text: str) -> str:
    """The file without its old table, wherever that stands."""
    before, heading, after = text.partition(_HEADING)
    following = after.find("\n[") if heading else -1
    return (before.rstrip("\n") + ("" if following < 0 else "\n" + after[following:])).rstrip("\n") + "\n"


def _of_language(path: Path, original: Mapping[str, str]) -> Iterator[Finding]:
    table = catalogue.read(path)
    said, made_from = catalogue.flat(table), table.get(catalogue.MADE_FROM, {})
    is_reviewed = table[catalogue.STATE] == catalogue.REVIEWED
    for key in sorted({**original, **said}):
        lack = _lack(original.get(key), said.get(key), made_from.get(key))
        if lack is not None:
            yield Finding(path.stem, key, lack, is_reviewed)


def _lack(original: str | None, said: str | None, made_from: str | None) -> Lack | None:
    if original is None or said is None:
        return Lack.UNKNOWN if original is None else Lack.MISSING
    if not said.strip():
        return Lack.EMPTY
    if placeholders(said) != placeholders(original):
        return Lack.PLACEHOLDERS
    if made_from is None:
        return Lack.UNSEALED
    return None if made_from == fingerprint(original) else Lack.STALE


def _path(folder: Path, tag: str) -> Path:
    return folder / f"{tag}.toml"


def main(arguments: Sequence[str]) -> int:
    """List, or seal."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seal", nargs="+", metavar=("LANGUAGE", "KEY"), help="these texts fit today's English")
    chosen = parser.parse_args(arguments).seal
    if chosen:
        seal(chosen[0], chosen[1:])
        return 0
    found = findings()
    print("\n".join(map(str, found)) or "Every language says everything.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
