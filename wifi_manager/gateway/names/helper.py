"""Keeps programs running that serve phones beside the agent: DHCP, DNS (dnsmasq) and the time (chrony).

They outlive the agent on purpose: phones that are online keep them without it.
"""

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import Callable, Collection, Iterable
from pathlib import Path

from wifi_manager import log
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.names.metrics import NamesMetrics
from wifi_manager.gateway.names.program import Program

_LOG = log.get(__name__)
_PAUSE_SECONDS = 2.0
_START_SECONDS = 20.0
_LOOK_SECONDS = 0.02


class Helper:
    """Keeps one program running. Takes over the one that an earlier agent left, if it has the same configuration."""

    def __init__(self, program: Program, metrics: NamesMetrics, started: Callable[[], None]) -> None:
        """`started` is called after each start."""
        self._program = program
        self._metrics = metrics
        self._started = started
        self._changed = asyncio.Event()

    def change(self, program: Program) -> None:
        """From now on it is this program, which has the same name. The one that runs is replaced at once."""
        self._program = program
        self._changed.set()

    async def keep_running(self) -> None:
        """Start it, or take over what runs; start it again whenever it ends."""
        while True:
            program, since = self._program, time.monotonic()
            try:
                await self._run_once(program)
            except OutsideFailure as problem:
                self._metrics.failed(program.task)
                _LOG.error("helper does not run", extra={"helper": program.name, "problem": str(problem)})
            if time.monotonic() - since < _PAUSE_SECONDS and self._program is program:
                await asyncio.sleep(_PAUSE_SECONDS)  # one that ends at once must not be started in a circle

    async def _run_once(self, program: Program) -> None:
        """Until it ends, or is to be another one. Raises OutsideFailure where it does not start."""
        self._changed.clear()
        pid = program.running()
        if pid is not None and not program.is_current():
            await _stop(pid)
            pid = None
        if pid is None:
            pid = await asyncio.to_thread(program.start)
            self._started()
            await _serving(program, pid)
        if not await self._ended_or_changed(pid):
            _LOG.warning("helper ended", extra={"helper": program.name})

    async def _ended_or_changed(self, pid: int) -> bool:
        """Wait until the process has ended, or this is another program; True for the latter."""
        changed, ended = asyncio.create_task(self._changed.wait()), asyncio.create_task(_ended(pid))
        try:
            await asyncio.wait((changed, ended), return_when=asyncio.FIRST_COMPLETED)
            return changed.done()
        finally:
            changed.cancel()
            ended.cancel()


async def stop_all_but(wanted: Collection[Program], folder: Path) -> None:
    """End the programs that an agent with other settings left in this folder, and forget their configuration."""
    for left in _left(folder, {program.name for program in wanted}):
        running = left.running()
        if running is not None:
            await _stop(running)
        left.file.unlink(missing_ok=True)


def _left(folder: Path, wanted: Collection[str]) -> Iterable[Program]:
    return (Program(file.stem, folder) for file in sorted(folder.glob("*.conf")) if file.stem not in wanted)


async def _serving(program: Program, pid: int) -> None:
    """Wait until the process that was just started serves. Raises OutsideFailure with its reason where it ends."""
    end = time.monotonic() + _START_SECONDS
    while program.running() != pid:
        if time.monotonic() > end:
            os.kill(pid, signal.SIGKILL)
            await _ended(pid)
        if _is_over(pid):
            raise OutsideFailure(f"{program.name}: {await asyncio.to_thread(program.reason)}.")
        await asyncio.sleep(_LOOK_SECONDS)


def _is_over(pid: int) -> bool:
    """Whether a process has ended, and if it was a child of ours, forget it."""
    with contextlib.suppress(ChildProcessError):
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    return not Path(f"/proc/{pid}").exists()


async def _stop(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
    await _ended(pid)


async def _ended(pid: int) -> None:
    """Return when a process has ended; it need not be a child of ours."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)
    _is_over(pid)
