import dataclasses
import ipaddress

import pytest

from tests.gateway.golden import GOLDEN, SITES, made, site_ruleset
from tests.lab.namespaces import Namespaces
from wifi_manager.gateway.rules import nft
from wifi_manager.gateway.rules.ruleset import ruleset


@pytest.fixture
def empty():
    """A namespace without any rule."""
    with Namespaces() as namespaces:
        yield namespaces.add("empty")


@pytest.mark.parametrize("name", sorted(made()))
def test_what_is_made_for_an_example_site_is_the_golden_file(name):
    assert made()[name] == (GOLDEN / name).read_text()


@pytest.mark.root
@pytest.mark.parametrize("name", SITES)
def test_the_kernel_takes_the_rulesets_of_the_example_sites(empty, name):
    empty.check(["nft", "-c", "-f", "-"], input=site_ruleset(name))
    assert empty.check(["nft", "list", "ruleset"]) == ""


@pytest.mark.root
def test_a_reload_takes_the_portal_that_moved_and_leaves_no_old_rule(bare_gateway, settings):
    before = bare_gateway.check(["nft", "list", "chain", "inet", "wifi", "from_lan"])
    garden = dataclasses.replace(settings.garden, addresses=(ipaddress.ip_address("192.0.2.99"),))

    bare_gateway.check(["nft", "-f", "-"], input=ruleset(dataclasses.replace(settings, garden=garden)))

    portals = [bare_gateway.check(["nft", "list", "set", "inet", "wifi", name]) for name in ("portal4", "portal6")]
    assert "192.0.2.99" in portals[0]
    assert "192.0.2.10" not in portals[0]
    assert "elements" not in portals[1]
    assert bare_gateway.check(["nft", "list", "chain", "inet", "wifi", "from_lan"]) == before


@pytest.mark.root
def test_loading_again_keeps_what_is_in_the_sets_and_a_table_of_another_version_is_made_anew(empty, settings):
    text = ruleset(settings)
    other_version = "table inet wifi { map up4 { type ipv4_addr : mark; }; set s_up { type ipv4_addr; }; }"
    empty.check(["nft", "-f", "-"], input=other_version)

    assert empty.call(lambda: nft.load(text)) is False
    assert "up4" not in empty.check(["nft", "list", "ruleset"])
    empty.check(["nft", "add", "element", "inet", "wifi", "live", "{ 7 timeout 1h }"])
    assert empty.call(lambda: nft.load(text)) is True
    assert "0x00000007" in empty.check(["nft", "list", "set", "inet", "wifi", "live"])
