"""A whole city in network namespaces: internet, the city's servers, one gateway, phones. For tests and for the demo.

    with LabCity(folder) as lab:
        lab.city.start([...])                  # control and portal, on lab.CITY_ADDRESS
        lab.enrol_gateway(token, "https://control.city.example:8443")
        lab.run_gateway()
        anna = lab.add_phone("anna"); anna.dhcp(); anna.curl("http://news.example/")
        lab.add_phone("ben", EVENTS)           # in the gateway's second network

Nothing of it reaches the machine's own network; leaving the block removes everything.
"""

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

from tests.lab.authority import Authority
from tests.lab.namespaces import Namespace, Namespaces, wait_for, wire
from tests.lab.phone import Phone

REPOSITORY = Path(__file__).resolve().parents[2]
# RFC 2544 and RFC 5180 addresses: resolvers that guard against DNS rebinding drop those of documentation.
INTERNET_ADDRESS = "198.18.0.2"
CITY_ADDRESS = "198.18.0.3"
DNS_ADDRESS = "198.18.0.53"
WAN_ADDRESS = "198.18.0.1"
INTERNET_ADDRESS6 = "2001:2:0:1::2"
WAN_ADDRESS6 = "2001:2:0:1::1"
LAN_ADDRESS = "10.99.0.1"
LAN_PREFIX = 18
LAN_ADDRESS6 = "2001:2:0:99::1"
EVENTS_ADDRESS = "10.98.0.1"
EVENTS_ADDRESS6 = "2001:2:0:98::1"
VISITORS, EVENTS = "br-lan", "br-events"  # interfaces of the gateway's two networks
_BRIDGES = {  # their number, which is in their MAC address, and their addresses
    VISITORS: (1, (f"{LAN_ADDRESS}/{LAN_PREFIX}", f"{LAN_ADDRESS6}/64")),
    EVENTS: (2, (f"{EVENTS_ADDRESS}/24", f"{EVENTS_ADDRESS6}/64")),
}
METRICS_PORT = 9464
OWN_NAME = "wifi.city.example"  # the gateway's
PORTAL_NAME = "portal.city.example"
CONTROL_NAME = "control.city.example"

_CONFIG = """\
[uplink]
interface = "wan"
protected = ["172.16.0.0/12", "fd00::/8"]

[management]
addresses = ["{city}"]
ports = [{metrics_port}]

[[network]]
name = "visitors"
interface = "{visitors}"
address = "{lan}/{prefix}"
address6 = "{lan6}/64"
dhcp_first = "10.99.1.0"
dhcp_last = "10.99.63.250"
lease_seconds = 3600

[[network]]
name = "events"
interface = "{events}"
address = "{events_address}/24"
address6 = "{events_address6}/64"
dhcp_first = "10.98.0.100"
dhcp_last = "10.98.0.250"
lease_seconds = 3600

[face]
name = "{own_name}"
certificate = "{chain}"
key = "{key}"

[garden]
addresses = ["{city}"]
ports = [443]

[dns]
servers = ["{dns}"]

[metrics]
address = "{wan}"
port = {metrics_port}

[state]
directory = "{state}"
"""


