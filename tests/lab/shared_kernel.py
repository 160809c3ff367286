"""What all network namespaces of a machine share, and what would make the phones of one lab lose another's packets."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

_NEIGHBOURS = 16_384  # of all phones; the smallest city's kernel remembers 1,024
_QUEUED = 65_536  # packets on their way between two namespaces, on each processor; 1,000 are soon there in one flood
_LEAST = {
    **{f"{family}/neigh/default/gc_thresh{level}": _NEIGHBOURS for family in ("ipv4", "ipv6") for level in (3, 2, 1)},
    "core/netdev_max_backlog": _QUEUED,
}


@contextlib.contextmanager
def room_for_all() -> Iterator[str]:
    """Until the block ends this machine's kernel drops no packet of a lab because others are busy; what was done.

    As many neighbours as a gateway has phones is what `wifi-manager gateway check` asks for.
    """
    before = {file: file.read_text() for file in (Path("/proc/sys/net") / name for name in _LEAST)}
    try:
        for (file, text), least in zip(before.items(), _LEAST.values(), strict=True):
            file.write_text(f"{max(int(text), least)}\n")
        yield (
            f"net.ipv4|6.neigh.default.gc_thresh1-3 = {_NEIGHBOURS}, net.core.netdev_max_backlog = {_QUEUED}, "
            "for all phones share this kernel"
        )
    finally:
        for file, text in reversed(before.items()):
            file.write_text(text)
