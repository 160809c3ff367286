"""Floods are braked at the phone or the port that they come from, and nobody else feels them."""

import pytest
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import ICMPv6ND_NS, IPv6
from scapy.layers.l2 import ARP

from tests.gateway.guard.hall import GATEWAY, GATEWAY6, POOL

pytestmark = [pytest.mark.root, pytest.mark.lab]


def who_has(guest, target=GATEWAY):
    return guest.ether() / ARP(op="who-has", hwsrc=guest.mac, psrc=guest.address, pdst=target)


def announcement(guest):
    return guest.ether() / ARP(
        op="is-at", hwsrc=guest.mac, psrc=guest.address, hwdst="ff:ff:ff:ff:ff:ff", pdst=guest.address
    )


def own_request(guest):
    return guest.ether() / ARP(op="who-has", hwsrc=guest.mac, psrc=guest.address, pdst=guest.address)


def solicitation(guest):
    return (
        guest.ether(target="33:33:ff:00:00:01")
        / IPv6(src="fe80::77", dst="ff02::1:ff00:1")
        / ICMPv6ND_NS(tgt=GATEWAY6)
    )


def mac(number):
    return f"06:00:00:{number >> 16 & 255:02x}:{number >> 8 & 255:02x}:{number & 255:02x}"


def discover(guest, source, chaddr=None):
    hardware = bytes.fromhex((chaddr or source).replace(":", ""))
    head = guest.ether(source) / IP(src="0.0.0.0", dst="255.255.255.255") / UDP(sport=68, dport=67)
    return (
        head
        / BOOTP(chaddr=hardware, xid=int.from_bytes(hardware[2:], "big"), flags=0x8000)
        / DHCP(options=[("message-type", "discover"), "end"])
    )


def request(guest, source, address):
    hardware = bytes.fromhex(source.replace(":", ""))
    head = guest.ether(source) / IP(src="0.0.0.0", dst="255.255.255.255") / UDP(sport=68, dport=67)
    options = [("message-type", "request"), ("requested_addr", address), ("server_id", GATEWAY), "end"]
    return head / BOOTP(chaddr=hardware, flags=0x8000) / DHCP(options=options)


# What is sent at once, the reason that counts it, how much of it is sent, and how much may pass.
FLOODS = {
    "ARP requests": (who_has, "arp_flood", 500, 250),
    "ARP answers that nobody asked for": (announcement, "announcements", 45, 25),
    "ARP requests for the own address": (own_request, "announcements", 45, 25),
    "neighbour solicitations": (solicitation, "nd_flood", 500, 250),
    "questions of one client for a lease": (lambda guest: discover(guest, guest.mac), "dhcp_flood", 300, 50),
}


@pytest.mark.parametrize("name", FLOODS)
def test_a_flood_of_one_phone_is_braked_and_its_neighbour_is_served(hall, dhcp, name):
    build, reason, sent, passed = FLOODS[name]
    guest, other = hall.guest(), hall.guest()
    frame, before = build(guest), hall.dropped()

    guest.send(*[frame] * sent)

    assert hall.new_drops(before)[reason] >= sent - passed
    assert hall.reaches_the_gateway(other)
    assert dhcp(other)


def test_a_client_that_asks_for_a_lease_in_another_devices_name_is_dropped(hall, dhcp):
    guest = hall.guest()
    before = hall.dropped()

    guest.send(discover(guest, guest.mac, chaddr="06:aa:aa:aa:aa:aa"))

    assert hall.new_drops(before) == {"forged_dhcp": 1}


def test_one_port_cannot_take_all_leases_and_phones_at_other_ports_get_theirs(hall, dhcp):
    hostile, citizen = hall.guest(), hall.guest()
    before = hall.dropped()

    for number in range(3 * POOL):
        source = mac(number)
        hostile.send(discover(hostile, source), request(hostile, source, f"10.99.50.{number % POOL + 1}"))

    assert hall.new_drops(before)["dhcp_starvation"] > 4 * POOL
    leased = (hall.folder / "leases").read_text().count(" 06:00:00:")
    assert 1 <= leased <= POOL // 4 + 1
    assert dhcp(citizen)


def test_a_flood_of_invented_devices_does_not_fill_the_bridges_table(hall):
    hostile, other = hall.guest(), hall.guest()
    before = hall.dropped()
    frame = bytes(hostile.ether() / ARP(op="who-has", hwsrc=hostile.mac, psrc="0.0.0.0", pdst=GATEWAY))
    own = bytes.fromhex(hostile.mac.replace(":", ""))

    hostile.send(*(frame.replace(own, bytes([6, 0, 1]) + number.to_bytes(3, "big")) for number in range(20_000)))

    assert hall.new_drops(before)["new_devices"] > 5_000
    learned = hall.gateway.check(["bridge", "fdb", "show", "br", "br-lan"]).count("06:00:01:")
    assert 1_000 < learned < 15_000
    assert hall.reaches_the_gateway(other)