class LabCity:
    """The city. `internet`, `city` and `gateway` are its namespaces, `authority` signs its certificates."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.authority = Authority(folder)
        self._namespaces = Namespaces()
        self._phones = 0
        try:
            self.internet = self._namespaces.add("internet")
            self.city = self._namespaces.add("city")
            self.gateway = self._namespaces.add("gateway")
            self._build_internet()
            self._build_city()
            self._build_gateway()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Kill everything and remove all namespaces."""
        self._namespaces.close()

    @property
    def gateway_config(self) -> Path:
        """The gateway's gateway.toml."""
        return self.folder / "gateway.toml"

    @property
    def gateway_state(self) -> Path:
        """Where the gateway keeps its keys and the last known grants."""
        return self.folder / "gateway-state"

    def add_phone(self, name: str, bridge: str = VISITORS) -> Phone:
        """A phone with its own MAC address in one of the gateway's networks; it has no address yet.

        Ports are isolated.
        """
        self._phones += 1
        mac = f"02:99:00:00:{self._phones >> 8:02x}:{self._phones & 255:02x}"
        namespace = self._namespaces.add(name)
        port = f"port{self._phones}"
        wire(self.gateway, port, namespace, "eth0")
        self.plug_in(port, bridge)
        namespace.ip("link", "set", "eth0", "address", mac)
        return Phone(namespace, mac, self.authority.root, self.folder)

    def manager(self, *words: str) -> list[str]:
        """The command line of `wifi-manager WORDS` out of this source tree."""
        return [sys.executable, "-m", "wifi_manager", *words]

    def enrol_gateway(self, token: str, control_url: str) -> None:
        """Give the gateway its keys and its place, with a one-time token of the city's control."""
        where = ["--control", control_url, "--ca", str(self.authority.root), "--state", str(self.gateway_state)]
        # On its standard input: everybody on a machine may read the arguments of its processes.
        self.gateway.check(self.manager("gateway", "enrol", "-", *where), input=f"{token}\n", **program_options())

    def run_gateway(self, *options: str, program: Sequence[str] = ()) -> "subprocess.Popen[Any]":
        """Start the agent and wait until it answers on the LAN. It logs into `gateway.log` in the lab's folder.

        `program` runs in its place, where it shall be another one.
        """
        with (self.folder / "gateway.log").open("ab") as log:
            run = program or self.manager("gateway", "run", "--config", str(self.gateway_config), *options)
            agent = self.gateway.start(run, stdout=log, stderr=log, **program_options())
        wait_for("the gateway's face", lambda: agent.poll() is not None or self._face_answers(), 60)
        if agent.poll() is not None:
            raise RuntimeError(f"The gateway ended: {(self.folder / 'gateway.log').read_text()[-2000:]}")
        return agent

    def _face_answers(self) -> bool:
        asked = self.gateway.run(["curl", "-s", "-o", "/dev/null", "--max-time", "2", f"http://{LAN_ADDRESS}:8080/"])
        return asked.returncode == 0

    def make_bridge(self, name: str) -> None:
        """One of the gateway's two LANs, with its addresses and no phone."""
        number, addresses = _BRIDGES[name]
        self.gateway.ip("link", "add", name, "type", "bridge", "forward_delay", "0")
        self.gateway.ip("link", "set", name, "address", f"02:99:ff:00:00:{number:02x}")
        for address in addresses:
            self.gateway.ip("addr", "add", address, "dev", name, *_no_dad(address))
        self.gateway.ip("link", "set", name, "up")

    def plug_in(self, port: str, bridge: str) -> None:
        """Let a port of the gateway be one of this LAN's, isolated from the others."""
        self.gateway.ip("link", "set", port, "master", bridge)
        self.gateway.ip("link", "set", port, "type", "bridge_slave", "isolated", "on")

    def _build_internet(self) -> None:
        """One web server and one DNS server; `core` is the wire between all uplinks."""
        self.internet.ip("link", "add", "core", "type", "bridge", "forward_delay", "0")
        self.internet.ip("link", "set", "core", "up")
        for address in (f"{INTERNET_ADDRESS}/24", f"{DNS_ADDRESS}/24", f"{INTERNET_ADDRESS6}/64"):
            self.internet.ip("addr", "add", address, "dev", "core", *_no_dad(address))
        for prefix in (LAN_ADDRESS6, EVENTS_ADDRESS6):
            self.internet.ip("route", "add", f"{prefix[:-1]}/64", "via", WAN_ADDRESS6)
        names: list[tuple[str, str]] = [(PORTAL_NAME, CITY_ADDRESS), (CONTROL_NAME, CITY_ADDRESS)]
        names += [("#", INTERNET_ADDRESS), ("#", INTERNET_ADDRESS6)]
        (self.folder / "internet-dns.conf").write_text(
            "\n".join(
                [
                    "no-resolv\nno-hosts\nkeep-in-foreground\nbind-interfaces\nuser=root\npid-file=",
                    f"listen-address={DNS_ADDRESS}",
                    *(f"address=/{name}/{address}" for name, address in names),
                ]
            )
        )
        self.internet.start(["dnsmasq", f"--conf-file={self.folder / 'internet-dns.conf'}"])
        server = [sys.executable, "-m", "tests.lab.internet", INTERNET_ADDRESS, INTERNET_ADDRESS6]
        self.internet.start(server, **program_options())

    def _build_city(self) -> None:
        self._uplink(self.city, "eth0", CITY_ADDRESS)
        self.city.resolver(DNS_ADDRESS)

    def _build_gateway(self) -> None:
        gateway = self.gateway
        self._uplink(gateway, "wan", WAN_ADDRESS)
        gateway.ip("route", "replace", "default", "via", INTERNET_ADDRESS)
        gateway.ip("addr", "add", f"{WAN_ADDRESS6}/64", "dev", "wan", "nodad")
        gateway.ip("route", "replace", "default", "via", INTERNET_ADDRESS6)
        for bridge in _BRIDGES:
            self.make_bridge(bridge)
        for switch in ("ipv4.ip_forward", "ipv6.conf.all.forwarding"):
            gateway.check(["sysctl", "-qw", f"net.{switch}=0"])  # the agent switches it on, behind its rules
        gateway.resolver(DNS_ADDRESS)
        own = self.authority.certificate(OWN_NAME)
        self.gateway_config.write_text(
            _CONFIG.format(
                lan=LAN_ADDRESS,
                prefix=LAN_PREFIX,
                lan6=LAN_ADDRESS6,
                events_address=EVENTS_ADDRESS,
                events_address6=EVENTS_ADDRESS6,
                visitors=VISITORS,
                events=EVENTS,
                city=CITY_ADDRESS,
                dns=DNS_ADDRESS,
                wan=WAN_ADDRESS,
                own_name=OWN_NAME,
                metrics_port=METRICS_PORT,
                chain=own.chain,
                key=own.key,
                state=self.gateway_state,
            )
        )

    def _uplink(self, namespace: Namespace, end: str, address: str) -> None:
        wire(self.internet, f"to-{namespace.role}"[:15], namespace, end)
        self.internet.ip("link", "set", f"to-{namespace.role}"[:15], "master", "core")
        namespace.ip("addr", "add", f"{address}/24", "dev", end)


def _no_dad(address: str) -> list[str]:
    """An IPv6 address is usable at once where nobody looks whether it is taken."""
    return ["nodad"] if ":" in address else []


def program_options() -> dict[str, Any]:
    """How programs of this repository are started, so that they are this source tree's."""
    return {"cwd": REPOSITORY, "env": {**os.environ, "PYTHONPATH": str(REPOSITORY)}}
