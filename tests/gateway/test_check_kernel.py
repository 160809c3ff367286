"""What the check says of the kernel that runs here, and of a machine that lacks parts."""

import json
import sys

import pytest

from tests.gateway.conftest import EXAMPLE
from tests.lab.city import program_options
from tests.lab.namespaces import Namespaces
from wifi_manager.gateway.checking import features, parts, probe
from wifi_manager.gateway.checking.box import Box
from wifi_manager.gateway.checking.findings import Severity
from wifi_manager.gateway.rules.ruleset import ruleset

pytestmark = pytest.mark.root


def test_every_feature_of_this_kernel_is_answered_and_the_running_tables_are_not_touched(bare_gateway):
    before = bare_gateway.check(["nft", "list", "tables"])

    found = list(bare_gateway.call(lambda: list(features.kernel())))

    assert {each.severity for each in found} <= {Severity.GOOD, Severity.WARNING}
    assert bare_gateway.check(["nft", "list", "tables"]) == before


def test_a_kernel_without_a_feature_is_told_with_what_citizens_miss():
    newest = dict.fromkeys(
        ["renew", "destroy", "reset", "end", "select", "bridge", "htb", "fq_codel", "policy_routing"], True
    )

    assert [each.severity for each in features.judge(newest)] == [Severity.GOOD]
    older = list(features.judge({**newest, "destroy": False, "htb": False}))
    assert [each.severity for each in older] == [Severity.GOOD, Severity.WARNING]
    assert "remove what may be gone" in older[0].says
    assert "HTB" in older[1].says


def test_the_probe_agrees_with_what_the_kernel_then_does():
    with Namespaces() as namespaces:
        namespace = namespaces.add("probe")
        found = namespace.call(probe.probe)

        tables = namespace.check(["nft", "list", "tables"])
        assert found["bridge"] == ("table bridge wifi_probe" in tables)
        assert found["htb"] == ("htb" in namespace.check(["tc", "qdisc", "show", "dev", "lo"]))


def test_rules_that_the_kernel_does_not_take_are_wrong(bare_gateway, settings):
    good, broken = ruleset(settings), ruleset(settings).replace("policy drop", "policy perhaps")

    assert bare_gateway.call(lambda: features.rules(good)).severity is Severity.GOOD
    assert bare_gateway.call(lambda: features.rules(broken)).severity is Severity.WRONG


def test_missing_programs_and_interfaces_are_named_with_the_way_to_get_them(tmp_path):
    bare = Box(path=str(tmp_path))

    missing = {each.about: each for each in (*parts.programs(bare), *parts.interfaces(bare, ["lo", "br-none"]))}

    assert {about: each.severity for about, each in missing.items()} == {
        "nft": Severity.WRONG,
        "dnsmasq": Severity.WRONG,
        "unshare": Severity.WRONG,
        "interface lo": Severity.GOOD,
        "interface br-none": Severity.WRONG,
    }
    assert missing["dnsmasq"].mend == "apt-get install --no-install-recommends dnsmasq-base"


@pytest.mark.parametrize(("version", "severity"), [("nftset", Severity.GOOD), ("no-nftset", Severity.WRONG)])
def test_a_garden_of_names_needs_a_dnsmasq_that_fills_it(tmp_path, version, severity):
    stand_in = tmp_path / "dnsmasq"
    stand_in.write_text(f"#!/bin/sh\necho Compile time options: IPv6 DHCP {version} auth\n")
    stand_in.chmod(0o755)

    assert parts.garden(Box(path=str(tmp_path)), ["docs.city.example"]).severity is severity
    assert parts.garden(Box(path=""), []).severity is Severity.GOOD


def test_an_ordinary_user_is_told_what_only_root_sees_and_the_exit_tells_programs():
    with Namespaces() as namespaces:
        namespace = namespaces.add("user")
        check = [sys.executable, "-m", "wifi_manager", "gateway", "check", "--json", "--config", str(EXAMPLE)]

        done = namespace.run(["unshare", "--user", "--map-user=1000", *check], **program_options())

    found = json.loads(done.stdout)
    by_subject = {each["about"]: each["severity"] for each in found}
    assert done.returncode == 1
    assert by_subject["interface br-lan"] == "wrong"
    assert by_subject["forwarding"] == "unknown"
    assert all(each["mend"] for each in found if each["severity"] in {"wrong", "warning"})
