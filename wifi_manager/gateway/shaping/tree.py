"""The tree of classes at one interface: made, read and changed in the kernel."""

import errno
import struct
from collections.abc import Collection, Iterable, Iterator

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.netfilter.netlink import Message, RouteSocket, attribute
from wifi_manager.gateway.shaping import tc
from wifi_manager.gateway.shaping.tc import HtbClass, Leaf, Told

_GET_LINK = 18
_LINK = struct.Struct("=BxHiII")  # family, type, index, flags, change
_NAME = 3
_PUT = netlink.NLM_F_CREATE
_REPLACE = netlink.NLM_F_CREATE | netlink.NLM_F_REPLACE
_TELL_ME = netlink.NLM_F_ACK | netlink.NLM_F_ECHO  # without it a queue's answer goes to listeners only
_TRIAL = HtbClass(minor=0xFFFE, rate=125_000, ceil=125_000, quantum=10_000)


class NoShaping(OutsideFailure):
    """This kernel has no HTB: rates are held by the limits of the ruleset alone."""

    def __init__(self) -> None:
        super().__init__("This kernel has no HTB (sch_htb). Rates are held by dropping what comes too fast.")


class NoInterface(OutsideFailure):
    """An interface is missing, perhaps for a moment only."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no interface {name!r}. What passes there is shaped again when it is back.")


class Tree:
    """The classes at one interface. Not safe for several threads at a time."""

    def __init__(self, sock: RouteSocket, interface: str) -> None:
        self._socket = sock
        self.interface = interface
        self._index = 0
        self._leaf = Leaf.BFIFO

    def is_unchanged(self) -> bool:
        """False where the interface went or came since `plant`, or lost its tree (one that comes back has none)."""
        index = self._found_index()
        return index == self._index and (index == 0 or self._is_planted())

    def plant(self) -> None:
        """Put an empty tree at the interface, or find the one that is there.

        Raises NoInterface, or NoShaping where the kernel knows no such tree.
        """
        self._index = self._found_index()
        if self._index == 0:
            raise NoInterface(self.interface)
        if not self._is_planted():
            self._replace_root()
        self._leaf = self._best_leaf()

    def classes(self) -> dict[int, Told]:
        """All classes by minor."""
        where = tc.header(self._index, parent=tc.TREE)
        found = (tc.read_class(answer.payload) for answer in self._ask(tc.GET_CLASS, netlink.NLM_F_DUMP, where))
        return {told.shape.minor: told for told in found}

    def put_link(self, shape: HtbClass) -> None:
        """Make or change the class that others borrow from. Raises OutsideFailure when the kernel refuses."""
        self._change([(tc.NEW_CLASS, _PUT, tc.new_class(self._index, shape))])

    def put(self, shapes: Iterable[HtbClass], present: Collection[int]) -> None:
        """Make these classes, or change those that are `present` (by minor) and keep what waits in them.

        Raises OutsideFailure when the kernel refuses; classes before the refused one are made.
        """
        self._change(self._put_requests(shapes, present))

    def remove(self, minors: Iterable[int]) -> None:
        """Remove classes with what waits in them; one that is not there is fine."""
        requests = ((tc.DELETE_CLASS, 0, tc.header(self._index, tc.TREE | minor)) for minor in minors)
        self._change(requests, passed_over=frozenset({errno.ENOENT}))

    def _put_requests(self, shapes: Iterable[HtbClass], present: Collection[int]) -> Iterator[tuple[int, int, bytes]]:
        for shape in shapes:
            yield tc.NEW_CLASS, _PUT, tc.new_class(self._index, shape)
            leaf = tc.new_leaf(self._index, shape, self._leaf, is_there=shape.minor in present)
            yield tc.NEW_QDISC, _REPLACE, leaf

    def _found_index(self) -> int:
        name = attribute(_NAME, netlink.text(self.interface))
        try:
            answer = next(iter(self._ask(_GET_LINK, 0, _LINK.pack(0, 0, 0, 0, 0) + name)))
        except Refused as refused:
            if refused.errno == errno.ENODEV:
                return 0
            raise
        index: int = _LINK.unpack_from(answer.payload)[2]
        return index

    def _is_planted(self) -> bool:
        try:
            where = tc.header(self._index, parent=tc.ROOT)
            root = next(iter(self._ask(tc.GET_QDISC, _TELL_ME, where)), None)
        except Refused:
            return False  # the kernel does not tell the queue that an interface has by itself
        return root is not None and tc.identifier_of(root.payload) == tc.TREE and tc.kind_of(root.payload) == tc.HTB

    def _replace_root(self) -> None:
        root = (tc.NEW_QDISC, _REPLACE, tc.new_tree(self._index))
        try:
            self._change([root])
        except Refused as refused:
            if refused.errno == errno.ENOENT:
                raise NoShaping from refused
            other = (tc.DELETE_QDISC, 0, tc.header(self._index, parent=tc.ROOT))
            self._change([other])  # it has the name 1: that ours shall have
            self._change([root])

    def _best_leaf(self) -> Leaf:
        """Tried and not looked up: which queues a kernel has does not follow from its version."""
        self.put_link(_TRIAL)
        trial = tc.new_leaf(self._index, _TRIAL, Leaf.FQ_CODEL, is_there=False)
        try:
            self._change([(tc.NEW_QDISC, _REPLACE, trial)])
        except Refused:
            return Leaf.BFIFO
        else:
            return Leaf.FQ_CODEL
        finally:
            self.remove([_TRIAL.minor])

    def _change(self, requests: Iterable[tuple[int, int, bytes]], passed_over: Collection[int] = frozenset()) -> None:
        """Send all requests at once. The kernel takes them one after the other; it tells each that it refuses."""
        numbered = [(self._socket.next_sequence(), *request) for request in requests]
        if not numbered:
            return
        last = numbered[-1][0]
        self._socket.send(
            netlink.frame(kind, flags | (netlink.NLM_F_ACK if sequence == last else 0), sequence, body)
            for sequence, kind, flags, body in numbered
        )
        refused = 0
        for answer in self._socket.receive(numbered[0][0]):
            if answer.kind == netlink.NLMSG_ERROR and answer.errno() not in {0, *passed_over}:
                refused = refused or answer.errno()
            if answer.sequence >= last:
                break
        if refused:
            raise Refused(self.interface, refused)

    def _ask(self, kind: int, flags: int, body: bytes) -> list[Message]:
        sequence = self._socket.next_sequence()
        self._socket.send([netlink.frame(kind, flags or netlink.NLM_F_ACK, sequence, body)])
        found: list[Message] = []
        for answer in self._socket.receive(sequence):
            if answer.kind == netlink.NLMSG_ERROR and answer.errno():
                raise Refused(self.interface, answer.errno())
            if answer.kind in {netlink.NLMSG_ERROR, netlink.NLMSG_DONE}:
                break
            found.append(answer)
        return found


class Refused(OutsideFailure):
    """The kernel did not take a change of an interface's classes."""

    def __init__(self, interface: str, number: int) -> None:
        reason = errno.errorcode.get(number, str(number))
        super().__init__(f"The kernel refused to change how {interface} is shaped: {reason}.")
        self.errno = number
