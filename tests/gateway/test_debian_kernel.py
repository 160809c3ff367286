"""Debian 12's own kernel is 6.1 and lacks what newer ones have; a gateway finds out by trying. The same tests, there."""

import json
import sys
from pathlib import Path

import pytest

from tests.lab.machine import qemu
from tests.lab.machine.image import image

REPOSITORY = Path(__file__).resolve().parents[2]
# What the kernel itself must do. Emulated, each costs twenty times what it costs here, so no program of ours runs there.
TESTS = ("test_elements.py", "test_kernel.py", "test_ruleset.py", "test_tree.py", "test_vlans.py")
NEEDED_HERE = ("test_vlans.py",)  # what machines without VLANs leave to this test
_PROBE = f"unshare --net {sys.executable} -m wifi_manager.gateway.checking.probe"  # what `gateway check` says of it
# Their first use loads some twenty modules: longer than a test waits for one command.
_LOAD_MODULES = "nft -f tests/golden/gateway/park.nft && nft flush ruleset"


@pytest.mark.root
@pytest.mark.machine
@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("names", [NEEDED_HERE, pytest.param(TESTS, marks=pytest.mark.soak)], ids=["vlans", "all"])
def test_sets_rules_grants_classes_and_vlans_are_as_exact_on_debians_kernel(names):
    done = qemu.run(
        image(),
        ["sh", "-c", f'uname -r && {_LOAD_MODULES} && "$@" && {_PROBE}', "sh", *_pytest(names)],
        cwd=REPOSITORY,
        seconds=580,
        PYTHONPATH=str(REPOSITORY),
        PYTEST_DISABLE_PLUGIN_AUTOLOAD="1",
    )

    assert done.status == 0, f"{done.output}\n{done.console[-2000:]}"
    assert done.output.startswith("6.1."), done.output
    assert not {"FAILED", "SKIPPED", "ERROR"} & set(done.output.split()), done.output
    found = json.loads(done.output.strip().rpartition("\n")[2])
    assert {name for name, can in found.items() if not can} == {"renew", "destroy", "reset", "select", "end"}


def _pytest(names: tuple[str, ...]) -> list[str]:
    # Neither plugins nor the tests' root conftest: their imports alone would take a minute. And nothing twice that is
    # tried elsewhere with and without the kernel's DESTROY, for this one has none; no thousand of
    # anything; and nothing that must be done within two seconds.
    options = (
        "-q",
        "-rA",
        "-k",
        "not before and not a_thousand_are and not changes_make",
        "-p",
        "pytest_timeout",
        "--timeout=560",  # an emulated processor beside busy ones may take minutes for what takes seconds
        "-p",
        "no:cacheprovider",
        "--confcutdir=tests/gateway",
    )
    return [sys.executable, "-m", "pytest", *options, *(f"tests/gateway/{name}" for name in names)]
