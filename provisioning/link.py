"""A line to one access point: one command over one connection, and what can go wrong with that."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from wifi_manager.domain.errors import Conflict, Forbidden, OutsideFailure


@dataclass(frozen=True, slots=True)
class Reply:
    """What one command said. The output may hold a configuration, so it is in no repr."""

    status: int
    stdout: bytes = field(repr=False)
    stderr: bytes = field(repr=False)


Then = Callable[[bytes], bytes]  # from what was said to what is answered; nothing: there is no more to say


class Link(Protocol):
    """Each `run` opens its own connection and closes it: that it opens is part of what a confirmation proves."""

    def run(self, command: str, stdin: bytes = b"") -> Reply:
        """Raises Unreachable, HostKeyChanged or LoginRefused."""
        ...

    def converse(self, command: str, until: bytes, then: Then) -> Reply:
        """The same, for a command that says something up to `until`, and then reads what `then` makes of that.

        The reply is what it says afterwards; where it never came so far, `then` is not called, and the reply is all.
        """
        ...


class Unreachable(OutsideFailure):
    """The access point did not answer, or the line broke. It may or may not have done what it was told."""


class TooSlow(Unreachable):
    """The access point took the connection and then said nothing for longer than we wait."""


class Dropped(Unreachable):
    """The access point took the connection and closed it before all was said."""


class Garbled(OutsideFailure):
    """The access point answered, but not with what its helper says."""


class HostKeyChanged(Conflict):
    """Whoever answers is not the access point that was enrolled. Nothing was sent to it."""


class LoginRefused(Forbidden):
    """The access point does not take this key."""
