"""Opens an inventory file of any make without trusting its size or its bytes, and gives its rows one by one."""

import hashlib
import os
import stat
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from wifi_manager.domain.errors import BadInput

MAX_FILE_BYTES = 64 * 1024 * 1024  # a hundred thousand access points take 16 MB
_MAGIC = {
    b"PK\x03\x04": "is a zip archive or an Excel workbook: save it as CSV (UTF-8)",
    b"%PDF": "is a PDF: ask for the CSV or GeoJSON behind it",
    b"\x1f\x8b": "is compressed: unpack it first, for instance with gunzip",
    b"\xff\xfe": "is UTF-16: save it as CSV (UTF-8)",
    b"\xfe\xff": "is UTF-16: save it as CSV (UTF-8)",
    b"\xd0\xcf\x11\xe0": "is an old Excel workbook: save it as CSV (UTF-8)",
}

Progress = Callable[[int], None]  # told how many bytes more have been read


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One row as the file has it. `fault` is why it cannot be read as a row at all, with the column."""

    line: int
    cells: Mapping[str, str]
    fault: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """An inventory file: its columns are known, its rows come while it is read."""

    sha256: str
    encoding: str
    columns: tuple[str, ...]
    rows: Iterator[SourceRow]


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """The file for reading. Raises BadInput for what is no file, cannot be read, is empty, or is plainly no text."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe without a writer must not hold us up
    except OSError as missing:
        raise BadInput(f"{path} cannot be read: {missing.strerror}.") from missing
    if stat.S_ISDIR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise BadInput(f"{path} is a directory. Name the file in it.")
    with os.fdopen(descriptor, "rb") as file:
        yield _checked(path, file)


def size(path: Path) -> int:
    """Bytes of the file, 0 where there is none: for a progress bar."""
    try:
        return path.stat().st_size
    except OSError:
        return 0


def lines(path: Path, file: BinaryIO, max_bytes: int) -> Iterator[bytes]:
    """All lines from the beginning. Raises BadInput for a line or a file that is too long, and for binary data."""
    file.seek(0)
    total = 0
    for number, line in enumerate(iter(lambda: file.readline(max_bytes + 1), b""), 1):
        total += len(line)
        if len(line) > max_bytes:
            raise BadInput(f"{path}, line {number}: is longer than {say_size(max_bytes)}. Is this the right file?")
        if total > MAX_FILE_BYTES:
            raise BadInput(f"{path} is larger than {say_size(MAX_FILE_BYTES)}. Split it; the parts may be imported.")
        if b"\0" in line:
            raise BadInput(f"{path}, line {number}: holds binary data, not text. Save the file as CSV (UTF-8).")
        yield line


def digest(chunks: Iterator[bytes]) -> str:
    """SHA-256 of all chunks, in hex: names the very file in the audit trail."""
    found = hashlib.sha256()
    for chunk in chunks:
        found.update(chunk)
    return found.hexdigest()


def say_size(count: int) -> str:
    """`65536` → `64 KiB`."""
    mebibyte = 1024 * 1024
    return f"{count // mebibyte} MiB" if count >= mebibyte else f"{count // 1024} KiB"


def _checked(path: Path, file: BinaryIO) -> BinaryIO:
    if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        raise BadInput(f"{path} is not a file. Save its content to a file first.")
    start = file.read(4096)
    if not start.strip():
        raise BadInput(f"{path} is empty. A header and at least one row are needed.")
    for magic, what in _MAGIC.items():
        if start.startswith(magic):
            raise BadInput(f"{path} {what}.")
    if b"\0" in start:
        raise BadInput(f"{path} holds binary data, not text. Save it as CSV (UTF-8).")
    return file
