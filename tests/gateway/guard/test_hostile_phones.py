"""Hostile phones at a gateway of real parts: what each tries, and what comes of it. Nothing opens the network."""

import contextlib
import json
import socket
import subprocess

import pytest
from scapy.layers.dns import DNS, DNSQR
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.inet6 import ICMPv6ND_RA, IPv6
from scapy.layers.l2 import ARP, Ether

from tests.gateway.town import API, ONLINE, is_online, ticket_of
from tests.lab.city import (
    CITY_ADDRESS,
    CONTROL_NAME,
    INTERNET_ADDRESS,
    LAN_ADDRESS,
    LAN_ADDRESS6,
    METRICS_PORT,
    PORTAL_NAME,
    WAN_ADDRESS,
)
from tests.lab.control_simulator import a_grant
from tests.lab.namespaces import wait_for
from wifi_manager.domain.grants import Cause, Ended

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]

SILENT = "198.18.0.99"  # an address of the internet that never answers
GATEWAYS_MAC = "02:99:ff:00:00:01"
CONTROLS_API = f"https://{CONTROL_NAME}:8443/v1/grants?after=0&wait=0"


def pretending_to_be(victim):
    """Every header in which a proxy names the one for whom it asks."""
    names = ("X-Forwarded-For: ", "X-Real-IP: ", "X-Client-IP: ", "True-Client-IP: ", "Forwarded: for=")
    return [option for name in names for option in ("-H", f"{name}{victim}")]


def send(phone, *frames):
    """Send frames as they are."""

    def all_of_them():
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0) as sock:
            sock.bind(("eth0", 0))
            for frame in frames:
                sock.send(frame)

    phone.namespace.call(all_of_them)


def opening(phone, server, number):
    """The first segments of so many TCP connections, each from a port of its own or to one."""
    head = Ether(src=phone.mac, dst=GATEWAYS_MAC) / IP(src=phone.address, dst=server)
    frame = bytes(head / TCP(sport=0, dport=9, flags="S"))
    checksum = int.from_bytes(frame[50:52], "big")
    for port in range(1024, 1024 + number):
        total = (~checksum & 0xFFFF) + port  # RFC 1624
        total = (total & 0xFFFF) + (total >> 16)
        yield frame[:34] + port.to_bytes(2, "big") + frame[36:50] + (~total & 0xFFFF).to_bytes(2, "big") + frame[52:]


@pytest.fixture(scope="module")
def phone6(town):
    """A phone with both families that is not signed in."""
    phone, _ = town.phone6()
    return phone


