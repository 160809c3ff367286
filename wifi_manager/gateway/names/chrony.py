"""Settings to the text of chrony's configuration: the time for phones. Pure: nothing is run here.

Phones must know the time before they sign in, or no certificate is valid for them (RFC 8908, 4.1). This chrony leaves
the gateway's own clock alone (`-x`): it measures how wrong that is, and tells phones the right time all the same.
So it needs no right to set the clock, and goes with whatever service does set it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path

from wifi_manager.gateway.names.program import Program
from wifi_manager.gateway.toml_reader import IpNetwork

PROGRAM = "chronyd"


def program(servers: Iterable[str], phones: Iterable[IpNetwork], folder: Path) -> Program:
    """A chrony that asks these servers and answers these networks."""
    clock = Program("chrony", folder, task="clock")
    text = "".join(f"{line}\n" for line in _lines(servers, phones, clock.pid_file))
    return Program(clock.name, folder, (PROGRAM, "-d", "-x", "-U", "-f", str(clock.file)), text, clock.task)


def _lines(servers: Iterable[str], phones: Iterable[IpNetwork], pid_file: Path) -> Iterator[str]:
    yield "# Made by wifi-manager from gateway.toml; changes here are lost at the next start."
    yield from (f"server {server} iburst" for server in servers)
    yield from (f"allow {network}" for network in phones)
    yield from ("port 123", "cmdport 0", "bindcmdaddress /", f"pidfile {pid_file}")
    # Brakes for one address: an answer every two seconds after the first sixteen.
    yield from ("ratelimit interval 1 burst 16 leak 2", "clientloglimit 16777216")
