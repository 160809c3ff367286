"""What systemd hears of an agent: over a real socket like its own."""

import asyncio
import contextlib
import os
import socket

import pytest

from wifi_manager.gateway.supervising.notifier import Notifier
from wifi_manager.gateway.supervising.watchdog import Progress, keep_watched


@pytest.fixture(params=["file", "abstract"])
def systemd(request, tmp_path):
    """A socket on which systemd would listen, and the name that it gives to its services."""
    name = str(tmp_path / "notify") if request.param == "file" else f"@wifilab-{os.getpid()}-{os.urandom(4).hex()}"
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock:
        sock.bind(name.replace("@", "\0"))
        sock.settimeout(20)
        yield sock, name


def test_systemd_is_told_where_it_asks_and_nobody_where_nobody_does(systemd):
    sock, name = systemd

    Notifier.from_environment({"NOTIFY_SOCKET": name}).tell("READY=1")
    Notifier.from_environment({}).tell("READY=1")

    assert sock.recv(100) == b"READY=1"


def test_pings_come_three_in_a_deadline_and_only_for_the_process_that_is_meant():
    own, other = {"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}, {"WATCHDOG_PID": "1"}

    assert Notifier.from_environment(own).ping_seconds == 20
    assert Notifier.from_environment(own | other).ping_seconds is None
    assert Notifier.from_environment({}).ping_seconds is None


def test_a_loop_that_hangs_is_late_until_it_comes_round_again():
    now = [0.0]
    progress = Progress({"control": 90, "report": 30}, lambda: now[0])
    now[0] = 31

    assert progress.late() == ["report"]
    progress.came_round("report")
    progress.came_round("disk")
    assert progress.late() == []


def test_pings_stop_while_a_loop_hangs(systemd):
    sock, name = systemd
    now = [0.0]
    progress = Progress({"report": 30}, lambda: now[0])
    notifier = Notifier(name, watchdog_seconds=0.03)

    async def watched_until(pings: int) -> None:
        task = asyncio.ensure_future(keep_watched(progress, notifier))
        for _ in range(pings):
            assert await asyncio.to_thread(sock.recv, 100) == b"WATCHDOG=1"
        now[0] = 31
        drain(sock)
        await asyncio.sleep(0.2)
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task

    asyncio.run(watched_until(3))

    assert drain(sock) == 0


def drain(sock: socket.socket) -> int:
    """Take what lies in the socket; how many datagrams it was."""
    sock.setblocking(False)
    taken = 0
    with contextlib.suppress(BlockingIOError):
        while sock.recv(100):
            taken += 1
    return taken