def metric(town, name, **labels):
    wanted = ",".join(f'{key}="{value}"' for key, value in labels.items())
    line = f"{name}{{{wanted}}} " if labels else f"{name} "
    text = town.lab.city.check(["curl", "-sS", f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics"])
    return next((float(each.removeprefix(line)) for each in text.splitlines() if each.startswith(line)), 0.0)


@pytest.mark.parametrize(
    "proxy", [f"http://{LAN_ADDRESS}:8080", f"http://[{LAN_ADDRESS6}]:8080", f"http://{INTERNET_ADDRESS}:80"]
)
@pytest.mark.parametrize(
    "target", [f"http://{CONTROL_NAME}:8443/v1/grants", f"http://{CITY_ADDRESS}/", "http://127.0.0.1:9464/metrics"]
)
def test_the_redirector_is_nobodys_proxy(town, phone6, proxy, target):
    answer = phone6.curl(target, "--noproxy", "", "--proxy", proxy)

    assert answer.status == 302
    assert answer.location.startswith(f"https://{PORTAL_NAME}/?s=")


def test_nor_does_it_open_tunnels(town, phone6):
    answer = phone6.curl(CONTROLS_API, "--noproxy", "", "--proxy", f"http://{LAN_ADDRESS}:8080")

    assert answer.status == 511
    assert '"grants"' not in answer.body


def test_controls_api_refuses_connections_before_the_sign_in_and_requests_after_it(town):
    phone, number = town.phone()

    assert phone.curl(CONTROLS_API).exit_code == 7

    town.control.admit(a_grant(number, phone.mac, phone.address))
    answer = phone.curl(CONTROLS_API)
    assert (answer.status, answer.body) == (403, '{"error": "not enrolled"}')


def test_the_gateways_api_tells_a_phone_of_itself_whoever_it_says_to_be(town):
    victim, number = town.phone()
    thief, _ = town.phone()
    town.control.admit(a_grant(number, victim.mac, victim.address))

    assert json.loads(victim.curl(API).body)["captive"] is False
    assert json.loads(thief.curl(API, *pretending_to_be(victim.address)).body)["captive"] is True
    ticket = ticket_of(town, thief.curl(ONLINE, *pretending_to_be(victim.address)).location)
    assert (ticket.device.full(), str(ticket.address)) == (thief.mac, thief.address)


def test_of_two_phones_with_one_hardware_and_ip_address_neither_stays_online_and_control_is_told_why(town):
    victim, number = town.phone()
    thief, _ = town.phone()
    town.control.admit(a_grant(number, victim.mac, victim.address))
    assert is_online(victim)
    thief.namespace.ip("link", "set", "eth0", "address", victim.mac)
    thief.static(f"{victim.address}/18", LAN_ADDRESS)
    for phone in (victim, thief):
        phone.start(["ping", "-q", "-i", "0.2", "-w", "60", LAN_ADDRESS], stdout=subprocess.DEVNULL)

    copied = Ended(f"visit-{number}", Cause.COPIED)
    wait_for("control hears", lambda: any(copied in report.ended for report in tuple(town.control.reports)), 60)

    assert metric(town, "wifi_gateway_guard_copied_alarms_total") >= 1
    assert metric(town, "wifi_gateway_ended_total", reason="copied") == 1
    for phone, other in ((thief, victim), (victim, thief)):  # alone, so that answers come to the one who asks
        other.namespace.ip("link", "set", "eth0", "down")
        phone.namespace.ip("link", "set", "eth0", "up")
        phone.static(f"{victim.address}/18", LAN_ADDRESS)
        assert phone.curl(ONLINE).status == 302


def test_routers_and_dhcp_servers_that_phones_pretend_to_be_are_counted_for_prometheus(town):
    hostile, _ = town.phone()
    advertisement = (
        Ether(src=hostile.mac, dst="33:33:00:00:00:01") / IPv6(src="fe80::bad", dst="ff02::1") / ICMPv6ND_RA()
    )
    answer = (
        Ether(src=hostile.mac, dst="ff:ff:ff:ff:ff:ff")
        / IP(src="10.99.9.9", dst="255.255.255.255")
        / UDP(sport=67, dport=68)
    )

    send(hostile, bytes(advertisement), bytes(answer))

    for reason in ("rogue_router", "rogue_dhcp"):
        wait_for(reason, lambda reason=reason: metric(town, "wifi_gateway_guard_drops_total", reason=reason) >= 1)
    assert metric(town, "wifi_gateway_guard_active") == 1


def test_an_arp_flood_of_one_phone_leaves_the_others_online(town):
    hostile, _ = town.phone()
    citizen, number = town.phone()
    town.control.admit(a_grant(number, citizen.mac, citizen.address))
    frame = Ether(src=hostile.mac, dst="ff:ff:ff:ff:ff:ff") / ARP(
        hwsrc=hostile.mac, psrc=hostile.address, pdst=LAN_ADDRESS
    )

    send(hostile, *[bytes(frame)] * 5000)

    assert is_online(citizen)
    wait_for("the count", lambda: metric(town, "wifi_gateway_guard_drops_total", reason="arp_flood") > 4000)


def test_names_carry_no_tunnel_before_the_sign_in(town):
    phone, _ = town.phone()
    question = bytes(DNS(rd=1, qd=DNSQR(qname="x" * 60 + ".tunnel.example", qtype="TXT")))

    def answers():
        number = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(1)
            sock.connect(("192.0.2.99", 53))  # not our resolver: ours answers in its place
            for _ in range(500):
                sock.send(question)
            with contextlib.suppress(TimeoutError):
                while sock.recv(4096):
                    number += 1
        return number

    assert 1 <= phone.namespace.call(answers) <= 150


def test_sixty_thousand_half_open_connections_of_one_device_stay_at_its_cap(town):
    hostile, number = town.phone()
    citizen, other = town.phone()
    town.control.admit(a_grant(number, hostile.mac, hostile.address), a_grant(other, citizen.mac, citizen.address))
    town.lab.internet.ip("addr", "add", f"{SILENT}/24", "dev", "core")
    silence = f"table inet silence {{ chain input {{ type filter hook input priority 0; ip daddr {SILENT} tcp dport 9 drop\n}}\n}}"
    town.lab.internet.check(["nft", "-f", "-"], input=silence)
    hostile.run(["ping", "-c", "1", SILENT])
    before = tracked(town)

    send(hostile, *opening(hostile, SILENT, 60_000))

    assert 4000 <= tracked(town) - before <= 4200
    assert is_online(citizen)


def tracked(town):
    return int(town.lab.gateway.check(["sysctl", "-n", "net.netfilter.nf_conntrack_count"]))
