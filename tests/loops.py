"""Event loops of tests: guests of one loop, and how a server in one ends without leaving a socket open."""

import asyncio
from collections.abc import Callable
from typing import Any

from wifi_manager import waits

_ROUNDS = 10  # of the loop; a connection that was accepted in this very moment is known after three


def in_one_loop(*calls: Callable[[], Any]) -> list[Any]:
    """What each of them answers or raises, all of them guests of one loop."""

    async def run() -> list[Any]:
        return await asyncio.gather(*map(waits.as_guest, calls), return_exceptions=True)

    return asyncio.run(run())


async def cut_off(server: asyncio.Server, cut: Callable[[], None]) -> None:
    """End a server of the running loop with its connections; `cut` ends those that are known so far."""
    for listening in server.sockets:  # a closed server loses the connections that it has just accepted
        asyncio.get_running_loop().remove_reader(listening)
    for _ in range(_ROUNDS):
        cut()
        await asyncio.sleep(0)
    server.close()
