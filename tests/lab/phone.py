"""A phone of the lab: its own namespace and MAC address on the gateway's LAN, with DHCP and a web client."""

import subprocess
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.lab.namespaces import Namespace

_DHCP_SCRIPT = """#!/bin/sh
# Called by udhcpc; what the lease says is kept for the tests.
[ "$1" = bound ] || [ "$1" = renew ] || exit 0
ip -4 addr flush dev "$interface" scope global
ip addr add "$ip/$mask" dev "$interface"
ip route replace default via "${router%% *}"
echo "nameserver ${dns%% *}" > /etc/resolv.conf
env > "$LEASE_FILE"
"""


_OPTIMISM = ("optimistic_dad", "use_optimistic")
_BY_HAND = """
sysctl -qw net.ipv6.conf.eth0.accept_ra=0
ip -6 route flush dev eth0 proto ra
ip -6 addr flush dev eth0 dynamic
"""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a web server answered. `status` is 0 and `problem` says why when there was no answer."""

    status: int
    headers: dict[str, str] = field(default_factory=dict)  # names in lower case
    body: str = ""
    problem: str = ""
    exit_code: int = 0  # of curl: 7 is refused, 28 is silence, 56 is reset

    @property
    def location(self) -> str:
        return self.headers.get("location", "")


class Phone:
    """Not online until it has an address; believes the lab's certificate authority."""

    def __init__(self, namespace: Namespace, mac: str, root: Path, folder: Path) -> None:
        self.namespace = namespace
        self.mac = mac
        self.address = ""
        self.capport_url = ""  # what DHCP option 114 said
        self.lease: dict[str, str] = {}  # all that it said, by udhcpc's names
        self._root = root
        self._folder = folder
        # A route of IPv6 that comes a second before its address makes Linux speak from ::1, which nobody answers:
        # curl gives up its refused IPv4 for that and waits. Kernels without these switches have that second.
        namespace.run(["sysctl", "-qw", *(f"net.ipv6.conf.eth0.{switch}=1" for switch in _OPTIMISM)])

    def static(self, address: str, gateway: str) -> None:
        """Take an address (with prefix length) by hand, and no advice of routers: IPv4 alone until `static6`."""
        self.namespace.check(["sh", "-ec", _BY_HAND])
        self.namespace.ip("addr", "flush", "dev", "eth0", "scope", "global")
        self.namespace.ip("addr", "add", address, "dev", "eth0")
        self.namespace.ip("route", "replace", "default", "via", gateway)
        self.namespace.resolver(gateway)
        self.address = address.partition("/")[0]

    def static6(self, *addresses: str, gateway: str) -> None:
        """Take IPv6 addresses (with prefix length) by hand; the last one is where it speaks from."""
        for address in addresses:
            self.namespace.ip("addr", "replace", address, "dev", "eth0", "nodad")
        source = addresses[-1].partition("/")[0]
        self.namespace.ip("route", "replace", "default", "via", gateway, "dev", "eth0", "src", source)

    def dhcp(self) -> None:
        """Ask for a lease, as a phone does; raises when there is none within about 30 s."""
        script, lease = self._folder / "udhcpc.sh", self._folder / f"{self.namespace.role}.lease"
        script.write_text(_DHCP_SCRIPT)
        script.chmod(0o755)
        self.namespace.resolver("0.0.0.0")
        ask = [
            "busybox",
            "udhcpc",
            "-i",
            "eth0",
            "-n",
            "-q",
            "-f",
            "-t",
            "15",
            "-T",
            "2",
            "-O",
            "114",
            "-O",
            "ntpsrv",
            "-s",
            str(script),
        ]
        self.namespace.check(["env", f"LEASE_FILE={lease}", *ask])
        said = dict(line.split("=", 1) for line in lease.read_text().splitlines() if "=" in line)
        self.address, self.lease = said["ip"], said
        self.namespace.resolver(said["dns"].split()[0])
        self.capport_url = bytes.fromhex(said.get("opt114", "")).decode()

    def run(self, argv: Sequence[str], **options: Any) -> "subprocess.CompletedProcess[str]":
        """Run a program on the phone."""
        return self.namespace.run(argv, **options)

    def start(self, argv: Sequence[str], **options: Any) -> "subprocess.Popen[Any]":
        """Start a program on the phone that goes on."""
        return self.namespace.start(argv, **options)

    def curl(self, url: str, *options: str, seconds: int = 15) -> Answer:
        """Ask for one page, following nothing. `options` are curl's own."""
        plain = ["curl", "-sS", "-i", "--noproxy", "*", "--cacert", str(self._root), "--max-time", str(seconds)]
        done = self.run([*plain, *options, url])
        if done.returncode and not done.stdout:
            return Answer(0, problem=done.stderr.strip(), exit_code=done.returncode)
        return _parse(done.stdout, done.returncode, done.stderr.strip())


def _parse(text: str, exit_code: int, problem: str) -> Answer:
    head, _, body = text.replace("\r\n", "\n").partition("\n\n")
    first, *lines = head.split("\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return Answer(int(first.split()[1]), headers, body, problem, exit_code)
