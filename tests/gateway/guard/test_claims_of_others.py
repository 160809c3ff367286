"""An address belongs to whom DHCP lent it, and of IPv6 to whom claimed it first."""

import pytest
from scapy.layers.inet6 import ICMPv6ND_NA, ICMPv6ND_NS, ICMPv6NDOptDstLLAddr, ICMPv6NDOptSrcLLAddr, IPv6
from scapy.layers.l2 import ARP

from tests.gateway.guard.hall import GATEWAY, GATEWAY6, GATEWAY_MAC
from tests.lab.namespaces import wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab]


def gateway_learns(hall, address):
    """The gateway asks who has an address, and believes the answer."""
    hall.gateway.run(["ping", "-c", "1", "-W", "1", address])
    return hall.neighbour(address)


def test_no_phone_takes_the_address_that_was_lent_to_another(hall, dhcp):
    victim, thief = hall.guest(), hall.guest()
    lent = dhcp(victim)
    wait_for("the gateway knows the victim", lambda: gateway_learns(hall, lent) == victim.mac)
    before = hall.dropped()

    thief.send(
        thief.ether() / ARP(op="who-has", hwsrc=thief.mac, psrc=lent, pdst=GATEWAY),
        thief.ether(target=GATEWAY_MAC)
        / ARP(op="is-at", hwsrc=thief.mac, psrc=lent, hwdst=GATEWAY_MAC, pdst=GATEWAY),
    )

    assert hall.new_drops(before) == {"address_claim": 2}
    assert hall.neighbour(lent) == victim.mac
    victim.send(victim.ether() / ARP(op="who-has", hwsrc=victim.mac, psrc=lent, pdst=GATEWAY))
    assert hall.new_drops(before) == {"address_claim": 2}


def test_an_address_that_nobody_lent_is_its_users_as_ever(hall):
    guest = hall.guest()
    before = hall.dropped()

    assert gateway_learns(hall, guest.address) == guest.mac

    assert hall.new_drops(before) == {}


def test_an_ipv6_address_stays_with_the_phone_that_claimed_it_first(hall):
    victim, thief = hall.guest(), hall.guest()
    address = "2001:db8:99::1234"
    victim.namespace.ip("addr", "add", f"{address}/64", "dev", "eth0")
    ping = ["ping", "-6", "-c", "1", "-W", "1", GATEWAY6]
    wait_for("the victim's address", lambda: victim.namespace.run(ping).returncode == 0)
    wait_for("the gateway knows the victim", lambda: gateway_learns(hall, address) == victim.mac)
    before = hall.dropped()

    head = thief.ether(target=GATEWAY_MAC)
    thief.send(
        head
        / IPv6(src=address, dst=GATEWAY6)
        / ICMPv6ND_NA(tgt=address, S=0, O=1)
        / ICMPv6NDOptDstLLAddr(lladdr=thief.mac),
        head / IPv6(src=address, dst=GATEWAY6) / ICMPv6ND_NS(tgt=GATEWAY6) / ICMPv6NDOptSrcLLAddr(lladdr=thief.mac),
        thief.ether(target="33:33:ff:00:12:34") / IPv6(src="::", dst="ff02::1:ff00:1234") / ICMPv6ND_NS(tgt=address),
    )

    assert hall.new_drops(before) == {"address_claim": 3}
    assert hall.neighbour(address) == victim.mac
    assert victim.namespace.run(ping).returncode == 0


def test_who_claims_many_ipv6_addresses_keeps_only_the_first_forty_from_others(hall):
    hoarder = hall.guest()
    for number in range(100):
        target = f"2001:db8:99::5:{number:x}"
        hoarder.send(hoarder.ether() / IPv6(src="::", dst="ff02::1") / ICMPv6ND_NS(tgt=target))

    held = [key for key in hall.table.dump("holder6") if key[16:22] == bytes.fromhex(hoarder.mac.replace(":", ""))]

    assert 40 <= len(held) <= 45  # one more every three seconds
