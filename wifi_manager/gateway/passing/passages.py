"""Passage: one device's way through the firewall, as elements of the kernel's sets, and read back from them.

`online` and `live` let it pass and end by themselves; the counters s_up and s_dn stay until they are read, and say in
their comments which visit they count and for which device. So a restarted agent needs no memory.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta

from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.gateway.netfilter.elements import Counter, Element, Quota, RateLimit
from wifi_manager.gateway.rules.declarations import NOBODY

NUMBERS = range(1, NOBODY)  # 0 is no mark at all
LIFE = ("online", "live")
COUNTERS = ("s_up", "s_dn")
LIMITS = ("s_quota", "s_quota_up", "s_quota_dn", "s_rate_up", "s_rate_dn")
SETS = LIFE + COUNTERS + LIMITS
_LEAST_BURST_BYTES = 128 * 1024  # two of the largest packets that segmentation offload hands to the firewall
_BITS = 8
_OVER = timedelta(0)

Find = Callable[[str, bytes], Element | None]


@dataclass(frozen=True, slots=True)
class Passage:
    """What the kernel lets through for one device, for how long still, and what has passed in bytes."""

    visit: str
    number: int
    device: MacAddress
    left: timedelta  # 0: it is over, and only its counters are left
    down_bps: int | None = None
    up_bps: int | None = None
    volume: Quota | None = None  # of both directions together
    up_volume: Quota | None = None
    down_volume: Quota | None = None
    up_bytes: int = 0
    down_bytes: int = 0

    @property
    def usage(self) -> Usage:
        """What its visit has used."""
        return Usage(self.visit, self.up_bytes, self.down_bytes)

    @property
    def bytes_left(self) -> int | None:
        """What the smallest of its volumes still allows; None without a volume."""
        quotas = (self.volume, self.up_volume, self.down_volume)
        left = [max(quota.limit_bytes - quota.used_bytes, 0) for quota in quotas if quota is not None]
        return min(left) if left else None

    @property
    def is_used_up(self) -> bool:
        """True where a volume is spent: the device is refused although time is left."""
        return self.bytes_left == 0

    def serves(self, grant: Grant) -> bool:
        """True where this is what the grant asks for, its end left aside."""
        return (
            self.is_of(grant)
            and (_rate(self.down_bps), _rate(self.up_bps)) == (_rate(grant.down_bps), _rate(grant.up_bps))
            and _limit(self.volume) == grant.volume_bytes
            and _limit(self.up_volume) == grant.up_volume_bytes
            and _limit(self.down_volume) == grant.down_volume_bytes
        )

    def is_of(self, grant: Grant) -> bool:
        """True where this is the grant's own visit on the grant's own device."""
        return (self.visit, self.number, self.device) == (grant.visit, grant.number, grant.device)


def passage_for(grant: Grant, left: timedelta, used: Usage | None = None) -> Passage:
    """The passage that a grant asks for; what its visit has used before goes on counting."""
    up, down = (used.up_bytes, used.down_bytes) if used else (0, 0)
    return Passage(
        visit=grant.visit,
        number=grant.number,
        device=grant.device,
        left=left,
        down_bps=grant.down_bps,
        up_bps=grant.up_bps,
        volume=_quota_of(grant.volume_bytes, up + down),
        up_volume=_quota_of(grant.up_volume_bytes, up),
        down_volume=_quota_of(grant.down_volume_bytes, down),
        up_bytes=up,
        down_bytes=down,
    )


def elements(passage: Passage) -> Iterator[Element]:
    """The elements that make this passage."""
    number = number_key(passage.number)
    yield from life(passage)
    yield Element("s_up", number, None, None, Counter(passage.up_bytes), passage.visit)
    yield Element("s_dn", number, None, None, Counter(passage.down_bytes), passage.device.full())
    yield from limits(passage)


def life(passage: Passage) -> Iterator[Element]:
    """The elements that let it pass, and that end by themselves."""
    left_ms = max(1, round(passage.left / timedelta(milliseconds=1)))
    number = number_key(passage.number)
    yield Element("online", passage.device.octets, number, left_ms)
    yield Element("live", number, None, left_ms)


def limits(passage: Passage) -> Iterator[Element]:
    """The elements that make it refuse or slow down packets."""
    number = number_key(passage.number)
    quotas = (("s_quota", passage.volume), ("s_quota_up", passage.up_volume), ("s_quota_dn", passage.down_volume))
    for name, quota in quotas:
        if quota is not None:
            yield Element(name, number, None, None, quota)
    for name, bps in (("s_rate_up", passage.up_bps), ("s_rate_dn", passage.down_bps)):
        if (rate := _rate(bps)) is not None:
            yield Element(name, number, None, None, RateLimit(rate, max(rate // 4, _LEAST_BURST_BYTES)))


def keys(number: int, device: MacAddress, sets: tuple[str, ...] = SETS) -> Iterator[Element]:
    """Every element that could exist for this device in these sets."""
    for name in sets:
        yield Element(name, device.octets if name == "online" else number_key(number))


def assemble(number: int, find: Find) -> Passage | None:
    """The passage of this number out of the elements that `find` finds by set and key; None without its counters."""
    key = number_key(number)
    if (up := find("s_up", key)) is None or (down := find("s_dn", key)) is None:
        return None
    device = _device(down)
    if not up.comment or device is None:
        return None
    return Passage(
        visit=up.comment,
        number=number,
        device=device,
        left=_left(find("online", device.octets), find("live", key), key),
        down_bps=_bps(find("s_rate_dn", key)),
        up_bps=_bps(find("s_rate_up", key)),
        volume=_quota(find("s_quota", key)),
        up_volume=_quota(find("s_quota_up", key)),
        down_volume=_quota(find("s_quota_dn", key)),
        up_bytes=up.counted_bytes,
        down_bytes=down.counted_bytes,
    )


def amount(limit: Element | None) -> int | None:
    """To how much an element of LIMITS limits: bytes, or bits a second."""
    quota = _quota(limit)
    return quota.limit_bytes if quota else _bps(limit)


def number_key(number: int) -> bytes:
    """A packet mark as a key: 32 bits in host byte order."""
    return struct.pack("=I", number)


def number_in(element: Element) -> int:
    """The packet mark that an element of ours belongs to; 0 where there is none."""
    key = element.data if element.set == "online" else element.key
    return struct.unpack("=I", key)[0] if key else 0


def _left(online: Element | None, live: Element | None, number: bytes) -> timedelta:
    if online is None or live is None or online.data != number:
        return _OVER
    return timedelta(milliseconds=min(online.left_ms or 0, live.left_ms or 0))


def _device(down: Element) -> MacAddress | None:
    try:
        return MacAddress.parse(down.comment)
    except BadInput:
        return None


def _rate(bps: int | None) -> int | None:
    """Bytes a second; the kernel knows no rate of 0."""
    return None if bps is None else max(bps // _BITS, 1)


def _limit(quota: Quota | None) -> int | None:
    return quota.limit_bytes if quota else None


def _quota_of(limit_bytes: int | None, used_bytes: int) -> Quota | None:
    return None if limit_bytes is None else Quota(limit_bytes, used_bytes)


def _bps(element: Element | None) -> int | None:
    limit = element.expression if element else None
    return limit.rate_bytes * _BITS if isinstance(limit, RateLimit) else None


def _quota(element: Element | None) -> Quota | None:
    quota = element.expression if element else None
    return quota if isinstance(quota, Quota) else None
