"""What a device says when it comes into a network, before it asks for any page: ARP and DHCP. Pure."""

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from wifi_manager.domain.addresses import MacAddress

# A classic BPF program (Linux, networking/filter.rst): ARP, and UDP over IPv4 to port 67, both untagged.
FILTER = (
    (0x28, 0, 0, 12),  # ldh [12], the EtherType
    (0x15, 8, 0, 0x0806),  # ARP: take
    (0x15, 0, 8, 0x0800),  # not IPv4: leave
    (0x30, 0, 0, 23),  # ldb [23], the protocol
    (0x15, 0, 6, 17),  # not UDP: leave
    (0x28, 0, 0, 20),  # ldh [20], the fragment
    (0x45, 4, 0, 0x1FFF),  # not the first one: leave
    (0xB1, 0, 0, 14),  # ldxb 4*([14]&0xf), the length of the header
    (0x48, 0, 0, 16),  # ldh [x+16], the port
    (0x15, 0, 1, 67),  # not 67: leave
    (0x06, 0, 0, 1024),  # take
    (0x06, 0, 0, 0),  # leave
)
NOWHERE = IPv4Address(0)

_SOURCE = slice(6, 12)
_ARP, _IPV4 = 0x0806, 0x0800
_ARP_HEAD = struct.pack(">HHBB", 1, _IPV4, 6, 4)  # RFC 826: IPv4 on Ethernet
_ARP_LENGTH = 42
_BOOTP = 8  # from the UDP header on
_OPTIONS = 240  # from BOOTP on, with the magic cookie (RFC 2131, 3)
_COOKIE = b"\x63\x82\x53\x63"
_PAD, _END, _REQUESTED, _KIND = 0, 255, 50, 53
_COMING = (1, 3, 8)  # DISCOVER, REQUEST, INFORM (RFC 2132, 9.6): the others say good-bye


@dataclass(frozen=True, slots=True)
class SignOfLife:
    """A device is here; at which address, if it says so, else NOWHERE."""

    device: MacAddress
    address: IPv4Address


def read(frame: bytes) -> SignOfLife | None:
    """What a frame of FILTER says; None where it says nothing, is cut short or speaks for somebody else."""
    try:
        kind = struct.unpack_from(">H", frame, 12)[0]
        device = MacAddress(frame[_SOURCE])
        found = _arp(frame) if kind == _ARP else _dhcp(frame) if kind == _IPV4 else None
    except (struct.error, IndexError, ValueError):
        return None
    is_group = device.octets[0] & 1
    return None if found is None or is_group or found.device != device else found


def _arp(frame: bytes) -> SignOfLife | None:
    if len(frame) < _ARP_LENGTH or frame[14:20] != _ARP_HEAD:
        return None
    sender, target = IPv4Address(frame[28:32]), IPv4Address(frame[38:42])
    return SignOfLife(MacAddress(frame[22:28]), sender if int(sender) else target)  # a probe of RFC 5227, 2.1.1


def _dhcp(frame: bytes) -> SignOfLife | None:
    bootp = frame[14 + (frame[14] & 15) * 4 + _BOOTP :]
    options = _options(bootp[_OPTIONS:]) if bootp[_OPTIONS - 4 : _OPTIONS] == _COOKIE else {}
    if options.get(_KIND, b"")[:1] not in [bytes([kind]) for kind in _COMING]:
        return None
    has, asks = IPv4Address(bootp[12:16]), options.get(_REQUESTED, NOWHERE.packed)
    return SignOfLife(MacAddress(bootp[28:34]), has if int(has) else IPv4Address(asks))


def _options(data: bytes) -> dict[int, bytes]:
    found, at = {}, 0
    while at < len(data) and data[at] != _END:
        if data[at] == _PAD:
            at += 1
            continue
        size = data[at + 1]
        found[data[at]] = data[at + 2 : at + 2 + size]
        at += 2 + size
    return found
