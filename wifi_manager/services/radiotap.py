"""Reads what access points have sent out of a capture: pcap files whose frames have a radiotap header.

Only beacons and probe responses are looked at, and of them only the BSSID, the signal and the frequency; names of
networks and everything that stations send are passed over unread. https://www.radiotap.org says what the header has.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from wifi_manager.domain.errors import BadInput

_LINK_RADIOTAP = 127  # LINKTYPE_IEEE802_11_RADIOTAP
_FILE_HEADER, _RECORD = 24, 16  # bytes, of the file and before each frame
_MAGIC = {b"\xd4\xc3\xb2\xa1": ("<", 1e6), b"\xa1\xb2\xc3\xd4": (">", 1e6)}
_MAGIC |= {b"\x4d\x3c\xb2\xa1": ("<", 1e9), b"\xa1\xb2\x3c\x4d": (">", 1e9)}
_FIELDS = ((8, 8), (1, 1), (1, 1), (4, 2), (2, 1), (1, 1))  # size and alignment of the fields up to the signal
_FLAGS, _CHANNEL, _SIGNAL = 1, 3, 5  # bits of the presence word
_MORE = 1 << 31  # another presence word follows
_BAD_CHECKSUM = 0x40
_SENT_BY_ACCESS_POINTS = {0x80, 0x50}  # IEEE 802.11, 9.2.4.1: beacon, probe response
_BSSID = slice(16, 22)


@dataclass(frozen=True, slots=True)
class Heard:
    """One frame: when (seconds of the epoch), from which BSSID, in MHz and dBm."""

    at: float
    bssid: bytes
    frequency: int
    dbm: int


def heard(capture: bytes) -> Iterator[Heard]:
    """All frames of access points whose signal is known. A file that is cut off ends at its last whole frame.

    Raises BadInput where it is no pcap file with radiotap headers.
    """
    known = _MAGIC.get(capture[:4])
    if known is None or len(capture) < _FILE_HEADER:
        raise BadInput("This is no pcap file. Write one with: tcpdump -i wlan0 -I -w walk.pcap type mgt")
    order, ticks = known
    (link,) = struct.unpack_from(f"{order}I", capture, 20)
    if link & 0xFFFF != _LINK_RADIOTAP:
        raise BadInput("Its frames have no radiotap header. Capture in monitor mode: tcpdump -I -y IEEE802_11_RADIO")
    at = _FILE_HEADER
    while at + _RECORD <= len(capture):
        seconds, parts, length, _ = struct.unpack_from(f"{order}4I", capture, at)
        at += _RECORD
        found = _frame(capture[at : at + length], seconds + parts / ticks)
        at += length
        if found is not None and at <= len(capture):
            yield found


def _frame(frame: bytes, at: float) -> Heard | None:
    if len(frame) < 8 or frame[0] != 0:  # noqa: PLR2004 - the shortest header, of the only version
        return None
    (length,) = struct.unpack_from("<H", frame, 2)
    sent = frame[length:]
    if len(sent) < _BSSID.stop or sent[0] not in _SENT_BY_ACCESS_POINTS:
        return None
    places = _places(frame[:length])
    if _CHANNEL not in places or _SIGNAL not in places:
        return None
    if _FLAGS in places and frame[places[_FLAGS]] & _BAD_CHECKSUM:
        return None
    (frequency,) = struct.unpack_from("<H", frame, places[_CHANNEL])
    (dbm,) = struct.unpack_from("b", frame, places[_SIGNAL])
    return Heard(at, sent[_BSSID], frequency, dbm)


def _places(header: bytes) -> dict[int, int]:
    """Where the fields up to the signal stand, by bit; each is aligned to its size, and any may lack."""
    (present,) = struct.unpack_from("<I", header, 4)
    at, word = 8, present
    while word & _MORE and at + 4 <= len(header):
        (word,) = struct.unpack_from("<I", header, at)
        at += 4
    places: dict[int, int] = {}
    for bit, (size, alignment) in enumerate(_FIELDS):
        if present & 1 << bit:
            at = -(-at // alignment) * alignment
            if at + size > len(header):
                break
            places[bit] = at
            at += size
    return places
