"""How fast a visit may be, and the class that makes it so. Values only; rates are bytes a second here."""

from dataclasses import dataclass

from wifi_manager.gateway.shaping.tc import MOST_RATE, HtbClass

LINK = 1  # minor of the class of a whole uplink, from which visits borrow their shares
MINORS = range(0x10, 0xFFF0)  # of visits; so many can be shaped at a time
_SURE_RATE = 1000  # what a visit may send however full the uplink is; together these must stay far below it
_MEGABIT_BYTES = 125_000
_TURN_SECONDS = 0.01  # of the whole uplink: how long one visit sends before the next
_LEAST_TURN_BYTES, _MOST_TURN_BYTES = 6_000, 65_536


@dataclass(frozen=True, slots=True)
class Rates:
    """Of one visit, in bytes a second. None: as fast as its share of the uplink, or the uplink, allows."""

    up: int | None = None
    down: int | None = None


@dataclass(frozen=True, slots=True)
class Capacity:
    """What the uplink carries, in bytes a second. None: not said, so it is not shared out."""

    up: int | None = None
    down: int | None = None

    @property
    def is_shared(self) -> bool:
        """True where visits without a rate have a class too, in at least one direction."""
        return self.up is not None or self.down is not None

    @classmethod
    def of(cls, *, up_mbps: int | None, down_mbps: int | None) -> "Capacity":
        """As settings say it."""
        return cls(_bytes_a_second(up_mbps), _bytes_a_second(down_mbps))


def link_class(link: int) -> HtbClass:
    """The class of the whole uplink."""
    rate = min(link, MOST_RATE)
    return HtbClass(LINK, rate=rate, ceil=rate, quantum=_turn(rate))


def visit_class(minor: int, rate: int | None, link: int | None) -> HtbClass | None:
    """The class of a visit in one direction, or None where nothing limits it."""
    bounds = [bound for bound in (rate, link) if bound is not None]
    if not bounds:
        return None
    ceil = min(*bounds, MOST_RATE)
    if link is None:
        return HtbClass(minor, rate=ceil, ceil=ceil, quantum=_turn(ceil))
    return HtbClass(minor, rate=min(_SURE_RATE, ceil), ceil=ceil, quantum=_turn(link), parent=LINK)


def _bytes_a_second(mbps: int | None) -> int | None:
    return None if mbps is None else mbps * _MEGABIT_BYTES


def _turn(rate: int) -> int:
    """Bytes that one class sends in its turn: more than a packet, or small packets would get a smaller share.

    Packets are as large as segmentation offload joins them, which is more on faster lines.
    """
    return min(max(_LEAST_TURN_BYTES, round(rate * _TURN_SECONDS)), _MOST_TURN_BYTES)
