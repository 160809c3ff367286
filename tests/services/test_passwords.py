"""Passwords: a flood of them is turned away instead of eating the machine."""

import threading
from dataclasses import dataclass, field

import pytest
from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.services.passwords import AT_A_TIME, WAITING, Passwords

QUICK = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@dataclass
class SlowHasher:
    """Counts how many work at a time, and works until it is told to end."""

    go_on: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)
    now: int = 0
    most: int = 0
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    checked: list = field(default_factory=list)

    def hash(self, password):
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        self.begun.release()
        self.go_on.wait(60)
        with self.lock:
            self.now -= 1
        return "hash"

    def verify(self, known, _password):
        self.checked.append(known)
        raise VerifyMismatchError


def test_a_password_proves_itself_and_no_other():
    passwords = Passwords(QUICK)
    known = passwords.hash("correct horse")
    assert passwords.proves(known, "correct horse")
    assert not passwords.proves(known, "correct house")
    assert not passwords.proves(None, "correct horse")
    assert not passwords.proves("no hash", "correct horse")


def test_an_unknown_name_takes_the_work_of_one_hash_as_a_known_one_does():
    hasher = SlowHasher()
    hasher.go_on.set()
    passwords = Passwords(hasher)
    for known in (None, "known", None):
        passwords.proves(known, "x")
    assert hasher.checked == ["hash", "known", "hash"]


def test_s2_a_flood_is_hashed_two_at_a_time_and_what_is_too_much_is_turned_away_at_once():
    hasher, outcomes = SlowHasher(), []
    passwords = Passwords(
        hasher, threading.BoundedSemaphore(AT_A_TIME), threading.BoundedSemaphore(AT_A_TIME + WAITING)
    )

    def ask():
        outcomes.append(passwords.hash("x"))

    threads = [threading.Thread(target=ask) for _ in range(AT_A_TIME + WAITING)]
    for thread in threads:
        thread.start()
    for _ in range(AT_A_TIME):
        assert hasher.begun.acquire(timeout=60)
    refused = _refused_when_full(passwords)
    hasher.go_on.set()
    for thread in threads:
        thread.join(60)
    assert refused
    assert (hasher.most, outcomes) == (AT_A_TIME, ["hash"] * (AT_A_TIME + WAITING))


def _refused_when_full(passwords):
    """All have come within: then nobody else is let wait."""
    full = threading.Event()
    for _ in range(6000):
        if passwords.present.acquire(blocking=False):
            passwords.present.release()
            full.wait(0.01)
        else:
            break
    with pytest.raises(OutsideFailure):
        passwords.hash("x")
    return True
