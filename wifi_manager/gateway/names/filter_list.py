"""Lists of names that a city does not want answered on a network, and what is wrong in them. Pure but for `read`.

A line is a name, or one of a hosts file (an address and names); `#` begins a comment. A name stands for itself and
for all names below it.
"""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from wifi_manager.domain.errors import BadInput

_LABEL = "[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$){_LABEL}(\.{_LABEL})+")
_ADDRESS = re.compile(r"[0-9.]+|[0-9a-f]*:[0-9a-f:.]*(%\w+)?")
_LONGEST_BYTES = 64 * 1024 * 1024
_MOST_MISTAKES = 20
# What hosts files begin with, which says nothing about anybody.
_OWN_OF_HOSTS_FILES = re.compile(r"localhost(\.localdomain)?|local|broadcasthost|ip6-[a-z]+|0\.0\.0\.0")


@dataclass(frozen=True, slots=True)
class FilterList:
    """Names that are filtered, each once, and a sentence for each line that is not used."""

    names: tuple[str, ...]
    mistakes: tuple[str, ...] = ()


def read(path: Path, kept: Collection[str]) -> FilterList:
    """The list in a file. Raises BadInput where it cannot be read."""
    try:
        if path.stat().st_size > _LONGEST_BYTES:
            raise BadInput(f"{path} is larger than {_LONGEST_BYTES >> 20} MiB, which is no list of names.")
        return parse(path.read_text(encoding="utf-8", errors="replace"), path.name, kept)
    except OSError as missing:
        raise BadInput(f"The filter list {path} cannot be read: {missing.strerror}.") from missing


def parse(text: str, source: str, kept: Collection[str]) -> FilterList:
    """All good lines of a list; the others are named, with `source`, and at most twenty of them.

    `kept` are names that must go on being answered: a list that holds one of them, or a name above one, would cut
    citizens off from the portal or make phones believe that they are not online.
    """
    names: dict[str, None] = {}
    mistakes = []
    above = {end: name for name in kept for end in _ends(name)}
    for number, line in enumerate(text.splitlines(), 1):
        for name in _names(line):
            problem = _problem(name, above)
            if problem is None:
                names[name] = None
            else:
                mistakes.append(f"{source}, line {number}: {problem}.")
    return FilterList(tuple(names), tuple(_capped(mistakes)))


def _names(line: str) -> Iterator[str]:
    words = line.partition("#")[0].lower().split()
    if len(words) > 1:  # of a hosts file, or else no good as a whole
        words = words[1:] if _ADDRESS.fullmatch(words[0]) else [" ".join(words)]
    return (word.rstrip(".") for word in words if not _OWN_OF_HOSTS_FILES.fullmatch(word))


def _ends(name: str) -> Iterator[str]:
    """The name and all names above it."""
    yield name
    while "." in name:
        name = name.partition(".")[2]
        yield name


def _problem(name: str, above: Mapping[str, str]) -> str | None:
    if _ADDRESS.fullmatch(name) or not _NAME.fullmatch(name):
        return f"{name[:80]!r} is not a host name with at least one dot"
    if name in above:
        return f"{name} cannot be filtered, for phones need {above[name]} to be online"
    return None


def _capped(mistakes: list[str]) -> Iterator[str]:
    yield from islice(mistakes, _MOST_MISTAKES)
    if len(mistakes) > _MOST_MISTAKES:
        yield f"… and {len(mistakes) - _MOST_MISTAKES} more lines."
