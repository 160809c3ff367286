"""One direction at one interface: the classes that visits need there, and those that the kernel has."""

from collections.abc import Callable, Iterable, Mapping, Sequence

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.shaping.gathering import GatheredTree, can_gather, ungather
from wifi_manager.gateway.shaping.rates import LINK, Capacity, Rates, link_class, visit_class
from wifi_manager.gateway.shaping.route import Route
from wifi_manager.gateway.shaping.tc import HtbClass
from wifi_manager.gateway.shaping.tree import Tree


class Side:
    """Remembers what is in the kernel, so that a change costs the same beside one visit and beside thousands."""

    def __init__(self, tree: Tree, rate: Callable[[Rates], int | None], link: int | None) -> None:
        """`rate` picks this side's direction; `link` is what the uplink carries in it, if it is shared out."""
        self._tree = tree
        self._rate = rate
        self._link = link
        self._present: dict[int, HtbClass] = {}

    @property
    def minors(self) -> set[int]:
        """Of all classes of visits that the kernel has here, also of those that nobody uses any more."""
        return set(self._present)

    def is_unchanged(self) -> bool:
        """True where interface and tree are (or are not) there as they were when it was last read."""
        return self._tree.is_unchanged()

    def read(self) -> None:
        """Make the tree where it is missing, and learn which classes are there.

        Raises NoInterface, or another OutsideFailure where the kernel refuses.
        """
        self._present = {}
        self._tree.plant()
        if self._link is not None:
            self._tree.put_link(link_class(self._link))
        told = self._tree.classes()
        self._present = {minor: each.shape for minor, each in told.items() if each.has_leaf and minor != LINK}

    def needs(self, minor: int, rates: Rates) -> bool:
        """True where the visit needs a class here that is missing, or another than it has, or has one too many."""
        return self._present.get(minor) != self._wanted(minor, rates)

    def holds(self, minor: int, rates: Rates) -> bool:
        """True where the visit's class is here, be it with another rate, or where it needs none."""
        return minor in self._present or self._wanted(minor, rates) is None

    def put(self, visits: Mapping[int, Rates]) -> None:
        """Give visits (by minor) the classes that they need here.

        Raises OutsideFailure, and then they have none here, so that the next try makes them anew.
        """
        asked = {minor: self._wanted(minor, rates) for minor, rates in visits.items()}
        shapes = [shape for minor, shape in asked.items() if shape and shape != self._present.get(minor)]
        self.remove(shape.minor for shape in shapes if self._is_elsewhere(shape))
        try:
            self._tree.put(shapes, self._present.keys())
        except OutsideFailure:
            self._tree.remove(shape.minor for shape in shapes)
            raise
        self._present.update((shape.minor, shape) for shape in shapes)
        self.remove(minor for minor, shape in asked.items() if shape is None)

    def remove(self, minors: Iterable[int]) -> None:
        """Remove classes, where they are here. Raises OutsideFailure."""
        there = [minor for minor in minors if minor in self._present]
        self._tree.remove(there)
        for minor in there:
            del self._present[minor]

    def _is_elsewhere(self, shape: HtbClass) -> bool:
        """The kernel moves no class: the uplink is shared out now and was not when it was made, or the reverse."""
        present = self._present.get(shape.minor)
        return present is not None and present.parent != shape.parent

    def _wanted(self, minor: int, rates: Rates) -> HtbClass | None:
        return visit_class(minor, self._rate(rates), self._link)


def sides(route: Route, uplink: str, lans: Sequence[str], link: Capacity) -> list[Side]:
    """Both directions of a gateway, each shaped where it leaves: up at the uplink's interface, down at the LANs'.

    Several LANs that share out one uplink are gathered into one tree, where the kernel can; where it cannot, each of
    them shares out the whole uplink by itself.
    """
    up = Side(Tree(route, uplink), lambda rates: rates.up, link.up)
    if link.down is not None and len(lans) > 1 and can_gather(route):
        return [up, _down(GatheredTree(route, lans), link)]
    ungather(route, lans)
    return [up, *(_down(Tree(route, lan), link) for lan in lans)]


def _down(tree: Tree, link: Capacity) -> Side:
    return Side(tree, lambda rates: rates.down, link.down)
