"""The gateway's systemd units and its Ansible role: read by systemd itself, and by the program."""

import os
import re
import subprocess

import pytest

from tests.house import commands
from tests.house.sources import ROOT
from tests.house.test_ansible import ANSIBLE, INVENTORY, rendered
from wifi_manager.gateway.checking import limits
from wifi_manager.gateway.checking.box import Box
from wifi_manager.gateway.checking.checkup import devices_of
from wifi_manager.gateway.checking.findings import Severity
from wifi_manager.gateway.settings_file import load

UNITS = sorted((ROOT / "configs" / "gateway").glob("*.service"))
ROLE = ANSIBLE / "roles" / "gateway"
SETTINGS = INVENTORY["gateways"]["vars"]["gateway_settings"]


def setting(unit: str, name: str) -> str:
    return re.search(
        rf"^{name}=(.*)$", (ROOT / "configs" / "gateway" / unit).read_text(encoding="utf-8"), re.MULTILINE
    )[1]


@pytest.fixture
def system(tmp_path):
    """A machine's files as far as the units name them."""
    program = tmp_path / "opt" / "wifi-manager" / "bin" / "wifi-manager"
    program.parent.mkdir(parents=True)
    program.symlink_to("/bin/true")
    return tmp_path


@pytest.fixture
def verified(tmp_path):
    """What systemd says of the units, with a program in the place of ours, which is not installed here."""
    for unit in UNITS:
        text = unit.read_text(encoding="utf-8").replace("/opt/wifi-manager/bin/wifi-manager", "/bin/true")
        (tmp_path / unit.name).write_text(text, encoding="utf-8")
    names = [str(tmp_path / unit.name) for unit in UNITS]
    return subprocess.run(
        ["systemd-analyze", "verify", *names], capture_output=True, text=True, timeout=60, check=False
    )


def test_systemd_takes_both_units(verified):
    assert len(UNITS) == 2
    ours = [line for line in verified.stderr.splitlines() if any(unit.name in line for unit in UNITS)]
    assert (verified.returncode, ours) == (0, []), "what it says of other programs' units on this machine is theirs"


def test_what_the_units_start_are_commands_of_the_program():
    lines = [line for unit in UNITS for line in commands.in_shell(unit.read_text(encoding="utf-8"))]

    assert sorted(lines) == ["wifi-manager gateway rules", "wifi-manager gateway run"]
    assert [problem for line in lines if (problem := commands.problem(line))] == []


def test_the_gateway_may_do_three_things_that_an_ordinary_user_may_not():
    unit = "wifi-manager-gateway.service"

    assert setting(unit, "CapabilityBoundingSet") == setting(unit, "AmbientCapabilities")
    assert set(setting(unit, "AmbientCapabilities").split()) == {
        "CAP_NET_ADMIN",
        "CAP_NET_RAW",
        "CAP_NET_BIND_SERVICE",
    }
    assert setting(unit, "User") == setting("wifi-manager-gateway-rules.service", "User") != "root"
    assert setting(unit, "ProtectSystem") == "strict"
    assert setting(unit, "NoNewPrivileges") == "yes"


def test_the_rules_are_loaded_before_any_interface_comes_up_and_the_gateway_never_runs_without_them():
    rules = "wifi-manager-gateway-rules.service"

    assert "network-pre.target" in setting(rules, "Before").split()
    assert setting(rules, "DefaultDependencies") == "no"
    assert rules in setting("wifi-manager-gateway.service", "Requires").split()
    assert rules in setting("wifi-manager-gateway.service", "After").split()


def test_the_example_gateways_settings_are_accepted_by_the_program(tmp_path):
    path = tmp_path / "gateway.toml"
    path.write_text(rendered("gateway.toml.j2", ROLE, gateway_settings=SETTINGS), encoding="utf-8")

    found = load(path)

    assert found.uplink.interface == "wan"
    assert [network.name for network in found.networks] == ["visitors"]
    assert str(found.state) == "/var/lib/wifi-manager/gateway"


def test_the_kernels_limits_that_the_role_writes_are_large_enough_for_the_check(tmp_path):
    path = tmp_path / "gateway.toml"
    path.write_text(rendered("gateway.toml.j2", ROLE, gateway_settings=SETTINGS), encoding="utf-8")
    for key, value in re.findall(r"^([\w.]+) = (\d+)$", rendered("sysctl.conf.j2", ROLE), re.MULTILINE):
        file = tmp_path / "sys" / key.replace(".", os.sep)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(value)
    box, devices = Box(tmp_path), devices_of(load(path))

    found = [*limits.neighbours(box, devices, has_ipv6=True), *limits.connections(box, devices)]

    assert [each.severity for each in found] == [Severity.GOOD] * 3
    assert box.setting("net/ipv4/ip_forward") is None, "the gateway switches it on, behind its rules"
