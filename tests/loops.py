"""Servers of tests that live in an event loop of their own, and how such a one ends without leaving a socket open."""

import asyncio
from collections.abc import Callable

_ROUNDS = 10  # of the loop; a connection that was accepted in this very moment is known after three


async def cut_off(server: asyncio.Server, cut: Callable[[], None]) -> None:
    """End a server of the running loop with its connections; `cut` ends those that are known so far."""
    for listening in server.sockets:  # a closed server loses the connections that it has just accepted
        asyncio.get_running_loop().remove_reader(listening)
    for _ in range(_ROUNDS):
        cut()
        await asyncio.sleep(0)
    server.close()
