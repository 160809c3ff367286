"""The benchmark of drift checks and pushes: its sums, and that a short run of it gives every figure."""

import json
import subprocess
import sys

import pytest

from benchmarks.provisioning import TARGETS, summary
from benchmarks.provisioning_ways import Result

KEYS = {
    "drift_hosts_per_second", "confirmed_pushes_per_second", "drift_cpu_ms", "push_cpu_ms", "cpu_ratio_ansible_copy",
    "cpu_ratio_netmiko_sftp", "plan_10k_seconds", "versions", "missed", "results",
}  # fmt: skip


def results(**cpu_ms):
    usual = {
        "ours_drift_check": 5.0,
        "ours_confirmed_push": 20.0,
        "netmiko_sftp": 30.0,
        "ansible_copy_command": 400.0,
    }
    return {
        way: Result(40, "targets", 40, 1, 100.0, cost, 2 * cost) for way, cost in (usual | cpu_ms).items() if cost
    }


def planned(**given):
    return {"seconds": 5.0, "peak_mb": 300.0, **given}


def test_the_peers_costs_are_said_as_multiples_of_a_confirmed_push_of_ours():
    found = summary(results(), planned())

    assert (found["cpu_ratio_ansible_copy"], found["cpu_ratio_netmiko_sftp"], found["missed"]) == (20.0, 1.5, [])


@pytest.mark.parametrize(
    ("cost", "plan", "missed"),
    [
        ({"ours_drift_check": 8.1}, {}, ["drift_cpu_ms"]),
        ({"ours_confirmed_push": 30.1}, {}, ["push_cpu_ms"]),
        ({"ansible_copy_command": 199.0}, {}, ["cpu_ratio_ansible_copy"]),
        ({}, {"seconds": 10.1}, ["plan_10k_seconds"]),
        ({}, {"peak_mb": 501.0}, ["plan_10k_mb"]),
    ],
)
def test_a_missed_target_is_said(cost, plan, missed):
    assert summary(results(**{"ansible_copy_command": 4000.0} | cost), planned(**plan))["missed"] == missed


def test_without_ansible_nothing_is_said_about_it():
    found = summary(results(ansible_copy_command=None), planned())

    assert (found["cpu_ratio_ansible_copy"], found["missed"]) == (None, [])
    assert set(found) > set(TARGETS)


def test_what_bounds_hosts_a_second_is_said_beside_them():
    found = summary(results(), planned())

    assert (found["drift_machine_cpu_ms"], found["drift_hosts_per_second_and_client_core"]) == (10.0, 200.0)
    assert (found["push_machine_cpu_ms"], found["confirmed_pushes_per_second_and_client_core"]) == (40.0, 50.0)


@pytest.mark.soak
@pytest.mark.root
@pytest.mark.lab
@pytest.mark.timeout(900)
def test_a_short_run_gives_every_figure_in_its_last_line():
    run = [sys.executable, "-m", "benchmarks.provisioning", "--json", "--quick"]
    done = subprocess.run(run, capture_output=True, text=True, check=False, timeout=800)
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])

    assert set(said) >= KEYS
    assert set(said["results"]) == {"0", "100"}
    for ways in said["results"].values():
        assert {each["of"] for each in ways.values()} == {"access points (dropbear)", "hosts (OpenSSH)"}
        assert all(each["cpu_ms"] > 0 for each in ways.values())
