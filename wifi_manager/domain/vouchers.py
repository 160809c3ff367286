"""Vouchers: codes on cards that let citizens in, issued in batches, kept as keyed digests alone.

A code has 9 symbols of 31 that nobody takes for another one: 44.6 bits.
"""

import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from wifi_manager.domain.errors import BadInput, Forbidden

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # neither 0 and O nor 1, I and L
CODE_LENGTH = 9
MOST_CODES = 10_000  # of one batch
_GROUP = 3
_LONGEST_TYPED = 100
_LONGEST_NAME = 60


class CodeRefused(Forbidden):
    """The code lets nobody in: mistyped, used up, over or revoked. Whoever guesses learns not which."""


class BatchState(StrEnum):
    """Where a batch stands."""

    VALID = "valid"
    OVER = "over"  # its last day is over
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True)
class Allowance:
    """What each code of a batch allows. None means no limit but the plan's.

    `uses` counts devices: one that comes back needs no second use. `devices` may be online at the same time. `lasts`
    begins with the first use. `volume_bytes` are those of all its visits together, in both directions.
    """

    plan: str | None = None  # None: the plan of the place
    uses: int | None = 1
    devices: int | None = 1
    good_until: datetime | None = None
    lasts: timedelta | None = None
    volume_bytes: int | None = None

    def __post_init__(self) -> None:
        """Refuse what would let nobody in."""
        for name in ("uses", "devices", "volume_bytes"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise BadInput(f"A voucher's {name.replace('_', ' ')} must be 1 or more; leave it out for no limit.")
        if self.lasts is not None and self.lasts < timedelta(minutes=1):
            raise BadInput("A voucher lasts a minute or longer from its first use.")

    def longest_life(self, now: datetime) -> timedelta | None:
        """From the first use until the last byte, where that is bounded at all."""
        until = None if self.good_until is None else self.good_until - now
        return min((each for each in (until, self.lasts) if each is not None), default=None)


@dataclass(frozen=True, slots=True)
class Batch:
    """Codes that were issued together."""

    name: str
    allowance: Allowance
    issued_at: datetime
    issued_by: str
    revoked_at: datetime | None = None

    def state(self, now: datetime) -> BatchState:
        if self.revoked_at is not None:
            return BatchState.REVOKED
        until = self.allowance.good_until
        return BatchState.VALID if until is None or now < until else BatchState.OVER


@dataclass(frozen=True, slots=True)
class Voucher:
    """One code of a batch, known by its number there."""

    number: int
    allowance: Allowance
    uses: int = 0
    first_used_at: datetime | None = None
    revoked_at: datetime | None = None
    forgotten_bytes: int = 0  # of visits that nothing links to it any more


@dataclass(frozen=True, slots=True)
class Spent:
    """What visits with one voucher are and have used so far. `is_known`: one of them was of the device that asks."""

    running: int = 0
    volume_bytes: int = 0
    is_known: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """What a voucher allows the device that shows it now."""

    uses: int  # of the voucher from now on
    first_used_at: datetime
    ends_by: datetime | None
    volume_bytes: int | None


def admit(voucher: Voucher, spent: Spent, now: datetime) -> Admitted | None:
    """What is left for a device that shows this voucher, or None where nothing is."""
    allowed, first = voucher.allowance, voucher.first_used_at or now
    uses = voucher.uses + (not spent.is_known)
    ends = [allowed.good_until, None if allowed.lasts is None else first + allowed.lasts]
    ends_by = min((each for each in ends if each is not None), default=None)
    used = voucher.forgotten_bytes + spent.volume_bytes
    left = None if allowed.volume_bytes is None else allowed.volume_bytes - used
    is_refused = (
        voucher.revoked_at is not None
        or (ends_by is not None and now >= ends_by)
        or (left is not None and left <= 0)
        or (allowed.uses is not None and uses > allowed.uses)
        or (allowed.devices is not None and spent.running >= allowed.devices)
    )
    return None if is_refused else Admitted(uses, first, ends_by, left)


def new_code() -> str:
    """A code by the system's random numbers."""
    return "".join(secrets.choice(ALPHABET) for _ in range(CODE_LENGTH))


def show_code(code: str) -> str:
    """As it stands on cards: in groups of three."""
    return "-".join(code[at : at + _GROUP] for at in range(0, len(code), _GROUP))


def read_code(typed: str) -> str:
    """The code that somebody typed: in any case, full width too, with or without hyphens and spaces.

    Raises BadInput for what cannot be a code. That tells a guesser nothing and whoever mistypes what to look at.
    """
    folded = unicodedata.normalize("NFKC", typed[:_LONGEST_TYPED]).upper()
    code = "".join(each for each in folded if each.isalnum())
    if len(code) != CODE_LENGTH or not set(code) <= set(ALPHABET):
        raise BadInput(f"A code has {CODE_LENGTH} letters and digits, none of them 0, 1, I, L or O. Type it again.")
    return code


def check_name(name: str) -> str:
    """A batch's name. Raises BadInput for one that does not fit."""
    if not 0 < len(name.strip()) <= _LONGEST_NAME or name != name.strip() or not name.isprintable():
        raise BadInput(f"A batch's name has 1 to {_LONGEST_NAME} characters. Example: library-2027-spring")
    return name
