"""Many phones in one namespace: each has its own MAC and IPv4 address, and connections of its own.

A namespace for each of 200 phones takes half a minute to make; a macvlan interface takes a few milliseconds.
"""

import ipaddress
import json
import socket
from collections.abc import Sequence
from dataclasses import dataclass

from tests.lab.city import INTERNET_ADDRESS, LAN_ADDRESS, WAN_ADDRESS, LabCity
from tests.lab.namespaces import Namespace

_BRIDGE_MAC = "02:99:ff:00:00:01"  # the gateway's, in the lab's LAN
_SO_BINDTODEVICE = 25


@dataclass(frozen=True, slots=True)
class Response:
    """What a web server answered; `status` is 0 when the connection was refused or reset."""

    status: int
    location: str = ""
    body: str = ""


@dataclass(frozen=True, slots=True)
class Member:
    """One phone of a crowd."""

    namespace: Namespace
    interface: str
    mac: str
    address: str

    def open(self, seconds: float = 20) -> socket.socket:
        """A TCP socket whose packets are this phone's."""
        return self.namespace.call(lambda: self._open(socket.SOCK_STREAM, seconds))

    def open_datagrams(self, seconds: float = 20) -> socket.socket:
        """A UDP socket whose packets are this phone's."""
        return self.namespace.call(lambda: self._open(socket.SOCK_DGRAM, seconds))

    def _open(self, kind: socket.SocketKind, seconds: float) -> socket.socket:
        sock = socket.socket(socket.AF_INET, kind)
        sock.setsockopt(socket.SOL_SOCKET, _SO_BINDTODEVICE, self.interface.encode())
        sock.bind((self.address, 0))
        sock.settimeout(seconds)
        return sock

    def ask(self, address: str, host: str, path: str, method: str = "GET") -> Response:
        """One request on a connection of its own, to port 80 of this address."""
        with self.open() as sock:
            try:
                sock.connect((address, 80))
                sock.sendall(f"{method} {path} HTTP/1.1\r\nHost: {host}\r\nContent-Length: 0\r\n\r\n".encode())
                said = b"".join(iter(lambda: sock.recv(65536), b""))
            except OSError:
                return Response(0)
        return _response(said.decode())


def crowd(lab: LabCity, size: int, first: str) -> list[Member]:
    """This many phones with addresses from `first` on.

    All on the way know one another's hardware addresses for good: the kernel's table of neighbours is the whole
    machine's, and where other tests fill it packets are lost.
    """
    phone = lab.add_phone(f"crowd{first.replace('.', '')}")
    space, start = phone.namespace, ipaddress.ip_address(first)
    members = [Member(space, f"m{n}", _mac(str(start + n)), str(start + n)) for n in range(size)]
    space.check(["sysctl", "-qw", "net.ipv4.conf.all.arp_ignore=1", "net.ipv4.conf.all.arp_announce=2"])
    _batch(space, [line for number, each in enumerate(members) for line in _makes(number, each)])
    known = "neigh replace {} lladdr {} dev br-lan nud permanent"
    _batch(lab.gateway, [known.format(each.address, each.mac) for each in members])
    _knows(lab.gateway, "wan", INTERNET_ADDRESS, lab.internet, "core")
    _knows(lab.internet, "core", WAN_ADDRESS, lab.gateway, "wan")
    return members


def _knows(one: Namespace, interface: str, address: str, other: Namespace, other_interface: str) -> None:
    (link,) = json.loads(other.ip("-json", "link", "show", "dev", other_interface))
    one.ip("neigh", "replace", address, "lladdr", link["address"], "dev", interface, "nud", "permanent")


def _makes(number: int, member: Member) -> list[str]:
    name = member.interface
    return [
        f"link add {name} link eth0 address {member.mac} type macvlan mode private",
        f"addr add {member.address}/32 dev {name}",
        f"link set {name} up",
        f"neigh replace {LAN_ADDRESS} lladdr {_BRIDGE_MAC} dev {name} nud permanent",
        f"route add {LAN_ADDRESS} dev {name} metric {number + 1}",
        f"route add default via {LAN_ADDRESS} dev {name} src {member.address} metric {number + 1} onlink",
    ]


def _batch(namespace: Namespace, lines: Sequence[str]) -> None:
    namespace.check(["ip", "-batch", "-"], input="\n".join([*lines, ""]))


def _mac(address: str) -> str:
    return "02:98:" + ":".join(f"{part:02x}" for part in ipaddress.ip_address(address).packed)


def _response(text: str) -> Response:
    head, _, body = text.partition("\r\n\r\n")
    first, *lines = head.split("\r\n")
    location = next((line.partition(":")[2].strip() for line in lines if line.lower().startswith("location:")), "")
    return Response(int(first.split()[1]), location, body) if first else Response(0)
