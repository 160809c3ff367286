"""One program beside the agent: how it is configured, started and found again."""

import os
import shutil
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from wifi_manager.domain.errors import OutsideFailure
from wifi_manager.gateway.disk import write_whole

_REASON_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Program:
    """One program with its configuration. It stays in the foreground and writes its process id.

    `name` is unlike any other's: the configuration is kept in `NAME.conf`, the process id in `NAME.pid`. `command`
    names the former, as a word of its own or behind "=".
    """

    name: str
    folder: Path
    command: tuple[str, ...] = ()
    configuration: str = ""
    task: str = "resolver"  # under which its problems are counted

    @property
    def file(self) -> Path:
        """Where its configuration is written to."""
        return self.folder / f"{self.name}.conf"

    @property
    def pid_file(self) -> Path:
        """Where it writes its process id."""
        return self.folder / f"{self.name}.pid"

    def running(self) -> int | None:
        """The process in the pid file, if it is alive and has been started with this configuration's path."""
        try:
            pid = int(self.pid_file.read_text(encoding="ascii"))
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        file = os.fsencode(self.file)
        return pid if any(word == file or word.endswith(b"=" + file) for word in words) else None

    def is_current(self) -> bool:
        """Whether what runs was started with this configuration."""
        try:
            return self.file.read_text(encoding="utf-8") == self.configuration
        except OSError:
            return False

    def start(self) -> int:
        """Write the configuration and start it, heard by nobody; its process id.

        What such programs say while they run names phones and where they go. Raises OutsideFailure where it cannot
        be run at all; whether it goes on running is for `running` to say, and else `reason`.
        """
        path = shutil.which(self.command[0])
        if path is None:
            raise OutsideFailure(f"The program {self.command[0]} is not installed.")
        if not self.is_current():  # a full disk must not keep it from being started again
            write_whole(self.file, self.configuration.encode())
        self.pid_file.unlink(missing_ok=True)
        silence = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (0, 1, 2)]
        try:
            return os.posix_spawn(
                path, self.command, os.environ, file_actions=silence, setsid=True, setsigdef=(signal.SIGPIPE,)
            )
        except OSError as refused:
            raise OutsideFailure(f"The program {path} cannot be run: {refused.strerror}.") from refused

    def reason(self) -> str:
        """What it says when it is started once more to be heard: for one that ended at once."""
        try:
            done = subprocess.run(self.command, capture_output=True, text=True, check=False, timeout=_REASON_SECONDS)
        except (OSError, subprocess.TimeoutExpired):
            return "it ended at once, and then did not do so again"
        return (done.stderr or done.stdout).strip().rpartition("\n")[2]
