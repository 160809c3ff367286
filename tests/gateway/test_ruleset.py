import dataclasses
import ipaddress
from pathlib import Path

import pytest

from wifi_manager.gateway.rules.ruleset import ruleset

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "gateway"


def managed(settings):
    network = dataclasses.replace(
        settings.network,
        protected=(ipaddress.ip_network("172.16.0.0/12"), ipaddress.ip_network("192.168.0.0/16")),
        management_interfaces=("mgmt", "wg0"),
        management_addresses=(ipaddress.ip_network("192.0.2.64/28"),),
    )
    return dataclasses.replace(settings, network=network)


def test_the_ruleset_of_the_example_is_the_golden_one(settings):
    assert ruleset(settings) == (GOLDEN / "captive.nft").read_text()


def test_the_ruleset_of_a_managed_site_is_the_golden_one(settings):
    assert ruleset(managed(settings)) == (GOLDEN / "captive-managed.nft").read_text()


@pytest.mark.root
@pytest.mark.parametrize("name", ["captive.nft", "captive-managed.nft"])
def test_the_kernel_takes_the_golden_rulesets(bare_gateway, name):
    bare_gateway.check(["nft", "-c", "-f", str(GOLDEN / name)])


@pytest.mark.root
def test_a_reload_takes_the_portal_that_moved_and_leaves_no_old_rule(bare_gateway, settings):
    before = bare_gateway.check(["nft", "list", "chain", "inet", "wifi", "from_lan"])
    garden = dataclasses.replace(settings.garden, addresses=(ipaddress.ip_address("192.0.2.99"),))

    bare_gateway.check(["nft", "-f", "-"], input=ruleset(dataclasses.replace(settings, garden=garden)))

    portal = bare_gateway.check(["nft", "list", "set", "inet", "wifi", "portal"])
    assert "192.0.2.99" in portal
    assert "192.0.2.10" not in portal
    assert bare_gateway.check(["nft", "list", "chain", "inet", "wifi", "from_lan"]) == before
