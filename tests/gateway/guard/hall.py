"""A hall with a bridge, its guard, and phones that send whatever frames they like. Real kernel, no agent."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from scapy.layers.l2 import Ether
from scapy.packet import Packet

from tests.lab.namespaces import Namespace, Namespaces, wait_for, wire
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.guard.lan import Lan
from wifi_manager.gateway.guard.ruleset import TABLE, guard_ruleset
from wifi_manager.gateway.netfilter.counters import read_packets
from wifi_manager.gateway.netfilter.elements import NFPROTO_BRIDGE, ElementTable
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket

GATEWAY_MAC = "02:99:ff:00:00:01"
GATEWAY = "10.99.0.1"
GATEWAY6 = "2001:db8:99::1"
BROADCAST = "ff:ff:ff:ff:ff:ff"
TRUSTED = "office"
POOL = 40
LAN = Lan(
    bridge="br-lan",
    own_macs=(MacAddress.parse(GATEWAY_MAC),),
    own_v4=(ipaddress.IPv4Address(GATEWAY),),
    own_v6=(ipaddress.IPv6Address(GATEWAY6), ipaddress.IPv6Address("fe80::1")),
    pool=POOL,
    lease_seconds=3600,
)
_ALL_FRAMES = 3
_BRIDGE_PROBE = 'table bridge t { chain c { type filter hook prerouting priority 0; meta ibrname "b" accept\n}\n}\n'


@dataclass
class Guest:
    """A machine at a port of its own, with a socket that sends frames as they are."""

    namespace: Namespace
    port: str
    mac: str
    address: str = ""
    _sender: socket.socket | None = field(default=None, repr=False)

    def send(self, *frames: Packet | bytes) -> None:
        """Send frames as they are."""
        if self._sender is None:
            self._sender = self.namespace.call(partial(_packet_socket, 0, "eth0"))
        for frame in frames:
            self._sender.send(bytes(frame))

    def ether(self, source: str = "", target: str = BROADCAST) -> Ether:
        """The head of a frame."""
        return Ether(src=source or self.mac, dst=target)

    def ear(self) -> socket.socket:
        """A socket that hears every frame which reaches this machine from now on."""
        return self.namespace.call(partial(_packet_socket, _ALL_FRAMES, "eth0"))

    def close(self) -> None:
        if self._sender is not None:
            self._sender.close()


def heard(ear: socket.socket, frame: Packet) -> bool:
    """Whether this very frame has come. The bridge has done its work when sending returns: no waiting."""
    ear.setblocking(False)
    with contextlib.suppress(BlockingIOError):
        while (came := ear.recv(2048)) != bytes(frame):
            assert came
        return True
    return False


def _packet_socket(protocol: int, interface: str) -> socket.socket:
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(protocol))
    sock.bind((interface, protocol))
    return sock


class Hall:
    """A gateway with the guard loaded on its bridge. Leaving the block removes everything."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._namespaces = Namespaces()
        self._guests: list[Guest] = []
        self.gateway = self._namespaces.add("hall")
        for words in (
            ("link", "add", "br-lan", "type", "bridge", "forward_delay", "0"),
            ("link", "set", "br-lan", "address", GATEWAY_MAC),
            ("addr", "add", f"{GATEWAY}/18", "dev", "br-lan"),
            ("addr", "add", f"{GATEWAY6}/64", "dev", "br-lan", "nodad"),
            ("link", "set", "br-lan", "up"),
        ):
            self.gateway.ip(*words)
        self._knows_bridges = self.gateway.run(["nft", "-c", "-f", "-"], input=_BRIDGE_PROBE).returncode == 0
        self.load(LAN)
        self._netfilter = self.gateway.call(NetfilterSocket)

    def load(self, lan: Lan) -> None:
        """Load the guard for a LAN."""
        text = guard_ruleset([lan], [TRUSTED], knows_bridges=self._knows_bridges)
        self.gateway.check(["nft", "-f", "-"], input=text)

    def guest(self, port: str = "", mac: str = "") -> Guest:
        """A machine with an IPv4 address at a new port."""
        number = len(self._guests) + 1
        name = port or f"port{number}"
        guest = Guest(self._namespaces.add(f"guest{number}"), name, mac or f"02:99:00:00:00:{number:02x}")
        wire(self.gateway, name, guest.namespace, "eth0")
        self.gateway.ip("link", "set", name, "master", "br-lan")
        guest.namespace.ip("link", "set", "eth0", "address", guest.mac)
        guest.address = f"10.99.40.{number}"
        guest.namespace.ip("addr", "add", f"{guest.address}/18", "dev", "eth0")
        self._guests.append(guest)
        wait_for(f"port {name}", lambda: self.reaches_the_gateway(guest))
        return guest

    def serve_dhcp(self) -> None:
        """Lend POOL addresses."""
        options = [
            f"--dhcp-leasefile={self.folder / 'leases'}",
            "--dhcp-range=10.99.50.1,10.99.50.40,255.255.192.0,1h",
        ]
        plain = ["--no-daemon", "--conf-file=/dev/null", "--port=0", "--interface=br-lan", "--dhcp-authoritative"]
        log = self.folder / "dnsmasq.log"
        with log.open("ab") as out:
            self.gateway.start(["dnsmasq", *plain, "--user=root", "--no-ping", *options], stdout=out, stderr=out)
        wait_for("the DHCP server", lambda: "IP range" in log.read_text())

    def lease(self, guest: Guest) -> str:
        """The address that a guest is lent by DHCP, which it then has. Raises where it gets none within 30 s."""
        lease = self.folder / f"{guest.namespace.role}.lease"
        script = self.folder / "udhcpc.sh"
        script.write_text('#!/bin/sh\n[ "$1" = bound ] && echo "$ip" > "$LEASE_FILE"\n')
        script.chmod(0o755)
        ask = ["busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-f", "-t", "15", "-T", "2", "-s", str(script)]
        guest.namespace.check(["env", f"LEASE_FILE={lease}", *ask])
        address = lease.read_text().strip()
        guest.namespace.ip("addr", "add", f"{address}/18", "dev", "eth0")
        return address

    def reaches_the_gateway(self, guest: Guest) -> bool:
        return guest.namespace.run(["ping", "-c", "1", "-W", "1", GATEWAY]).returncode == 0

    def ear(self) -> socket.socket:
        """A socket that hears every frame which the gateway itself takes from now on."""
        return self.gateway.call(partial(_packet_socket, _ALL_FRAMES, "br-lan"))

    @property
    def table(self) -> ElementTable:
        return ElementTable(self._netfilter, TABLE, family=NFPROTO_BRIDGE)

    @property
    def netfilter(self) -> NetfilterSocket:
        return self._netfilter

    def dropped(self) -> dict[str, int]:
        """Frames by reason, those that were never met left out."""
        packets = read_packets(self._netfilter, NFPROTO_BRIDGE, TABLE)
        return {name.removeprefix("drop_"): count for name, count in packets.items() if count}

    def new_drops(self, before: dict[str, int], but: Iterable[str] = ("moves", "isolation")) -> dict[str, int]:
        """What has been dropped since `before`, without the reasons `but` that any traffic has."""
        now = self.dropped()
        return {
            name: n - before.get(name, 0) for name, n in now.items() if n > before.get(name, 0) and name not in but
        }

    def neighbour(self, address: str) -> str:
        """The device that the gateway believes to have this address; "" where it knows none."""
        words = self.gateway.ip("neigh", "show", address, "dev", "br-lan").split()
        return words[words.index("lladdr") + 1] if "lladdr" in words else ""

    def close(self) -> None:
        for guest in self._guests:
            guest.close()
        self._netfilter.close()
        self._namespaces.close()
