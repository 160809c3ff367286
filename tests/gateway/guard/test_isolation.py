"""Phones at different ports do not reach one another; machines at trusted ports are the city's own."""

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.inet6 import ICMPv6ND_RA, IPv6

from tests.gateway.guard.hall import GATEWAY_MAC, TRUSTED, heard

pytestmark = [pytest.mark.root, pytest.mark.lab]


@pytest.fixture(scope="module")
def office(hall):
    return hall.guest(port=TRUSTED)


def datagram(sender, receiver):
    return (
        sender.ether(target=receiver.mac) / IP(src=sender.address, dst=receiver.address) / UDP(dport=9999) / b"hello"
    )


def test_no_frame_goes_from_phone_to_phone_though_the_ports_are_not_isolated(hall):
    one, two = hall.guest(), hall.guest()
    to_all = one.ether() / IP(src=one.address, dst="10.99.63.255") / UDP(dport=9999) / b"hello"
    before = hall.dropped()

    with two.ear() as ear, two.ear() as other_ear:
        one.send(datagram(one, two), to_all)
        assert not heard(ear, datagram(one, two))
        assert not heard(other_ear, to_all)

    assert hall.new_drops(before, but=("moves",))["isolation"] >= 1
    two.namespace.ip("neigh", "replace", one.address, "lladdr", one.mac, "dev", "eth0")
    one.namespace.ip("neigh", "replace", two.address, "lladdr", two.mac, "dev", "eth0")
    assert one.namespace.run(["ping", "-c", "2", "-i", "0.2", "-W", "1", two.address]).returncode != 0


def test_phones_and_machines_at_a_trusted_port_reach_one_another(hall, office):
    phone = hall.guest()

    assert phone.namespace.run(["ping", "-c", "1", "-W", "5", office.address]).returncode == 0


def test_what_is_forged_elsewhere_is_a_servers_work_at_a_trusted_port(hall, office):
    advertisement = office.ether(target="33:33:00:00:00:01") / IPv6(src="fe80::2", dst="ff02::1") / ICMPv6ND_RA()
    before = hall.dropped()

    with hall.ear() as ear:
        office.send(advertisement)
        assert heard(ear, advertisement)

    assert hall.new_drops(before) == {}


def test_a_frame_to_the_gateway_passes(hall):
    phone = hall.guest()
    frame = phone.ether(target=GATEWAY_MAC) / IP(src=phone.address, dst="10.99.0.1") / UDP(dport=9999)

    with hall.ear() as ear:
        phone.send(frame)
        assert heard(ear, frame)
