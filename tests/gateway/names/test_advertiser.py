"""Real phones (Linux and scapy) on a real link hear real advertisements."""

import itertools
import select
import socket
from collections.abc import Callable, Iterator
from ipaddress import IPv6Interface
from threading import Event

import prometheus_client
import pytest
from scapy.layers.inet6 import (
    ICMPv6ND_RA,
    ICMPv6ND_RS,
    ICMPv6NDOptCaptivePortal,
    ICMPv6NDOptSrcLLAddr,
    IPv6,
)
from scapy.layers.l2 import Ether

from tests.lab.inside import running
from tests.lab.namespaces import Namespace, Namespaces, wait_for, wire
from wifi_manager.gateway.metrics import GatewayMetrics
from wifi_manager.gateway.names.advertisement import Advertised
from wifi_manager.gateway.names.advertiser import Advertiser
from wifi_manager.gateway.names.metrics import NamesMetrics

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

ADDRESS = IPv6Interface("2001:db8:0:63::1/64")
TOLD = Advertised("lan", ADDRESS, "https://wifi.city.example/captive-portal/api")


@pytest.fixture
def link() -> Iterator[tuple[Namespace, Namespace]]:
    """A gateway and a phone on one link; the phone's kernel believes in advertisements."""
    with Namespaces() as namespaces:
        gateway, phone = namespaces.add("gateway"), namespaces.add("phone")
        for each in (gateway, phone):  # no seconds of looking for duplicates
            each.check(["sysctl", "-qw", "net.ipv6.conf.default.dad_transmits=0"])
        wire(gateway, "lan", phone, "eth0")
        gateway.ip("addr", "add", str(ADDRESS), "dev", "lan", "nodad")
        yield gateway, phone


@pytest.fixture
def advertiser() -> Advertiser:
    return an_advertiser(lambda: False)


def an_advertiser(is_out_of_service: Callable[[], bool]) -> Advertiser:
    metrics = NamesMetrics(GatewayMetrics(prometheus_client.CollectorRegistry()))
    return Advertiser(TOLD, metrics, is_out_of_service)


def listener(phone: Namespace) -> socket.socket:
    """Sees all IPv6 frames that the phone gets."""

    def open_it() -> socket.socket:
        sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x86DD))
        sock.bind(("eth0", 0x86DD))
        return sock

    return phone.call(open_it)


def advertisements(sock: socket.socket, seconds: float = 20) -> Iterator[Ether]:
    while select.select([sock], [], [], seconds)[0]:
        frame = Ether(sock.recv(2000))
        if ICMPv6ND_RA in frame:
            yield frame


def solicitation(source: str, mac: str, hop_limit: int = 255) -> bytes:
    told = ICMPv6ND_RS() / ICMPv6NDOptSrcLLAddr(lladdr=mac) if source != "::" else ICMPv6ND_RS()
    return bytes(Ether(src=mac, dst="33:33:00:00:00:02") / IPv6(src=source, dst="ff02::2", hlim=hop_limit) / told)


def ways_out(phone: Namespace) -> str:
    return phone.ip("-6", "route", "show", "default")


def test_a_phone_gets_an_address_and_a_way_out_and_keeps_both_when_the_agent_ends(link, advertiser):
    gateway, phone = link
    with listener(phone) as sock:
        with running(gateway, advertiser.keep_advertising):
            wait_for("an address", lambda: "2001:db8:0:63:" in phone.ip("-6", "addr", "show", "dev", "eth0"))
            wait_for("a way out", lambda: ways_out(phone))

        assert all(frame[ICMPv6ND_RA].routerlifetime > 0 for frame in advertisements(sock, 1))
    assert "via fe80:" in ways_out(phone)


def test_a_gateway_that_is_taken_out_of_service_says_so_and_answers_nobody_until_it_is_back(link):
    gateway, phone = link
    out_of_service = Event()
    own = wait_for("a link address", lambda: link_address(phone))

    with listener(phone) as sock, running(gateway, an_advertiser(out_of_service.is_set).keep_advertising):
        wait_for("a way out", lambda: ways_out(phone))
        out_of_service.set()
        wait_for("no way out", lambda: not ways_out(phone))
        for _ in range(5):
            sock.send(solicitation(own, "02:99:00:00:00:77"))
        assert all(frame[ICMPv6ND_RA].routerlifetime == 0 for frame in after_leaving(sock))
        assert not ways_out(phone)

        out_of_service.clear()
        wait_for("a way out again", lambda: ways_out(phone))


def after_leaving(sock: socket.socket) -> Iterator[Ether]:
    """What is heard from the first advertisement on that says so, until nothing is heard for a while."""
    return itertools.dropwhile(lambda frame: frame[ICMPv6ND_RA].routerlifetime, advertisements(sock, 3))


def test_a_phone_that_asks_with_an_address_is_answered_alone_with_a_hop_limit_of_255(link, advertiser):
    gateway, phone = link
    phone.check(["sysctl", "-qw", "net.ipv6.conf.eth0.accept_ra=0"])
    own = wait_for("a link address", lambda: link_address(phone))
    mac = phone.check(["cat", "/sys/class/net/eth0/address"]).strip()

    with listener(phone) as sock, running(gateway, advertiser.keep_advertising):
        next(frame for frame in advertisements(sock) if frame.dst == "33:33:00:00:00:01")
        sock.send(solicitation(own, mac))
        answer = next(frame for frame in advertisements(sock) if frame[IPv6].dst == own)

    assert (answer.dst, answer[IPv6].hlim) == (mac, 255)
    assert answer[IPv6].src.startswith("fe80:")
    assert answer[ICMPv6NDOptCaptivePortal].URI.rstrip(b"\0") == TOLD.api_url.encode()
    sums = answer[ICMPv6ND_RA].cksum
    del answer[ICMPv6ND_RA].cksum
    assert Ether(bytes(answer))[ICMPv6ND_RA].cksum == sums


def test_a_phone_without_an_address_is_answered_by_one_to_all_and_a_stranger_from_beyond_a_router_is_not(
    link, advertiser
):
    gateway, phone = link
    own = wait_for("a link address", lambda: link_address(phone))

    with listener(phone) as sock, running(gateway, advertiser.keep_advertising):
        next(frame for frame in advertisements(sock) if frame.dst == "33:33:00:00:00:01")
        sock.send(solicitation(own, "02:99:00:00:00:77", hop_limit=64))
        sock.send(solicitation("::", "02:99:00:00:00:77"))
        answer = next(advertisements(sock))

    assert answer[IPv6].dst == "ff02::1"
    assert answer[IPv6].src.startswith("fe80:")


def test_an_interface_that_is_made_anew_is_advertised_on_again(link, advertiser):
    gateway, phone = link
    with running(gateway, advertiser.keep_advertising):
        wait_for("an address", lambda: "2001:db8:0:63:" in phone.ip("-6", "addr", "show", "dev", "eth0"))
        gateway.ip("link", "del", "lan")
        wire(gateway, "lan", phone, "eth0")
        gateway.ip("addr", "add", str(ADDRESS), "dev", "lan", "nodad")

        wait_for("an address", lambda: "2001:db8:0:63:" in phone.ip("-6", "addr", "show", "dev", "eth0"), 40)


def link_address(phone: Namespace) -> str:
    words = phone.ip("-6", "-o", "addr", "show", "dev", "eth0", "scope", "link", "-tentative").split()
    return words[words.index("inet6") + 1].partition("/")[0] if "inet6" in words else ""
