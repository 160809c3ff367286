"""Runs asyncio programs of ours inside a namespace, in a thread of this process."""

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator

from tests.lab.namespaces import Namespace, inside


@contextlib.contextmanager
def running(namespace: Namespace, *work: Callable[[], Awaitable[None]]) -> Iterator[asyncio.AbstractEventLoop]:
    """Until the block ends, all of `work` runs side by side in the namespace; then it is cancelled.

    What one of them raises is raised where the block ends. The block gets the loop that they run in.
    """
    started = threading.Event()
    problems: list[BaseException] = []
    controls: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []

    async def until_stopped() -> None:
        stop = asyncio.Event()
        controls.append((asyncio.get_running_loop(), stop))
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(_awaited(each)) for each in work]
            started.set()
            await stop.wait()
            for task in tasks:
                task.cancel()

    def run() -> None:
        try:
            with inside(namespace.name):
                asyncio.run(until_stopped())
        except BaseException as problem:  # noqa: BLE001 - handed on to the test's thread, whatever it is
            problems.append(problem)
        finally:
            started.set()

    thread = threading.Thread(target=run, name=f"running in {namespace.name}")
    thread.start()
    started.wait()
    loop, stop = controls[0]
    try:
        yield loop
    finally:
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            loop.call_soon_threadsafe(stop.set)
        thread.join()
        if problems:
            raise problems[0]


async def _awaited(work: Callable[[], Awaitable[None]]) -> None:
    await work()
