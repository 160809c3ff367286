"""Mail: what the city writes to a resident, the addresses that it can be written to, and who carries it."""

from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import timedelta
from email.errors import MessageError
from email.headerregistry import Address
from typing import Protocol

from wifi_manager.domain.errors import BadInput

LONGEST_ADDRESS = 254  # characters (RFC 5321 section 4.5.3.1.3, without the brackets)
VALID_FOR = timedelta(minutes=30)  # of a code by mail
AGAIN_AFTER = timedelta(minutes=1)  # a reload of the page sends no second mail


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail. `language` is a tag of BCP 47."""

    to: str = field(repr=False)
    subject: str
    text: str = field(repr=False)
    language: str


class Line(Protocol):
    """A line to the mail server on which everything is ready but the mail."""

    def send(self, mail: Mail) -> None:
        """Hand it over. Raises OutsideFailure, which names nobody."""


class Carrier(Protocol):
    """Who carries mails."""

    def open(self) -> AbstractContextManager[Line]:
        """A line that its user closes. Raises OutsideFailure when there is none to be had."""


def read_address(typed: str) -> str:
    """A mail address as it is written to. Raises BadInput for one that could not be (RFC 5321 section 4.1.2)."""
    address = typed.strip()
    if len(address) > LONGEST_ADDRESS or not address.isascii() or not address.isprintable():
        raise _no_address()
    try:
        read = Address(addr_spec=address)
    except (MessageError, ValueError, IndexError) as refused:
        raise _no_address() from refused
    plain = all(part and not set(part) & set(' ,<>"()') for part in (read.username, read.domain))
    if not plain or "." not in read.domain.strip("."):
        raise _no_address()
    return address


def _no_address() -> BadInput:
    return BadInput(
        "This is no mail address, such as mina@mail.example. Write a name with other letters than a to z as xn--…"
    )
