"""Makes the secrets that a new installation lacks, so that nobody has to invent one, and files that hold codes."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from wifi_manager.domain.errors import BadInput
from wifi_manager.settings import make_secret_file


def ensure_secret(path: Path) -> bool:
    """Make a secret with mode 0600 where there is none; True if one was made. Raises SettingsError if it fails."""
    if path.exists():
        return False
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    make_secret_file(path)
    return True


@contextmanager
def new_files(*paths: Path | None) -> Iterator[dict[Path | None, IO[str]]]:
    """New files of mode 0600, made before anything is issued: codes that cannot be written would be lost.

    What stays empty is taken away again. Raises BadInput where one is there already or cannot be written.
    """
    files: dict[Path | None, IO[str]] = {}
    try:
        for path in paths:
            if path is not None:
                files[path] = os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", -1, "utf-8")
        yield files
    except OSError as refused:
        raise BadInput(f"{refused.filename or 'The file'} cannot be written ({refused.strerror}).") from refused
    finally:
        for path, file in files.items():
            is_empty = file.tell() == 0
            file.close()
            if is_empty and path is not None:
                path.unlink()


def write(file: IO[str] | None, text: str) -> None:
    """Into the file, where one is wanted."""
    if file is not None:
        file.write(text)
