"""What the provisioning benchmark changes: lab access points, hosts with OpenSSH, and long lines to them."""

import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tests.lab.access_point import LabAccessPoint, ManagementNet, access_points
from tests.lab.ssh_server import OpenSshServer

_FIRST_PORT = 2201


@dataclass(frozen=True, slots=True)
class Target:
    """Where to sign in, as whom, and where a peer may put its files."""

    name: str
    host: str
    port: int
    host_key: str
    key_file: Path
    folder: Path  # on the target
    address: str = "192.168.77.10/24"  # what its configuration has to say, with prefix


@dataclass(frozen=True, slots=True)
class Fleet:
    """`routers` are lab access points with dropbear (no SFTP, no Python); `hosts` run OpenSSH and have both."""

    routers: tuple[Target, ...]
    hosts: tuple[Target, ...]
    folder: Path


@contextmanager
def fleet(routers: int, hosts: int, folder: Path) -> Iterator[Fleet]:
    """So many of each, in one network namespace in which the calling thread lives meanwhile."""
    with ExitStack() as stack:
        net = stack.enter_context(ManagementNet())
        points = stack.enter_context(access_points(net, routers))
        stack.enter_context(net.inside())
        servers = [stack.enter_context(_host(folder, number, points[0].client_key)) for number in range(hosts)]
        yield Fleet(tuple(map(_router, points)), tuple(servers), folder)


def _router(point: LabAccessPoint) -> Target:
    key = point.host_key_fingerprint
    return Target(
        f"router-{point.address}",
        point.address,
        point.port,
        key,
        point.client_key,
        Path("/tmp"),
        str(point.interface),
    )


@contextmanager
def _host(folder: Path, number: int, key_file: Path) -> Iterator[Target]:
    public = subprocess.run(["ssh-keygen", "-y", "-f", key_file], check=True, capture_output=True).stdout
    name = f"host-{number}"
    with OpenSshServer(folder / name, "127.0.0.1", _FIRST_PORT + number, public) as server:
        there = folder / f"{name}-files"
        there.mkdir()
        yield Target(name, server.address, server.port, server.host_key_fingerprint, key_file, there)


@contextmanager
def distant(targets: Sequence[Target], round_trip_ms: float) -> Iterator[tuple[Target, ...]]:
    """The same targets, so far away; the lines are another process, whose CPU time is nobody's."""
    if not round_trip_ms:
        yield tuple(targets)
        return
    words = [sys.executable, "-m", "tests.lab.poor_line", str(round_trip_ms / 2)]
    with subprocess.Popen(
        [*words, *(f"{each.host}:{each.port}" for each in targets)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as lines:
        assert lines.stdout
        ports = map(int, lines.stdout.readline().split())
        try:
            yield tuple(replace(each, host="127.0.0.1", port=port) for each, port in zip(targets, ports, strict=True))
        finally:
            lines.communicate("")
