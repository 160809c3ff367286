"""The machine under the gateway, as far as anybody may look at it: kernel settings, interfaces, programs."""

import os
import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

_SYSTEM_FOLDERS = "/usr/sbin:/sbin"  # where an ordinary user's PATH does not look
_KEPT = "/etc/sysctl.d/90-wifi-manager-gateway.conf"


@dataclass(frozen=True, slots=True)
class Box:
    """This machine, in the network namespace of whoever asks."""

    proc: Path = Path("/proc")
    path: str = f"{os.environ.get('PATH', '')}:{_SYSTEM_FOLDERS}"

    def setting(self, key: str) -> int | None:
        """A kernel setting such as `net/ipv4/ip_forward`, or None where there is none of this name to be seen."""
        try:
            return int((self.proc / "sys" / key).read_text(encoding="ascii").split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def interfaces(self) -> frozenset[str]:
        """Names of all network interfaces."""
        return frozenset(name for _, name in socket.if_nameindex())

    def default_routes(self) -> int:
        """How many ways lead to the internet (IPv4, main table)."""
        try:
            lines = (self.proc / "net" / "route").read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            return 0
        fields = (line.split() for line in lines)
        return sum(len(each) > 7 and each[1] == each[7] == "00000000" for each in fields)  # noqa: PLR2004 - destination and mask of proc(5)

    def program(self, name: str) -> str | None:
        """The path of a program, also of those that only root usually calls."""
        return shutil.which(name, path=self.path)


def command_for(settings: dict[str, int]) -> str:
    """The command that sets kernel settings, and keeps them over a reboot: sysctl prints what its own files hold."""
    words = " ".join(f"{key}={value}" for key, value in settings.items())
    return f"sysctl -w {words} | tee -a {_KEPT}"
