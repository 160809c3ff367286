"""Accounts of residents: a login name and a password, which city staff open and citizens complete themselves."""

import hmac
import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from wifi_manager.domain.errors import BadInput, Forbidden

SHORTEST_PASSWORD, LONGEST_PASSWORD = 8, 200  # NIST SP 800-63B section 5.1.1.2; what is longer keeps us busy
_SHORTEST_NAME, LONGEST_NAME = 3, 64
_FEW = 2
# The passwords of 8 characters and more that leaked lists have most often; what repeats or counts is found by rule.
_COMMON_WORDS = """
    password password1 password12 password123 passw0rd p@ssw0rd p@ssword passpass password! qwertyui qwertyuiop
    qwerty12 qwerty123 qwerty1234 1q2w3e4r 1q2w3e4r5t 1qaz2wsx 1qaz2wsx3edc q1w2e3r4 q1w2e3r4t5 qazwsxedc zaq12wsx
    asdfghjk asdfghjkl zxcvbnm1 zxcvbnm123 iloveyou iloveyou1 sunshine princess football baseball basketball
    superman starwars trustno1 welcome1 welcome123 letmein1 letmein123 whatever computer internet michelle jennifer
    jordan23 charlie1 liverpool chocolate butterfly abcd1234 abc12345 abc123456 a1b2c3d4 aa123456 aa12345678
    admin123 admin1234 administrator changeme changeme123 default1 guest123 guestguest test1234 testtest
    wifi1234 wifiwifi publicwifi freewifi freewifi1 internet1 samsung1 samsung123 tkfkdgo1 dkssudgktpdy
    qwer1234 qwer1234! asdf1234 zxcv1234 1234qwer 1234asdf asdfasdf qwerqwer love1234 iloveyou2
    monkey123 dragon123 shadow12 master12 master123 michael1 ashley12 secret123 google123 facebook123 naver123
    korea123 koreakorea seoul123 seoulseoul manila123 pilipinas philippines mahalkita
"""
_COMMON = frozenset(_COMMON_WORDS.split())


class AccountRefused(Forbidden):
    """Name and password, or name and code, are not those of an account. Whoever guesses learns not which is wrong."""


class WeakPassword(BadInput):
    """A password that would be guessed soon. `why` is short, long, common or name."""

    def __init__(self, why: str, message: str) -> None:
        self.why = why
        super().__init__(message)


class AccountState(StrEnum):
    """Where an account stands."""

    WAITING = "waiting"  # for its citizen to choose a password
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """An account as it is kept. `name` is readable to processes that hold the key alone.

    `code_digest` is of the one-time code that staff gave, `mailed_digest` of one that its citizen had sent.
    """

    number: int
    name: str
    password_hash: str | None
    is_active: bool
    added_at: datetime
    code_digest: bytes | None = None
    code_ends_at: datetime | None = None
    mailed_digest: bytes | None = None
    mailed_ends_at: datetime | None = None
    has_address: bool = False

    @property
    def state(self) -> AccountState:
        if not self.is_active:
            return AccountState.DISABLED
        return AccountState.WAITING if self.password_hash is None else AccountState.ACTIVE

    def takes(self, code: bytes, now: datetime) -> bool:
        """Whether a one-time code of this keyed digest is good now, from whomever it came."""
        given = ((self.code_digest, self.code_ends_at), (self.mailed_digest, self.mailed_ends_at))
        fits = [hmac.compare_digest(kept or b"", code) and now < (ends_at or now) for kept, ends_at in given]
        return self.is_active and any(fits)


def fold_name(typed: str) -> str:
    """A login name as it is compared: any case and width are the same. Raises BadInput for one that does not fit."""
    name = unicodedata.normalize("NFKC", typed.strip()[: 4 * LONGEST_NAME]).casefold()
    is_plain = name.isprintable() and not any(each.isspace() or each in ',"' for each in name)
    if not is_plain or not _SHORTEST_NAME <= len(name) <= LONGEST_NAME:
        raise BadInput(f"A login name has {_SHORTEST_NAME} to {LONGEST_NAME} characters, without spaces and commas.")
    return name


def fold_password(typed: str) -> str:
    """A password as it is hashed: keyboards write the same letters in several ways (NIST SP 800-63B, NFKC)."""
    return unicodedata.normalize("NFKC", typed[: LONGEST_PASSWORD + 1])


def check_password(name: str, wanted: str) -> None:
    """Raise WeakPassword for one that would be guessed soon. There are no rules of composition."""
    if len(wanted) < SHORTEST_PASSWORD:
        raise WeakPassword("short", f"A password has {SHORTEST_PASSWORD} characters or more.")
    if len(wanted) > LONGEST_PASSWORD:
        raise WeakPassword("long", f"A password has {LONGEST_PASSWORD} characters or fewer.")
    if wanted.casefold() in _COMMON or _is_a_row(wanted):
        raise WeakPassword("common", "This password is one of the first that anybody would guess.")
    if name in wanted.casefold():
        raise WeakPassword("name", "The login name is in this password.")


def _is_a_row(text: str) -> bool:
    """One character all along, or a few over and over, or counting up or down, such as 12345678."""
    steps = {ord(later) - ord(each) for each, later in pairwise(text)}
    return len(set(text)) <= _FEW or any(steps <= {0, way} for way in (1, -1)) or steps <= {1, -9}
