"""Reads CSV (RFC 4180) as cities write it: any of a mapping's encodings, with or without BOM, damaged rows kept."""

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.mappings import ColumnMapping, shown
from wifi_manager.services.inventory_files import Progress, Source, SourceRow, digest, lines, opened

MAX_LINE_BYTES = 64 * 1024  # the longest line of a real city's file has 290
_MAX_LINES_OF_A_ROW = 20  # a cell may hold line breaks; more than these and a quote was left open
_BOM = "\ufeff"


@contextmanager
def source(path: Path, mapping: ColumnMapping, progress: Progress) -> Iterator[Source]:
    """The file's rows. Raises BadInput when none can be used: wrong encoding, no header, a column missing."""
    with opened(path) as file:
        survey = _Survey(path, mapping)
        sha256 = digest(survey.watched(lines(path, file, MAX_LINE_BYTES)))
        encoding = survey.encoding()
        reader = _Reader(path, file, encoding, mapping.delimiter, progress)
        columns = reader.header()
        mapping.choose(columns)
        yield Source(sha256, encoding, columns, reader.rows(columns))


class _Survey:
    """A first look at all lines: which of the allowed encodings reads the most of them."""

    def __init__(self, path: Path, mapping: ColumnMapping) -> None:
        self._path = path
        self._mapping = mapping
        self._first = b""
        self._unreadable: Counter[str] = Counter()

    def watched(self, source_lines: Iterator[bytes]) -> Iterator[bytes]:
        for line in source_lines:
            self._first = self._first or line
            if not line.isascii():
                self._unreadable.update(each for each in self._mapping.encodings if not _reads(line, each))
            yield line

    def encoding(self) -> str:
        """The encoding under which the header fits and the fewest lines are unreadable; if equal, the earlier."""
        readable = [each for each in self._mapping.encodings if _reads(self._first, each)]
        if not readable:
            allowed = " nor ".join(each.upper() for each in self._mapping.encodings)
            raise BadInput(
                f"{self._path}, line 1: the header is neither {allowed}. Save the file as UTF-8, "
                f"or add its encoding to mapping {self._mapping.name!r}."
            )
        return min(readable, key=lambda each: (not self._header_fits(each), self._unreadable[each]))

    def _header_fits(self, encoding: str) -> bool:
        try:
            self._mapping.choose(_cells(self._first.decode(encoding), self._mapping.delimiter))
        except BadInput:
            return False
        return True


class _Reader:
    """The second look: rows, one by one."""

    def __init__(self, path: Path, file: BinaryIO, encoding: str, delimiter: str, progress: Progress) -> None:
        self._path = path
        self._delimiter = delimiter
        self._first_line = 1  # of the row being read
        self._raw: list[str] = []  # its lines, for a row that cannot be taken apart
        decoded = self._decoded(lines(path, file, MAX_LINE_BYTES), encoding, progress)
        self._records = csv.reader(decoded, delimiter=delimiter, strict=True)

    def header(self) -> tuple[str, ...]:
        """Names of the columns. Raises BadInput for none, or the same twice."""
        _line, columns, fault = next(self._try_records())
        if fault or not columns:
            raise BadInput(f"{self._path}, line 1: there are no names of columns.")
        twice = [name for name, count in Counter(columns).items() if name and count > 1]
        if twice:
            raise BadInput(f"{self._path}, line 1: the column {shown(twice[0])} is there twice. Rename one of them.")
        return tuple(columns)

    def rows(self, columns: tuple[str, ...]) -> Iterator[SourceRow]:
        """Every row that is not blank; one with too few or too many cells comes with its fault."""
        for line, cells, fault in self._try_records():
            if fault or cells:
                given = dict(zip(columns, cells, strict=False))
                if len(cells) > len(columns):  # kept for the rejects file
                    given[columns[-1]] = self._delimiter.join(cells[len(columns) - 1 :])
                yield SourceRow(line, given, fault or _wrong_count(columns, cells))

    def _try_records(self) -> Iterator[tuple[int, list[str], tuple[str, str] | None]]:
        while True:
            self._first_line = self._records.line_num + 1
            self._raw.clear()
            try:
                cells = [cell.strip() for cell in next(self._records)]
            except StopIteration:
                return
            except csv.Error as broken:
                yield self._first_line, ["".join(self._raw)], ("", f"cannot be taken apart ({broken})")
                continue
            yield self._first_line, cells if any(cells) else [], None

    def _decoded(self, source_lines: Iterator[bytes], encoding: str, progress: Progress) -> Iterator[str]:
        for number, line in enumerate(source_lines, 1):
            progress(len(line))
            if number - self._first_line > _MAX_LINES_OF_A_ROW:
                raise BadInput(
                    f"{self._path}, line {self._first_line}: a quote is opened there and not closed within "
                    f"{_MAX_LINES_OF_A_ROW} lines. Close or double it."
                )
            # Bytes that are no text stay recognisable (PEP 383), so that the row's problem names their column.
            text = line.decode(encoding, "surrogateescape").removeprefix(_BOM if number == 1 else "")
            self._raw.append(text)
            yield text


def _reads(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _cells(line: str, delimiter: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line.removeprefix(_BOM)], delimiter=delimiter), [])]
    except csv.Error:
        return []


def _wrong_count(columns: tuple[str, ...], cells: list[str]) -> tuple[str, str] | None:
    if len(cells) < len(columns):
        column = columns[len(cells)]
        return column, f"the row ends after {len(cells)} of {len(columns)} cells: is the line cut off?"
    if len(cells) > len(columns):
        return columns[-1], f"the row has {len(cells)} cells, the header {len(columns)}: is a text not quoted?"
    return None
