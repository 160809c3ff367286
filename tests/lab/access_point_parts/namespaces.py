"""Network namespaces for the lab: made, entered by a thread, and swept away when their maker was killed."""

import contextlib
import ctypes
import os
import secrets
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

PREFIX = "wm-ap"
_NETNS = Path("/run/netns")
_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)


def ip(*words: str) -> None:
    """Run `ip` with these words; raises CalledProcessError with its output."""
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=30)


def fresh_name(what: str) -> str:
    """`wm-ap-<what>-<maker's pid>-<random>`: nobody else's, and it says whose it is."""
    return f"{PREFIX}-{what}-{os.getpid()}-{secrets.token_hex(3)}"


@contextlib.contextmanager
def inside(namespace: str) -> Iterator[None]:
    """The calling thread, and the threads it starts, live in this network namespace until the block ends."""
    home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
    there = os.open(_NETNS / namespace, os.O_RDONLY)
    try:
        _enter(there)
        yield
    finally:
        _enter(home)
        os.close(home)
        os.close(there)


def _enter(descriptor: int) -> None:
    if _LIBC.setns(descriptor, _CLONE_NEWNET) != 0:  # os.setns is in Python 3.12 and later
        raise OSError(ctypes.get_errno(), "setns")


def delete(namespace: str) -> None:
    """Remove a namespace; one that is gone already is fine."""
    subprocess.run(["ip", "netns", "del", namespace], check=False, capture_output=True, timeout=30)


def sweep() -> None:
    """Remove namespaces and folders of lab processes that no longer live."""
    for path in [*_NETNS.glob(f"{PREFIX}-*"), *Path(tempfile.gettempdir()).glob(f"{PREFIX}-*")]:
        maker = path.name.split("-")[3]
        if maker.isdecimal() and not Path("/proc", maker).exists():
            delete(path.name)
            shutil.rmtree(path, ignore_errors=True)
