"""Two networks on VLANs (802.1Q) of one trunk, as an access point with two SSIDs brings them: real tags, real packets.

Where this machine's kernel knows no VLANs they run in test_debian_kernel alone, as they do there anyway.
"""

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from tests.gateway.conftest import NOW, device, grant
from tests.gateway.golden import EXAMPLE, site_ruleset
from tests.lab.internet import ECHO_PORT
from tests.lab.namespaces import Namespace, Namespaces, wait_for, wire
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.gateway.netfilter.elements import ElementTable
from wifi_manager.gateway.netfilter.netlink import NetfilterSocket
from wifi_manager.gateway.passing.kernel import Kernel
from wifi_manager.gateway.rules.declarations import TABLE
from wifi_manager.gateway.settings import Network
from wifi_manager.gateway.settings_file import load

pytestmark = pytest.mark.root

SITE = EXAMPLE.parent / "examples" / "hall.toml"
INTERNET = "203.0.113.2"
REFUSED = r"refused|No route|Permission"
VISITOR, GUEST_OF_AN_EVENT = 1, 2


@dataclass(frozen=True, slots=True)
class Hall:
    """The example site with two VLANs; each phone is behind the access point, one on each VLAN."""

    access_point: Namespace
    phones: dict[int, Namespace]
    kernel: Kernel
    networks: dict[int, Network]

    def echo(self, number: int, data: bytes = b"x") -> bytes:
        """What the internet answers a phone. Raises OSError where the gateway refuses."""

        def ask() -> bytes:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
                sock.settimeout(20)
                sock.connect((INTERNET, ECHO_PORT))
                sock.send(data)
                return sock.recv(4096)

        return self.phones[number].call(ask)

    def walk(self, number: int, there: int) -> None:
        """A phone joins the other SSID; it gets an address there."""
        phone, network = self.phones[number], self.networks[there]
        self.access_point.ip("link", "set", f"radio{_tag(self.networks[number])}", "master", f"br{_tag(network)}")
        phone.ip("addr", "flush", "dev", "wlan0", "scope", "global")
        _address_phone(phone, network, 8)


@pytest.fixture(scope="module")
def hall() -> Iterator[Hall]:
    networks = dict(zip((VISITOR, GUEST_OF_AN_EVENT), load(SITE).networks, strict=True))
    with Namespaces() as namespaces, contextlib.ExitStack() as stack:
        gateway, access_point, internet = (namespaces.add(role) for role in ("gateway", "ap", "internet"))
        _skip_without_vlans(internet)
        phones = {number: namespaces.add(f"phone{number}") for number in networks}
        _wire_uplink(gateway, internet)
        wire(gateway, "eth2", access_point, "trunk")
        for number, network in networks.items():
            _bring_network(network, gateway, access_point, phones[number], device(number))
        gateway.check(["nft", "-f", "-"], input=site_ruleset("hall"))
        gateway.check(["sysctl", "-qw", "net.ipv4.ip_forward=1"])
        _start_echo(internet)
        sock = stack.enter_context(gateway.call(NetfilterSocket))
        yield Hall(access_point, phones, Kernel(ElementTable(sock, TABLE)), networks)


def _skip_without_vlans(namespace: Namespace) -> None:
    tried = namespace.run(["ip", "link", "add", "link", "lo", "name", "vlan1", "type", "vlan", "id", "1"])
    if "Unknown device type" in tried.stderr:
        pytest.skip("this kernel knows no VLANs (802.1Q)")


def _wire_uplink(gateway: Namespace, internet: Namespace) -> None:
    wire(gateway, "eth0", internet, "eth0")
    gateway.ip("addr", "add", "203.0.113.1/24", "dev", "eth0")
    internet.ip("addr", "add", f"{INTERNET}/24", "dev", "eth0")


def _start_echo(internet: Namespace) -> None:
    ready = internet.start([sys.executable, "-m", "tests.lab.internet", INTERNET])
    wait_for("the internet's echo", lambda: _listens(internet, ready), 60)


def _listens(internet: Namespace, server: "subprocess.Popen[bytes]") -> bool:
    assert server.poll() is None, "the lab's internet ended"
    return f":{ECHO_PORT}" in internet.check(["ss", "-Huln"])


