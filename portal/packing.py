"""Pages as gzip streams (RFC 1952), for phones that take them: the first page then fits into the first packets.

A sheet's pieces are compressed once; the blanks between them are put in as they are. Filling a sheet takes a small
part of the time that compressing it would. There is no secret to guess by the length of an answer (BREACH): a page
holds nothing that whoever asked for it did not send, and no cookie speaks for anybody.
"""

import gzip
import struct
import zlib
from collections.abc import Iterable

_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\xff"  # deflate, no time, unknown system (RFC 1952 section 2.3)
_END = b"\x03\x00"  # a last block with nothing in it (RFC 1951 section 3.2.6)
_LONGEST_STORED = 0xFFFF  # bytes of one stored block (RFC 1951 section 3.2.4)
_LEVEL = 6


def whole(page: bytes) -> bytes:
    """A page of which nothing is known beforehand."""
    return gzip.compress(page, _LEVEL, mtime=0)


def piece(text: bytes) -> bytes:
    """Blocks for a piece that is used again and again; they end at a byte and refer to nothing before them."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)


def blank(value: bytes) -> bytes:
    """Blocks for a value that differs each time: stored as it is."""
    starts = range(0, len(value), _LONGEST_STORED)
    return b"".join(_stored(value[start : start + _LONGEST_STORED]) for start in starts)


def stream(blocks: Iterable[bytes], page: bytes) -> bytes:
    """The blocks of a page, one after the other, as one stream; `page` is what they say."""
    return b"".join((_HEADER, *blocks, _END, struct.pack("<II", zlib.crc32(page), len(page) & 0xFFFFFFFF)))


def _stored(value: bytes) -> bytes:
    return struct.pack("<BHH", 0, len(value), len(value) ^ 0xFFFF) + value
