"""Keeps dnsmasq running. It outlives the agent on purpose: phones that are online keep DNS and DHCP without it."""

import asyncio
import contextlib
import os
import signal
import subprocess
from pathlib import Path

from wifi_manager import log
from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.state import write_whole

_LOG = log.get(__name__)
_PAUSE_SECONDS = 2.0
_START_SECONDS = 20


class Resolver:
    """One dnsmasq with this configuration. Takes over the one that an earlier agent left, if it has the same."""

    def __init__(self, configuration: str, folder: Path, metrics: GatewayMetrics) -> None:
        self._configuration = configuration
        self._file = folder / "dnsmasq.conf"
        self._pid_file = folder / "dnsmasq.pid"
        self._metrics = metrics

    async def keep_running(self) -> None:
        """Start it, or take over what runs; start it again whenever it ends."""
        while True:
            try:
                pid = await self._ensure()
            except OutsideFailure as problem:
                self._metrics.failed("resolver")
                _LOG.error("resolver does not start", extra={"problem": str(problem)})
            else:
                await _ended(pid)
                _LOG.warning("resolver ended")
            await asyncio.sleep(_PAUSE_SECONDS)

    async def _ensure(self) -> int:
        running = self._running()
        if running is not None and self._is_current():
            return running
        if running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(running, signal.SIGTERM)
            await _ended(running)
        write_whole(self._file, self._configuration.encode())
        await asyncio.to_thread(self._start)
        pid = self._running()
        if pid is None:
            raise OutsideFailure("dnsmasq ended right after its start. Its reason is in the system's log.")
        return pid

    def _start(self) -> None:
        try:
            done = subprocess.run(
                ["dnsmasq", f"--conf-file={self._file}"],
                capture_output=True,
                text=True,
                check=False,
                timeout=_START_SECONDS,
            )
        except (OSError, subprocess.TimeoutExpired) as missing:
            raise OutsideFailure("The program dnsmasq cannot be run. Install dnsmasq.") from missing
        if done.returncode:
            raise OutsideFailure(f"dnsmasq refused: {done.stderr.strip()}")
        self._metrics.resolver_starts.inc()

    def _is_current(self) -> bool:
        try:
            return self._file.read_text(encoding="utf-8") == self._configuration
        except OSError:
            return False

    def _running(self) -> int | None:
        """The process in the pid file, if it is alive and is a dnsmasq with our configuration file."""
        try:
            pid = int(self._pid_file.read_text(encoding="ascii"))
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return pid if f"--conf-file={self._file}".encode() in words else None


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
        with contextlib.suppress(OSError):
            os.close(handle)