def _bring_network(
    network: Network, gateway: Namespace, access_point: Namespace, phone: Namespace, mac: MacAddress
) -> None:
    """From the phone through a bridge of its SSID to a VLAN of the trunk."""
    tag = _tag(network)
    bridge, tagged, radio = f"br{tag}", f"trunk.{tag}", f"radio{tag}"
    access_point.ip("link", "add", bridge, "type", "bridge")
    access_point.ip("link", "add", "link", "trunk", "name", tagged, "type", "vlan", "id", tag)
    wire(access_point, radio, phone, "wlan0")
    for port in (tagged, radio):
        access_point.ip("link", "set", port, "master", bridge, "up")
    access_point.ip("link", "set", bridge, "up")
    gateway.ip("link", "add", "link", "eth2", "name", network.interface, "type", "vlan", "id", tag)
    gateway.ip("addr", "add", str(network.address), "dev", network.interface)
    gateway.ip("link", "set", network.interface, "up")
    phone.ip("link", "set", "wlan0", "down", "address", mac.full())
    phone.ip("link", "set", "wlan0", "up")
    _address_phone(phone, network, 7)


def _address_phone(phone: Namespace, network: Network, place: int) -> None:
    prefix = network.address.network.prefixlen
    phone.ip("addr", "add", f"{network.dhcp_first + place}/{prefix}", "dev", "wlan0")
    phone.ip("route", "replace", "default", "via", str(network.address.ip))


def _tag(network: Network) -> str:
    return network.interface.rpartition(".")[2]


@pytest.fixture(autouse=True)
def nobody_is_online(hall: Hall) -> None:
    hall.kernel.reconcile([], NOW, {})


def test_a_grant_opens_its_own_device_on_its_vlan_and_nobody_on_the_other(hall: Hall):
    with pytest.raises(OSError, match=REFUSED):
        hall.echo(VISITOR)

    hall.kernel.enforce([grant(VISITOR)], NOW, {})

    assert hall.echo(VISITOR) == b"x"
    with pytest.raises(OSError, match=REFUSED):
        hall.echo(GUEST_OF_AN_EVENT)


def test_a_device_stays_online_when_it_walks_from_one_vlan_to_the_other(hall: Hall):
    hall.kernel.enforce([grant(GUEST_OF_AN_EVENT)], NOW, {})
    assert hall.echo(GUEST_OF_AN_EVENT) == b"x"

    hall.walk(GUEST_OF_AN_EVENT, VISITOR)

    assert hall.echo(GUEST_OF_AN_EVENT) == b"x"
    hall.kernel.enforce([], NOW, {})
    with pytest.raises(OSError, match=REFUSED):
        hall.echo(GUEST_OF_AN_EVENT)
    hall.walk(GUEST_OF_AN_EVENT, GUEST_OF_AN_EVENT)


def test_phones_of_two_vlans_do_not_reach_one_another_though_both_are_online(hall: Hall):
    hall.kernel.enforce([grant(VISITOR), grant(GUEST_OF_AN_EVENT)], NOW, {})
    other = hall.phones[GUEST_OF_AN_EVENT].check(["ip", "-o", "-4", "addr", "show", "wlan0"]).split()[3]

    answer = hall.phones[VISITOR].run(["ping", "-c", "1", "-W", "3", other.partition("/")[0]])

    assert "1 received" not in answer.stdout
    assert hall.echo(VISITOR) == b"x"


def test_bytes_on_a_vlan_are_counted_without_its_tag_and_a_spent_volume_ends_the_way_out(hall: Hall):
    hall.kernel.enforce([grant(VISITOR, volume_bytes=5_000)], NOW, {})

    assert hall.echo(VISITOR, bytes(1_000)) == bytes(1_000)

    passage = hall.kernel.passage(device(VISITOR))
    assert passage is not None
    assert (passage.usage.up_bytes, passage.usage.down_bytes) == (1_028, 1_028)  # IPv4 and UDP headers: 28
    with pytest.raises(OSError, match=REFUSED):
        for _ in range(5):
            hall.echo(VISITOR, bytes(1_000))
