"""What all network namespaces of a machine share: how many neighbours its kernel remembers."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

_NEIGHBOURS = 16_384
_FAMILIES = ("ipv4", "ipv6")


@contextlib.contextmanager
def room_for_neighbours() -> Iterator[str]:
    """Until the block ends this machine's kernel remembers as many neighbours as a gateway has phones; what was done.

    It is what `wifi-manager gateway check` asks for. All network namespaces share this one limit.
    """
    names = (f"{family}/neigh/default/gc_thresh{level}" for family in _FAMILIES for level in (3, 2, 1))
    files = [Path("/proc/sys/net") / name for name in names]
    before = {file: file.read_text() for file in files}
    try:
        for file, text in before.items():
            file.write_text(f"{max(int(text), _NEIGHBOURS)}\n")
        yield f"net.ipv4|6.neigh.default.gc_thresh1-3 = {_NEIGHBOURS}, for all phones share this kernel"
    finally:
        for file, text in reversed(before.items()):
            file.write_text(text)
