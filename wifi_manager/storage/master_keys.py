"""The master key in its file, and the one before or after it while it is changed.

The file's first line is the key that seals: base64, as it always was. While the key is changed, and after, lines with
a word stand below it, one key each: `next` opens what others seal already, and seals from the next step on; `before`
opens what is not sealed anew yet; `digests` makes pseudonyms and other digests. That one stays for good: what was
digested cannot be digested anew, since nobody holds it.
"""

import base64
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol, Self

from wifi_manager.domain.errors import BadInput, Conflict
from wifi_manager.settings import SettingsError, secret_lines

KEY_BYTES = 32
_WORDS = ("next", "before", "digests")
_Seen = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """What one file holds: 32 random bytes each, or more."""

    seals: bytes = field(repr=False)
    next: bytes | None = field(default=None, repr=False)
    before: bytes | None = field(default=None, repr=False)
    digests: bytes | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        """Raise BadInput for a short key."""
        for each in (self.seals, *filter(None, (self.next, self.before, self.digests))):
            if len(each) < KEY_BYTES:
                raise BadInput(f"The master key has {len(each)} bytes; it needs at least {KEY_BYTES} random ones.")

    @property
    def opening(self) -> tuple[bytes, ...]:
        """All that sealed values may be sealed with, the likeliest first."""
        return (self.seals, *filter(None, (self.next, self.before)))

    @property
    def digesting(self) -> bytes:
        """The key of pseudonyms and other digests: the installation's first one."""
        return self.digests or self.seals

    def now(self) -> Self:
        """Itself: keys that no file changes."""
        return self

    def with_next(self) -> "MasterKeys":
        """The same and a new random key that only opens. Raises Conflict while an earlier change is not finished."""
        if self.before is not None:
            raise Conflict("The last change of the master key is not finished. Run: wifi-manager key finish")
        return replace(self, next=self.next or secrets.token_bytes(KEY_BYTES), digests=self.digesting)

    def with_next_in_use(self) -> "MasterKeys":
        """The new key seals, the old one still opens. Raises Conflict where there is no new one."""
        if self.next is None:
            raise Conflict("There is no new master key to use. Run: wifi-manager key add")
        return replace(self, seals=self.next, next=None, before=self.seals)


class KeySource(Protocol):
    """Where a vault finds its keys each time it needs them."""

    def now(self) -> MasterKeys:
        """The keys that hold now; asked for every value, so it must cost next to nothing."""
        ...


class KeyFile:
    """A file with master keys. Whoever holds one takes up what is new in the file by itself."""

    def __init__(self, path: Path) -> None:
        """Read it. Raises SettingsError: missing, open to all, no key."""
        self.path = path
        self._known = (_seen(path), self.read())

    def now(self) -> MasterKeys:
        """The keys in the file, read anew when it is another one. A file that has gone leaves the keys we know.

        Raises SettingsError for a new file that cannot be read: what is sealed with a forgotten key would be lost.
        """
        before, keys = self._known
        seen = _seen(self.path)
        if seen is None or seen == before:
            return keys
        self._known = (seen, self.read())
        return self._known[1]

    def read(self) -> MasterKeys:
        """The keys in the file. Raises SettingsError."""
        lines = secret_lines(self.path)
        words = {word: value for word, value in lines if word}
        first = [value for word, value in lines if not word]
        if len(first) != 1 or len(lines) != len(words) + 1 or not words.keys() <= {*_WORDS}:
            raise SettingsError(
                [f"{self.path}: one line holds the key alone, others start with {', '.join(_WORDS)}."]
            )
        return MasterKeys(first[0], **words)

    def write(self, keys: MasterKeys) -> None:
        """Put these keys into the file, at once and for good; its owner and mode stay. Raises SettingsError."""
        path = self.path.resolve()
        fresh = path.with_name(f"{path.name}.new")
        try:
            _write_as(fresh, path.stat(), _text(keys).encode())
            fresh.replace(path)
            _sync(path.parent)
        except OSError as refused:
            raise SettingsError(
                [f"{path}: the keys cannot be changed ({refused.strerror}). Run this as the owner of {path.parent}."]
            ) from refused

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes keys beside this file meanwhile. Raises Conflict while somebody does."""
        folder = os.open(self.path.resolve().parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield
        except BlockingIOError as taken:
            raise Conflict("Somebody else is changing the master key now. Wait until that has ended.") from taken
        finally:
            os.close(folder)


def _seen(path: Path) -> _Seen | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def _text(keys: MasterKeys) -> str:
    named = ((word, getattr(keys, word)) for word in _WORDS)
    lines = (f"{word} {_shown(value)}" for word, value in named if value is not None)
    return "\n".join((_shown(keys.seals), *lines, ""))


def _shown(key: bytes) -> str:
    return base64.urlsafe_b64encode(key).decode()


def _write_as(path: Path, like: os.stat_result, content: bytes) -> None:
    """A file whose owner and mode are those of another; nobody else can open it at any time."""
    path.unlink(missing_ok=True)  # half written by one who was killed
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
        os.fchown(file.fileno(), like.st_uid, like.st_gid)
        os.fchmod(file.fileno(), stat.S_IMODE(like.st_mode))
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
