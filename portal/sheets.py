"""Pages that are the same for every phone but for a few blanks: made once a language, and then only filled in."""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping

_PLAIN = re.compile(r"[\w. -]*")  # means nothing to HTML or in a link, wherever a blank stands


class Sheets:
    """The sheets of one process, each made when it is needed first. Needs no lock: made twice, they are equal."""

    def __init__(self) -> None:
        self._sheets: dict[Hashable, list[str]] = {}

    def fill(self, kind: Hashable, blanks: Mapping[str, str], make: Callable[[Mapping[str, str]], str]) -> str:
        """What `make(blanks)` returns, where all else than the blanks is settled by `kind`.

        A value that could be more than plain text, such as a ticket that somebody has played with, is left to `make`
        and its template, which escapes it.
        """
        if not all(_PLAIN.fullmatch(value) for value in blanks.values()):
            return make(blanks)
        if kind not in self._sheets:
            self._sheets[kind] = _cut(make, list(blanks))
        return "".join(blanks[piece] if at % 2 else piece for at, piece in enumerate(self._sheets[kind]))


def _cut(make: Callable[[Mapping[str, str]], str], names: list[str]) -> list[str]:
    """Texts and names of blanks, in turns."""
    marks = {name: f"{name}-{secrets.token_hex(16)}" for name in names}
    names_by_mark = {mark: name for name, mark in marks.items()}
    pieces = re.split(f"({'|'.join(names_by_mark)})", make(marks))
    return [names_by_mark.get(piece, piece) for piece in pieces]
