"""Keeps a handful of processes running: restarts with growing pauses, and ends all of them together."""

import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LOOK_SECONDS = 0.2
FIRST_PAUSE_SECONDS = 1.0
LONGEST_PAUSE_SECONDS = 60.0
STEADY_SECONDS = 60.0  # who ran that long has started well: the next restart is quick again
GRACE_SECONDS = 15.0

Tell = Callable[[str], None]


@dataclass(slots=True)
class Child:
    """One process that shall run. `command` is the whole command line."""

    name: str
    command: Sequence[str]
    process: "subprocess.Popen[bytes] | None" = None
    pause_seconds: float = FIRST_PAUSE_SECONDS
    started_at: float = 0.0
    start_again_at: float = 0.0

    def start(self, now: float) -> None:
        """Start it in a process group of its own, so that Ctrl-C reaches the supervisor alone."""
        self.process = subprocess.Popen(self.command, stdin=subprocess.DEVNULL, process_group=0)
        self.started_at = now

    def look(self, now: float, tell: Tell) -> None:
        """Start what is due; plan the restart of what has ended."""
        if self.process is None:
            if now >= self.start_again_at:
                self.start(now)
            return
        status = self.process.poll()
        if status is not None:
            self._plan_restart(now, status, tell)

    def _plan_restart(self, now: float, status: int, tell: Tell) -> None:
        if now - self.started_at >= STEADY_SECONDS:
            self.pause_seconds = FIRST_PAUSE_SECONDS
        tell(f"{self.name} ended with status {status}; it starts again in {self.pause_seconds:g} s.")
        self.process = None
        self.start_again_at = now + self.pause_seconds
        self.pause_seconds = min(2 * self.pause_seconds, LONGEST_PAUSE_SECONDS)


@dataclass(slots=True)
class Supervisor:
    """All children of one machine."""

    children: Sequence[Child]
    tell: Tell
    stopping: threading.Event = field(default_factory=threading.Event)

    def stop_on_signals(self) -> None:
        """Let SIGTERM and Ctrl-C end `run`. Only the main thread may call it."""
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, lambda _number, _frame: self.stopping.set())

    def run(self) -> None:
        """Keep the children running until `stopping` is set, then end them all."""
        try:
            while not self.stopping.is_set():
                for child in self.children:
                    child.look(time.monotonic(), self.tell)
                self.stopping.wait(LOOK_SECONDS)
        finally:
            self._end_all()

    def _end_all(self) -> None:
        running = [child.process for child in self.children if child.process is not None]
        for process in running:
            process.terminate()
        deadline = time.monotonic() + GRACE_SECONDS
        for process in running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
