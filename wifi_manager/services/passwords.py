"""Hashes passwords without letting a flood of them eat the machine: each hash takes 64 MiB and a core for a while."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from wifi_manager.domain.errors import OutsideFailure

AT_A_TIME = 2
WAITING = 8  # beyond them a request is turned away at once: threads are for everybody else, too
_PATIENCE_SECONDS = 5.0


@dataclass(frozen=True)
class Passwords:
    """Argon2id with the second parameter set of RFC 9106 section 4; tests take less. Share one in a process."""

    hasher: PasswordHasher = field(default_factory=PasswordHasher)
    working: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_A_TIME))
    present: threading.Semaphore = field(default_factory=lambda: threading.BoundedSemaphore(AT_A_TIME + WAITING))

    def hash(self, password: str) -> str:
        """A salted hash. Raises OutsideFailure when too many ask at once."""
        with self._turn():
            return self.hasher.hash(password)

    def proves(self, known: str | None, password: str) -> bool:
        """Whether it is the password; as much work where nothing is known. Raises OutsideFailure as `hash`."""
        with self._turn():
            nobodys = self._nobodys_hash
            try:
                self.hasher.verify(nobodys if known is None else known, password)
            except (VerificationError, InvalidHashError):
                return False
            return known is not None

    @cached_property
    def _nobodys_hash(self) -> str:
        return self.hasher.hash(secrets.token_hex())

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self.present.acquire(blocking=False):
            raise _too_many()
        try:
            if not self.working.acquire(timeout=_PATIENCE_SECONDS):
                raise _too_many()
            try:
                yield
            finally:
                self.working.release()
        finally:
            self.present.release()


def _too_many() -> OutsideFailure:
    return OutsideFailure("Too many sign in at this moment. Try again in a few seconds.")
