"""Passage: one device's way through the firewall, as elements of the kernel's sets, and read back from them.

The kernel itself says which visit an element serves: its comment in s_up. So a restarted agent needs no memory.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from ipaddress import IPv4Address

from wifi_manager.domain.addresses import IpAddress, MacAddress
from wifi_manager.domain.grants import Grant, Usage
from wifi_manager.gateway.netfilter.elements import Counter, Element, Quota, RateLimit

NUMBERS = range(1, 2**32)  # 0 means nobody
SETS = ("up4", "dn4", "s_up", "s_dn", "s_quota", "s_rate_up", "s_rate_dn")
_LEAST_BURST_BYTES = 128 * 1024  # two of the largest packets that segmentation offload hands to the firewall
_BITS = 8


@dataclass(frozen=True, slots=True)
class Passage:
    """What the kernel lets through for one device, for how long still, and what has passed in bytes."""

    visit: str
    number: int
    device: MacAddress
    address: IpAddress
    left: timedelta
    down_bps: int | None = None
    up_bps: int | None = None
    volume_bytes: int | None = None
    up_bytes: int = 0
    down_bytes: int = 0
    quota_bytes: int = 0  # counted against volume_bytes

    @property
    def usage(self) -> Usage:
        """What its visit has used."""
        return Usage(self.visit, self.up_bytes, self.down_bytes)

    @property
    def is_used_up(self) -> bool:
        """True where the volume is spent: the device is refused although time is left."""
        return self.volume_bytes is not None and self.quota_bytes >= self.volume_bytes

    def serves(self, grant: Grant) -> bool:
        """True where this is what the grant asks for, its end left aside."""
        return (self.visit, self.number, self.device, self.address) == (
            grant.visit,
            grant.number,
            grant.device,
            grant.address,
        ) and (_rate(self.down_bps), _rate(self.up_bps), self.volume_bytes) == (
            _rate(grant.down_bps),
            _rate(grant.up_bps),
            grant.volume_bytes,
        )


def is_enforceable(grant: Grant) -> bool:
    """False for what this version cannot put into the kernel: IPv6 addresses, numbers that are no packet mark."""
    return isinstance(grant.address, IPv4Address) and grant.number in NUMBERS


def passage_for(grant: Grant, left: timedelta, used: Usage | None = None) -> Passage:
    """The passage that a grant asks for; what its visit has used before goes on counting."""
    return Passage(
        visit=grant.visit,
        number=grant.number,
        device=grant.device,
        address=grant.address,
        left=left,
        down_bps=grant.down_bps,
        up_bps=grant.up_bps,
        volume_bytes=grant.volume_bytes,
        up_bytes=used.up_bytes if used else 0,
        down_bytes=used.down_bytes if used else 0,
        quota_bytes=(used.up_bytes + used.down_bytes) if used else 0,
    )


def elements(passage: Passage) -> Iterator[Element]:
    """The elements that make this passage."""
    left_ms = max(1, round(passage.left / timedelta(milliseconds=1)))
    number = number_key(passage.number)
    yield Element("up4", up_key(passage.device, passage.address), number, left_ms)
    yield Element("dn4", passage.address.packed, number, left_ms)
    yield Element("s_up", number, None, left_ms, Counter(passage.up_bytes), passage.visit)
    yield Element("s_dn", number, None, left_ms, Counter(passage.down_bytes))
    if passage.volume_bytes is not None:
        yield Element("s_quota", number, None, left_ms, Quota(passage.volume_bytes, passage.quota_bytes))
    for name, bps in (("s_rate_up", passage.up_bps), ("s_rate_dn", passage.down_bps)):
        if (rate := _rate(bps)) is not None:
            yield Element(name, number, None, left_ms, RateLimit(rate, max(rate // 4, _LEAST_BURST_BYTES)))


def keys(number: int, device: MacAddress, address: IpAddress) -> Iterator[Element]:
    """Every element that could exist for this device and address: what is removed before a passage is made."""
    yield Element("up4", up_key(device, address))
    yield Element("dn4", address.packed)
    for name in SETS[2:]:
        yield Element(name, number_key(number))


def number_key(number: int) -> bytes:
    """A packet mark as a key: 32 bits in host byte order."""
    return struct.pack("=I", number)


def number_of(key: bytes | None) -> int:
    """The packet mark behind a key; 0 where there is none."""
    return struct.unpack("=I", key)[0] if key else 0


def up_key(device: MacAddress, address: IpAddress) -> bytes:
    """`ether_addr . ipv4_addr`: every part of a concatenation is padded to four bytes."""
    return device.octets + bytes(2) + address.packed


def read_up_key(key: bytes) -> tuple[MacAddress, IPv4Address]:
    """Device and address of a key of up4."""
    return MacAddress(key[:6]), IPv4Address(key[8:12])


def assemble(up4: Element, alive: Element | None, others: dict[str, Element | None]) -> Passage | None:
    """The passage that these elements make together, or None where one that it needs is missing.

    `alive` is the element of s_up; `others` holds those of the other sets by their set's name.
    """
    back, down = others.get("dn4"), others.get("s_dn")
    if alive is None or down is None or back is None or back.data != up4.data:
        return None
    device, address = read_up_key(up4.key)
    quota = _quota(others.get("s_quota"))
    lives = [element.left_ms or 0 for element in (up4, back, alive, down)]
    return Passage(
        visit=alive.comment,
        number=number_of(up4.data),
        device=device,
        address=address,
        left=timedelta(milliseconds=min(lives)),
        down_bps=_bps(others.get("s_rate_dn")),
        up_bps=_bps(others.get("s_rate_up")),
        volume_bytes=quota.limit_bytes if quota else None,
        up_bytes=alive.counted_bytes,
        down_bytes=down.counted_bytes,
        quota_bytes=quota.used_bytes if quota else 0,
    )


def _rate(bps: int | None) -> int | None:
    """Bytes a second; the kernel knows no rate of 0."""
    return None if bps is None else max(bps // _BITS, 1)


def _bps(element: Element | None) -> int | None:
    limit = element.expression if element else None
    return limit.rate_bytes * _BITS if isinstance(limit, RateLimit) else None


def _quota(element: Element | None) -> Quota | None:
    quota = element.expression if element else None
    return quota if isinstance(quota, Quota) else None
