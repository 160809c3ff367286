"""Codes by text message: six digits for one device and one number, good for ten minutes, five tries and one visit."""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from wifi_manager.domain.errors import BadInput, OutsideFailure, TooManyTries

DIGITS = 6
VALID_FOR = timedelta(minutes=10)
MOST_TRIES = 5
FAILURES, PAUSE = 3, timedelta(minutes=1)  # in a row, before a provider is left alone, and for how long
_GAPS = re.compile(r"[\s-]")
_CODE = re.compile(rf"(?<!\d)\d{{{DIGITS}}}(?!\d)", re.ASCII)
_LONGEST_TYPED = 400  # a whole message may be pasted
_SHOWN_DIGITS = 3


class WrongCode(BadInput):
    """Not the code that was sent, or none that a message could hold."""


class CodeOver(BadInput):
    """There is no code (any more) that could be tried: too old, used, or tried too often."""


class DeviceBudgetUsed(TooManyTries):
    """This device has had its codes of the day."""


class SendingClosed(OutsideFailure):
    """No code can be sent now; `reason` says why, for metrics."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__("Text messages cannot be sent now. Choose another way in, or try again later.")


@dataclass(frozen=True, slots=True)
class PhoneNumber:
    """A number in the form of ITU-T E.164, such as +821012345678, and as it is dialled within its country."""

    e164: str
    national: str
    country: str = ""  # its dial code, such as +82

    @property
    def prefix(self) -> str:
        """All but the last four digits."""
        return self.e164[:-4]

    @property
    def masked(self) -> str:
        """Enough for whoever knows the number, and no more: +82 ••• 678."""
        return f"{self.country} ••• {self.e164[-_SHOWN_DIGITS:]}".strip()


@dataclass(frozen=True, slots=True)
class Message:
    """What a provider is to send."""

    number: PhoneNumber
    text: str
    code: str


class Provider(Protocol):
    """Who sends messages."""

    def send(self, message: Message) -> None:
        """Send it, or raise OutsideFailure: then it is not known to be on its way."""


Compose = Callable[[str], str]  # from a code to the whole text


@dataclass(frozen=True, slots=True)
class KeptCode:
    """The newest code of a device. `holder` and `code` are keyed digests."""

    holder: bytes
    code: bytes
    number: PhoneNumber
    sent_at: datetime
    tries: int = 0

    def can_be_tried(self, now: datetime) -> bool:
        """Whether the right code would still let its device in."""
        return self.tries < MOST_TRIES and self.is_fresh(now)

    def is_fresh(self, now: datetime) -> bool:
        """Whether it is not too old."""
        return self.sent_at <= now < self.sent_at + VALID_FOR


@dataclass(frozen=True, slots=True)
class ProviderStanding:
    """How often in a row a provider has failed, and when last."""

    failures: int = 0
    failed_at: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """Whether it is left alone: after some failures in a row, until somebody may try it again."""
        return self.failures >= FAILURES and self.failed_at is not None and now < self.failed_at + PAUSE


def read_code(typed: str) -> str:
    """The six digits in what was typed or pasted, in whatever script. Raises WrongCode when there are none."""
    if len(typed) > _LONGEST_TYPED:
        raise WrongCode("A code has six digits. Look at the message again.")
    plain = "".join(str(unicodedata.decimal(each, each)) for each in typed)
    found = _CODE.search(_GAPS.sub("", plain)) or _CODE.search(plain)
    if found is None:
        raise WrongCode("A code has six digits. Look at the message again.")
    return found.group()


def slot_of(now: datetime) -> datetime:
    """The ten minutes in which a code was sent: codes are counted by them, and so are those that came back."""
    return now.replace(minute=now.minute - now.minute % 10, second=0, microsecond=0)
