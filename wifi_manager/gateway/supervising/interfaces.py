"""Notices that an interface was taken away and is back as another one: a bridge made anew, a VLAN moved.

Sockets, qdiscs and filters belong to the interface that is gone. Whoever waits here begins anew.
"""

import asyncio
import socket
from collections.abc import Iterable, Mapping

from wifi_manager import log

_LOG = log.get(__name__)
_SECONDS = 1.0


async def made_anew(names: Iterable[str]) -> None:
    """Return when all of these interfaces are there and one of them is not the same as before."""
    wanted = frozenset(names)
    before = now = _indexes(wanted)
    while now == before or now.keys() != wanted:
        await asyncio.sleep(_SECONDS)
        then, now = now, _indexes(wanted)
        for name in then.keys() - now.keys():
            _LOG.error("interface %s is gone", name)
    _LOG.warning("interfaces were made anew, and the gateway begins anew on them")


def _indexes(wanted: frozenset[str]) -> Mapping[str, int]:
    return {name: index for index, name in socket.if_nameindex() if name in wanted}
