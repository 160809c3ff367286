"""Frames with which a phone claims to be the gateway, a router, a DHCP server or another phone."""

import pytest
from scapy.layers.dhcp import BOOTP, DHCP
from scapy.layers.dhcp6 import DHCP6_Advertise
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import (
    ICMPv6ND_NA,
    ICMPv6ND_NS,
    ICMPv6ND_RA,
    ICMPv6ND_Redirect,
    ICMPv6NDOptDstLLAddr,
    ICMPv6NDOptPrefixInfo,
    IPv6,
    IPv6ExtHdrHopByHop,
)
from scapy.layers.l2 import ARP

from tests.gateway.guard.hall import GATEWAY, GATEWAY6, GATEWAY_MAC, heard
from tests.lab.namespaces import wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab]


def router_advertisement(guest, between=None):
    head = guest.ether(target="33:33:00:00:00:01") / IPv6(src="fe80::bad", dst="ff02::1")
    prefix = ICMPv6NDOptPrefixInfo(prefix="2001:db8:bad::", prefixlen=64)
    return (head / between if between else head) / ICMPv6ND_RA(routerlifetime=1800) / prefix


def offer(guest):
    frame = guest.ether() / IP(src="10.99.40.99", dst="255.255.255.255") / UDP(sport=67, dport=68)
    return (
        frame / BOOTP(op=2, yiaddr="10.66.0.2", siaddr="10.66.0.1") / DHCP(options=[("message-type", "offer"), "end"])
    )


def dhcpv6_advertise(guest):
    return guest.ether() / IPv6(src="fe80::bad", dst="fe80::2") / UDP(sport=547, dport=546) / DHCP6_Advertise()


def redirect(guest):
    return (
        guest.ether() / IPv6(src="fe80::1:1", dst="fe80::2") / ICMPv6ND_Redirect(tgt="fe80::bad", dst="2001:db8::1")
    )


def unsolicited(guest, target, source="fe80::bad"):
    frame = guest.ether(target="33:33:00:00:00:01") / IPv6(src=source, dst="ff02::1")
    return frame / ICMPv6ND_NA(tgt=target, R=0, S=0, O=1) / ICMPv6NDOptDstLLAddr(lladdr=guest.mac)


def probe(guest, target):
    """Duplicate address detection: on its way it would keep the gateway from its own address."""
    return guest.ether(target="33:33:ff:00:00:01") / IPv6(src="::", dst="ff02::1:ff00:1") / ICMPv6ND_NS(tgt=target)


def claim(guest, address, target="0.0.0.0", operation="is-at"):
    return guest.ether() / ARP(op=operation, hwsrc=guest.mac, psrc=address, pdst=target)


FORGERIES = {
    "a router advertisement": (router_advertisement, "rogue_router"),
    "one behind an extension header": (lambda g: router_advertisement(g, IPv6ExtHdrHopByHop()), "rogue_router"),
    "a redirect": (redirect, "rogue_router"),
    "a DHCP offer": (offer, "rogue_dhcp"),
    "a DHCPv6 advertisement": (dhcpv6_advertise, "rogue_dhcp"),
    "an ARP claim of the gateway's address": (lambda g: claim(g, GATEWAY), "gateway_claim"),
    "an ARP request in its name": (lambda g: claim(g, GATEWAY, "10.99.40.1", "who-has"), "gateway_claim"),
    "a neighbour advertisement of its IPv6 address": (lambda g: unsolicited(g, GATEWAY6), "gateway_claim"),
    "one of its link-local address": (lambda g: unsolicited(g, "fe80::1"), "gateway_claim"),
    "one that comes from its address": (lambda g: unsolicited(g, "fe80::2", GATEWAY6), "gateway_claim"),
    "a probe for its address": (lambda g: probe(g, GATEWAY6), "gateway_claim"),
    "a frame from its hardware address": (
        lambda g: g.ether(GATEWAY_MAC) / ARP(op="who-has", psrc=g.address, pdst="10.99.40.200"),
        "gateway_claim",
    ),
    "an ARP frame in another device's name": (
        lambda g: g.ether() / ARP(op="who-has", hwsrc="02:99:00:00:77:77", psrc="10.99.41.7", pdst=GATEWAY),
        "forged_arp",
    ),
}


@pytest.fixture(scope="module")
def hostile(hall):
    return hall.guest()


@pytest.fixture(scope="module")
def other(hall):
    return hall.guest()


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_frame_is_dropped_and_counted_by_its_reason_and_nobody_hears_it(hall, hostile, other, name):
    build, reason = FORGERIES[name]
    frame, before = build(hostile), hall.dropped()

    with other.ear() as ear, hall.ear() as gateways_ear:
        hostile.send(frame)
        wait_for("the count", lambda: hall.new_drops(before))
        assert not heard(ear, frame)
        assert not heard(gateways_ear, frame)

    assert hall.new_drops(before) == {reason: 1}
    assert hall.reaches_the_gateway(other)
    assert hall.reaches_the_gateway(hostile)
