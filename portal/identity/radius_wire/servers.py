"""Asks an organisation's RADIUS servers in turn, within a hard limit of time and of threads."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial

from portal.identity.radius_wire.exchange import exchange
from portal.identity.radius_wire.packets import accepted, access_request
from portal.identity.radius_wire.rests import Address, Rests
from wifi_manager import log
from wifi_manager.services.radius import Accepted, Credentials, NameRefused, ServersFailed

_LOG = log.get(__name__)
_LOOKING_UP_SECONDS = 1.0  # of names of servers, beside the time that the servers have


class Lines:
    """So many questions at a time: a server that hangs takes that part of the portal's threads, and no more.

    The work is done by threads of its own, for nothing else can break off a look-up of a name.
    """

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._pool = ThreadPoolExecutor(most, "radius")

    def ask(self, work: Callable[[], Accepted], seconds: float) -> Accepted:
        """Raises ServersFailed when all are taken or it takes longer, and what the work raises."""
        if not self._free.acquire(blocking=False):
            raise ServersFailed("Too many sign-ins wait for the RADIUS servers.")
        asked = self._pool.submit(work)
        asked.add_done_callback(lambda _: self._free.release())
        try:
            return asked.result(seconds)
        except TimeoutError as late:
            raise ServersFailed("The RADIUS servers take too long.") from late


@dataclass(frozen=True, slots=True)
class Servers:
    """Of one organisation. `noticed` is told accepted, refused or silent of each sign-in, dropped of each packet."""

    addresses: tuple[Address, ...]
    secret: bytes = field(repr=False)
    nas_identifier: str
    timeout_seconds: float
    sendings: int
    lines: Lines
    noticed: Callable[[str], None]
    rests: Rests = field(default_factory=Rests)

    def ask(self, typed: Credentials) -> Accepted:
        """Raises NameRefused, or ServersFailed: none answered in time, all rest, or too many ask."""
        longest = self.timeout_seconds * len(self.addresses) + _LOOKING_UP_SECONDS
        try:
            found = self.lines.ask(partial(self._ask_in_turn, typed), longest)
        except NameRefused:
            self.noticed("refused")
            raise
        except ServersFailed:
            self.noticed("silent")
            raise
        self.noticed("accepted")
        return found

    def _ask_in_turn(self, typed: Credentials) -> Accepted:
        for address in self.rests.awake(self.addresses, typed.realm):
            found = self._ask_one(address, typed)
            if found is not None:
                return found
            self.rests.begin(address, typed.realm)
        raise ServersFailed("No RADIUS server answers.")

    def _ask_one(self, address: Address, typed: Credentials) -> Accepted | None:
        asked = access_request(typed, self.secret, self.nas_identifier)
        why = "no answer in time, or none that is signed with our secret"
        try:
            answer = exchange(address, asked, self.timeout_seconds, self.sendings, partial(self.noticed, "dropped"))
        except OSError as failed:
            answer, why = None, failed.strerror or "no such host"
        if answer is None:
            _LOG.warning("a RADIUS server fails", extra={"server": address[0], "why": why})
            return None
        return accepted(answer)
