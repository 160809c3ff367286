"""A conversation with the kernel about interfaces, queues and classes: requests in, errors as exceptions out."""

import errno
import struct
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.netlink import Message, RouteSocket, attribute

_GET_LINK = 18
_LINK = struct.Struct("=BxHiII")  # family, type, index, flags, change
_NAME = 3
_DONE = frozenset({netlink.NLMSG_ERROR, netlink.NLMSG_DONE})


class Refused(OutsideFailure):
    """The kernel did not take a change; `errno` says why."""

    def __init__(self, number: int) -> None:
        reason = errno.errorcode.get(number, str(number))
        super().__init__(f"The kernel refused a change of queues ({reason}). It is tried again.")
        self.errno = number


@dataclass(frozen=True, slots=True)
class Request:
    """One change or question: its kind, its flags, and what comes after netlink's own header."""

    kind: int
    body: bytes
    flags: int = 0


class Route:
    """What `ip` and `tc` speak with, in the network namespace of its socket. Not safe for several threads."""

    def __init__(self, sock: RouteSocket) -> None:
        self._socket = sock

    def index(self, interface: str) -> int:
        """The kernel's number of an interface, or 0 where there is none."""
        name = attribute(_NAME, netlink.text(interface))
        try:
            (answer, *_) = self.ask(Request(_GET_LINK, link_header() + name, netlink.NLM_F_ACK))
        except Refused as refused:
            if refused.errno == errno.ENODEV:
                return 0
            raise
        index: int = _LINK.unpack_from(answer.payload)[2]
        return index

    def change(self, requests: Iterable[Request], passed_over: Collection[int] = frozenset()) -> None:
        """Send all requests at once. The kernel takes them one after the other, also when it refuses one between.

        Raises Refused for the first that is refused with an errno that is not `passed_over`.
        """
        numbered = {self._socket.next_sequence(): request for request in requests}
        if not numbered:
            return
        last = max(numbered)
        self._socket.send(
            netlink.frame(each.kind, each.flags | (netlink.NLM_F_ACK if number == last else 0), number, each.body)
            for number, each in numbered.items()
        )
        refused = 0
        for answer in self._socket.receive(min(numbered)):
            if answer.kind == netlink.NLMSG_ERROR and answer.errno() not in {0, *passed_over}:
                refused = refused or answer.errno()
            if answer.sequence >= last:
                break
        if refused:
            raise Refused(refused)

    def ask(self, request: Request) -> list[Message]:
        """All answers to a question. Its flags ask for a dump or for an acknowledgement. Raises Refused."""
        sequence = self._socket.next_sequence()
        self._socket.send([netlink.frame(request.kind, request.flags, sequence, request.body)])
        found: list[Message] = []
        for answer in self._socket.receive(sequence):
            if answer.kind == netlink.NLMSG_ERROR and answer.errno():
                raise Refused(answer.errno())
            if answer.kind in _DONE:
                break
            found.append(answer)
        return found


def link_header(index: int = 0, *, up: bool = False) -> bytes:
    """What every message about an interface begins with; `up` switches it on."""
    return _LINK.pack(0, 0, index, up, up)
