"""The tree of classes at one interface: made, read and changed in the kernel."""

import errno
from collections.abc import Collection, Iterable, Iterator

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.netfilter import netlink
from wifi_manager.gateway.shaping import tc
from wifi_manager.gateway.shaping.route import Refused, Request, Route
from wifi_manager.gateway.shaping.tc import HtbClass, Leaf, Told

_PUT = netlink.NLM_F_CREATE
_REPLACE = netlink.NLM_F_CREATE | netlink.NLM_F_REPLACE
_TELL_ME = netlink.NLM_F_ACK | netlink.NLM_F_ECHO  # without it a queue's answer goes to listeners only
_MISSING = frozenset({errno.ENOENT})
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

    def __init__(self, route: Route, interface: str) -> None:
        self._route = route
        self._interface = interface
        self._index = 0
        self._leaf = Leaf.BFIFO

    def is_unchanged(self) -> bool:
        """False where the interface went or came since `plant`, or lost its tree (one that comes back has none)."""
        index = self._route.index(self._interface)
        return index == self._index and (index == 0 or self._is_planted())

    def plant(self) -> None:
        """Put an empty tree at the interface, or find the one that is there.

        Raises NoInterface, or NoShaping where the kernel knows no such tree.
        """
        self._index = self._route.index(self._interface)
        if self._index == 0:
            raise NoInterface(self._interface)
        if not self._is_planted():
            self._replace_root()
        self._leaf = self._best_leaf()

    def classes(self) -> dict[int, Told]:
        """All classes by minor."""
        where = tc.header(self._index, parent=tc.TREE)
        answers = self._route.ask(Request(tc.GET_CLASS, where, netlink.NLM_F_DUMP))
        found = (tc.read_class(answer.payload) for answer in answers)
        return {told.shape.minor: told for told in found}

    def put_link(self, shape: HtbClass) -> None:
        """Make or change the class that others borrow from. Raises Refused."""
        self._route.change([Request(tc.NEW_CLASS, tc.new_class(self._index, shape), _PUT)])

    def put(self, shapes: Iterable[HtbClass], present: Collection[int]) -> None:
        """Make these classes, or change those that are `present` (by minor) and keep what waits in them.

        Raises Refused; the other classes are made all the same.
        """
        self._route.change(self._requests(shapes, present))

    def remove(self, minors: Iterable[int]) -> None:
        """Remove classes with what waits in them; one that is not there is fine. Raises Refused."""
        where = (tc.header(self._index, tc.TREE | minor) for minor in minors)
        self._route.change((Request(tc.DELETE_CLASS, each) for each in where), passed_over=_MISSING)

    def _requests(self, shapes: Iterable[HtbClass], present: Collection[int]) -> Iterator[Request]:
        for shape in shapes:
            yield Request(tc.NEW_CLASS, tc.new_class(self._index, shape), _PUT)
            leaf = tc.new_leaf(self._index, shape, self._leaf, is_there=shape.minor in present)
            yield Request(tc.NEW_QDISC, leaf, _REPLACE)

    def _is_planted(self) -> bool:
        try:
            answers = self._route.ask(Request(tc.GET_QDISC, tc.header(self._index, parent=tc.ROOT), _TELL_ME))
        except Refused:
            return False
        roots = [(tc.identifier_of(answer.payload), tc.kind_of(answer.payload)) for answer in answers]
        return roots == [(tc.TREE, tc.HTB)]

    def _replace_root(self) -> None:
        root = Request(tc.NEW_QDISC, tc.new_tree(self._index), _REPLACE)
        try:
            self._route.change([root])
        except Refused as refused:
            if refused.errno == errno.ENOENT:
                raise NoShaping from refused
            other = Request(tc.DELETE_QDISC, tc.header(self._index, parent=tc.ROOT))
            self._route.change([other])  # it has the name 1: that ours shall have
            self._route.change([root])

    def _best_leaf(self) -> Leaf:
        """Tried and not looked up: which queues a kernel has does not follow from its version."""
        self.put_link(_TRIAL)
        trial = tc.new_leaf(self._index, _TRIAL, Leaf.FQ_CODEL, is_there=False)
        try:
            self._route.change([Request(tc.NEW_QDISC, trial, _REPLACE)])
        except Refused:
            return Leaf.BFIFO
        else:
            return Leaf.FQ_CODEL
        finally:
            self.remove([_TRIAL.minor])
