"""Files on a gateway's disk: written whole or not at all (a new file, fsync, rename), read by their owner alone."""

import contextlib
import fcntl
import os
import tempfile
from pathlib import Path
from typing import BinaryIO

from wifi_manager.domain.errors import OutsideFailure

_UNFINISHED = ".new"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that a crash or a power cut leaves the old or the new one, never a part. Mode 0600.

    It belongs to whom its folder belongs: root enrols, and the agent that reads it runs as an ordinary user.
    Raises OutsideFailure when the disk refuses.
    """
    try:
        file, name = _begin(path)
        with file:
            try:
                _give_to_owner_of(path.parent, file.fileno())
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
                name.replace(path)
            except BaseException:  # raised again: whatever it is, no part of a file stays
                name.unlink(missing_ok=True)
                raise
        _sync_folder(path.parent)
    except OSError as refused:
        raise OutsideFailure(f"{path} cannot be written: {refused.strerror}.") from refused


def append(path: Path, data: bytes) -> None:
    """Write behind the end of a file, which is made if need be. Mode 0600. Raises OutsideFailure."""
    try:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(handle, "wb") as file:
            _give_to_owner_of(path.parent, handle)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
    except OSError as refused:
        raise OutsideFailure(f"{path} cannot be written: {refused.strerror}.") from refused


def sweep(folder: Path) -> None:
    """Remove what a power cut or a kill left of files that were just being written, and that would stay for ever.

    Whoever writes one holds its lock, and the kernel drops the locks of the dead: neither an age by a clock that may
    have jumped nor a process id of before the reboot is asked. What cannot be removed stays.
    """
    for left in folder.glob(f".*{_UNFINISHED}"):
        with contextlib.suppress(OSError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink()


def _begin(path: Path) -> tuple[BinaryIO, Path]:
    """A new file beside `path`, open and locked, with its name. One swept before it is locked is made again."""
    while True:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=_UNFINISHED)
        file = os.fdopen(handle, "wb")
        fcntl.flock(file, fcntl.LOCK_EX)
        if os.fstat(handle).st_nlink:
            return file, Path(name)
        file.close()


def _give_to_owner_of(folder: Path, handle: int) -> None:
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
