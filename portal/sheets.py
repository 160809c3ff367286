"""Pages that are the same for every phone but for a few blanks: made once a language, and then only filled in."""

import re
import secrets
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

from portal import packing

_PLAIN = re.compile(r"[\w. -]*")  # means nothing to HTML or in a link, wherever a blank stands
_MOST = 600  # sheets kept: a page of tens of places in all languages; 20 kB each

Make = Callable[[Mapping[str, str]], str]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """Texts and names of blanks, in turns; and the texts' bytes compressed."""

    pieces: tuple[str, ...]
    blocks: tuple[bytes, ...]

    def page(self, blanks: Mapping[str, str]) -> str:
        return "".join(blanks[piece] if at % 2 else piece for at, piece in enumerate(self.pieces))

    def packed(self, blanks: Mapping[str, str]) -> bytes:
        values = {name: packing.blank(value.encode()) for name, value in blanks.items()}
        blocks = (values[self.pieces[at]] if at % 2 else block for at, block in enumerate(self.blocks))
        return packing.stream(blocks, self.page(blanks).encode())


class Sheets:
    """The sheets of one process, each made when it is needed first. Needs no lock: made twice, they are equal."""

    def __init__(self, most: int = _MOST) -> None:
        """`most`: how many are kept; the oldest goes, and is made again when it is asked for."""
        self._sheets: dict[Hashable, _Sheet] = {}
        self._most = most

    def fill(self, kind: Hashable, blanks: Mapping[str, str], make: Make) -> str:
        """What `make(blanks)` returns, where all else than the blanks is settled by `kind`.

        A value that could be more than plain text, such as a ticket that somebody has played with, is left to `make`
        and its template, which escapes it.
        """
        return self._sheet(kind, blanks, make).page(blanks) if _are_plain(blanks) else make(blanks)

    def packed(self, kind: Hashable, blanks: Mapping[str, str], make: Make) -> bytes:
        """The same as a gzip stream."""
        if not _are_plain(blanks):
            return packing.whole(make(blanks).encode())
        return self._sheet(kind, blanks, make).packed(blanks)

    def _sheet(self, kind: Hashable, blanks: Mapping[str, str], make: Make) -> _Sheet:
        found = self._sheets.get(kind)
        if found is None:
            found = _cut(make, list(blanks))
            for oldest in list(self._sheets)[: max(0, len(self._sheets) + 1 - self._most)]:
                self._sheets.pop(oldest, None)  # another thread may have been first
            self._sheets[kind] = found
        return found


def _are_plain(blanks: Mapping[str, str]) -> bool:
    return all(_PLAIN.fullmatch(value) for value in blanks.values())


def _cut(make: Make, names: list[str]) -> _Sheet:
    marks = {name: f"{name}-{secrets.token_hex(16)}" for name in names}
    names_by_mark = {mark: name for name, mark in marks.items()}
    pieces = re.split(f"({'|'.join(names_by_mark)})", make(marks))
    blocks = tuple(b"" if at % 2 else packing.piece(piece.encode()) for at, piece in enumerate(pieces))
    return _Sheet(tuple(names_by_mark.get(piece, piece) for piece in pieces), blocks)
