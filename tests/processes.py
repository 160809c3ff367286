"""Processes that tests kill. They begin anew: a fork of pytest's own would inherit locks that its other threads hold."""

import pickle
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def exit_code(target: Callable[..., object], *args: Any, seconds: float = 60) -> int:
    """Call it in a process of its own; what it ended with, minus the signal's number where it was killed.

    The process is in this thread's network namespace.
    """
    words, call = [sys.executable, "-m", "tests.processes"], pickle.dumps((target, args))
    return subprocess.run(words, input=call, timeout=seconds, cwd=Path(__file__).parents[1], check=False).returncode


if __name__ == "__main__":
    given, with_these = pickle.load(sys.stdin.buffer)
    given(*with_these)
