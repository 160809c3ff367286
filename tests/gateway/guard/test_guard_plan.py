"""Which of a machine's networks are guarded, and what is said of the others."""

import asyncio
import dataclasses
import ipaddress

import pytest

from tests.lab.namespaces import Namespaces
from wifi_manager.gateway.guard.plan import load, plan_guard

pytestmark = [pytest.mark.root, pytest.mark.lab]


@pytest.fixture(scope="module")
def machine():
    """A machine with a bridge, and an interface that is none."""
    with Namespaces() as namespaces:
        machine = namespaces.add("machine")
        machine.ip("link", "add", "br-lan", "type", "bridge")
        machine.ip("link", "set", "br-lan", "address", "02:99:ff:00:00:01")
        machine.ip("addr", "add", "fe80::1:1/64", "dev", "br-lan", "nodad")
        machine.ip("link", "set", "br-lan", "up")
        machine.ip("link", "add", "eth1", "type", "veth", "peer", "name", "eth2")
        yield machine


def planned(machine, settings, *interfaces):
    (network,) = settings.networks
    networks = [
        dataclasses.replace(
            network, name=f"lan{n}", interface=name, address=ipaddress.ip_interface(f"10.9{n}.0.1/24")
        )
        for n, name in enumerate(interfaces)
    ]
    settings = dataclasses.replace(settings, networks=tuple(networks))
    return machine.call(lambda: asyncio.run(plan_guard(settings)))


def test_a_bridge_is_guarded_with_what_is_the_gateways_own_on_it(machine, settings):
    plan = planned(machine, settings, "br-lan")

    assert "arp saddr ip { 10.90.0.1 }" in plan.text
    assert "ether saddr { 02:99:ff:00:00:01 }" in plan.text
    assert "ip6 saddr { 2001:db8:99::1, fe80::1:1 }" in plan.text
    assert not [gap for gap in plan.gaps if "is no bridge" in gap.says]


def test_a_vlan_of_a_bridge_is_guarded_on_its_bridge(machine, settings):
    vlan = ["ip", "link", "add", "link", "br-lan", "name", "br-lan.20", "type", "vlan", "id", "20"]
    if "Unknown device type" in machine.run(vlan).stderr:
        pytest.skip("this kernel has no VLANs (8021q)")

    plan = planned(machine, settings, "br-lan.20")

    assert "fe80::1:1" in plan.text
    assert not [gap for gap in plan.gaps if "is no bridge" in gap.says]


def test_of_a_network_that_cannot_be_guarded_is_said_what_to_do_and_the_others_are(machine, settings):
    plan = planned(machine, settings, "br-lan", "eth1")

    assert "arp saddr ip { 10.90.0.1 }" in plan.text
    assert [gap for gap in plan.gaps if gap.says.startswith("Network lan1: eth1 is no bridge")]


def test_without_any_bridge_there_is_no_table_and_the_one_from_before_is_removed(machine, settings):
    machine.call(lambda: load(planned(machine, settings, "br-lan").text))
    assert "wifi_guard" in machine.check(["nft", "list", "tables"])

    plan = planned(machine, settings, "eth1")
    assert plan.text == ""
    machine.call(lambda: load(plan.text))

    assert "wifi_guard" not in machine.check(["nft", "list", "tables"])


def test_a_table_of_another_version_is_replaced(machine, settings):
    machine.check(["nft", "add", "table", "bridge", "wifi_guard"])
    machine.check(["nft", "add", "set", "bridge", "wifi_guard", "known", "{ type ipv4_addr; }"])

    machine.call(lambda: load(planned(machine, settings, "br-lan").text))

    assert "drop_rogue_router" in machine.check(["nft", "list", "table", "bridge", "wifi_guard"])
