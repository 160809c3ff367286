"""A TCP line with faults: it is long, it breaks, or it goes silent. Userspace alone, so that any test and benchmark can.

    with PoorLine(("192.168.77.10", 22), delay_seconds=0.05) as line:  # a round trip of 100 ms
        ...  # connect to line.address

As a program (`python -m tests.lab.poor_line DELAY_MS HOST:PORT …`) it prints a port for each target and serves until
its standard input ends: a benchmark measures its own process, and this one is no part of it.
"""

import asyncio
import contextlib
import itertools
import sys
import threading
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Self

from tests.loops import cut_off

_PIECE = 65536


class PoorLine:
    """Listens on the loopback of the caller's network and hands each connection to `target`.

    `breaks_after(n)` says after how many bytes from the client the n-th connection (from 0) breaks, None: never; then
    it is closed, or says nothing any more where the line `hangs`.
    """

    def __init__(
        self,
        target: tuple[str, int],
        *,
        delay_seconds: float = 0.0,
        breaks_after: Callable[[int], int | None] = lambda _: None,
        hangs: bool = False,
    ) -> None:
        self.target, self.delay, self.breaks_after, self.hangs = target, delay_seconds, breaks_after, hangs
        self.address = ("", 0)
        self.connections = itertools.count()
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name=f"poor line to {target}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self.listen(), self._loop).result(20)
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self.close(), self._loop).result(20)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def listen(self) -> None:
        """Begin to serve in the running loop."""
        self._server = await asyncio.start_server(self._take, "127.0.0.1", 0)
        self.address = self._server.sockets[0].getsockname()[:2]

    async def close(self) -> None:
        """End it with all its connections."""
        await cut_off(self._server, self._cut)

    def _cut(self) -> None:
        for task in self._tasks:
            task.cancel()

    def _take(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """No coroutine: one that is cancelled before its first step would close nothing."""
        serving = self._spawn(self._serve(reader, writer))
        serving.add_done_callback(lambda done: writer.transport.abort() if done.cancelled() else writer.close())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> "asyncio.Task[None]":
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        left = self.breaks_after(next(self.connections))
        with contextlib.suppress(OSError):
            await asyncio.sleep(2 * self.delay)  # what a TCP handshake takes
            back, forth = await asyncio.open_connection(*self.target)
            with _closing(forth):
                answers = self._spawn(self._pump(back, writer))
                asks = self._spawn(self._pump(reader, forth, left))
                await asyncio.wait(
                    (answers, asks), return_when=asyncio.ALL_COMPLETED if left is None else "FIRST_COMPLETED"
                )
                answers.cancel()
                asks.cancel()
                if left is not None and self.hangs:
                    await asyncio.sleep(3600)

    async def _pump(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, left: int | None = None) -> None:
        """Hand on until the source ends, or until `left` bytes have gone."""
        now = asyncio.get_running_loop().time
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def read() -> None:
            passed = 0
            while piece := await source.read(_PIECE):
                pieces.put_nowait((now() + self.delay, piece if left is None else piece[: left - passed]))
                passed += len(piece)
                if left is not None and passed >= left:
                    break
            pieces.put_nowait((now() + self.delay, b""))

        reading = self._spawn(read())
        try:
            while True:
                due, piece = await pieces.get()
                if (wait := due - now()) > 0:
                    await asyncio.sleep(wait)
                if not piece:
                    break
                sink.write(piece)
                await sink.drain()
            with contextlib.suppress(OSError):
                sink.write_eof()
        finally:
            reading.cancel()


@contextlib.contextmanager
def _closing(writer: asyncio.StreamWriter) -> Iterator[None]:
    """Closed when all is written that was; at once where the whole line ends."""
    try:
        yield
    except asyncio.CancelledError:
        writer.transport.abort()
        raise
    finally:
        writer.close()


async def _main(delay_ms: str, *targets: str) -> None:
    lines = [
        PoorLine((host, int(port)), delay_seconds=float(delay_ms) / 1000)
        for host, _, port in (t.partition(":") for t in targets)
    ]
    for line in lines:
        await line.listen()
    print(*(line.address[1] for line in lines), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    for line in lines:
        await line.close()


if __name__ == "__main__":
    asyncio.run(_main(*sys.argv[1:]))
