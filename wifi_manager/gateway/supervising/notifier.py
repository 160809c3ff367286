"""What systemd is told of this process: sd_notify(3), which is one datagram to a socket that it names."""

import os
import socket
from collections.abc import Mapping
from dataclasses import dataclass

_MICROSECONDS = 1_000_000
_PINGS_A_DEADLINE = 3  # sd_watchdog_enabled(3) advises at least two


@dataclass(frozen=True, slots=True)
class Notifier:
    """Speaks to systemd, or to nobody where the process was started by hand."""

    address: str = ""
    watchdog_seconds: float | None = None  # how long systemd waits for the next ping; None: it does not

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> "Notifier":
        """As systemd says it: NOTIFY_SOCKET, WATCHDOG_USEC and for which process that is meant, WATCHDOG_PID."""
        deadline, pid = environ.get("WATCHDOG_USEC", ""), environ.get("WATCHDOG_PID", "")
        is_meant = deadline.isdigit() and pid in {"", str(os.getpid())}
        return cls(environ.get("NOTIFY_SOCKET", ""), int(deadline) / _MICROSECONDS if is_meant else None)

    @property
    def ping_seconds(self) -> float | None:
        """How often to ping, or None where nobody waits for it."""
        return None if self.watchdog_seconds is None else self.watchdog_seconds / _PINGS_A_DEADLINE

    def tell(self, state: str) -> None:
        """Say `READY=1`, `WATCHDOG=1` or `STOPPING=1`. Raises OSError when systemd has gone away."""
        if not self.address:
            return
        name = self.address.replace("@", "\0", 1) if self.address.startswith("@") else self.address
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.connect(name)
            sock.sendall(state.encode())
