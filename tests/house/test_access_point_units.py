"""The systemd units of a Linux access point: systemd reads them, and what they start is a verb of the helper."""

import re
import subprocess

import pytest

from provisioning.platforms import LINUX, helper_of

UNITS = {name: data.decode() for name, data in helper_of(LINUX).items() if name.endswith(".service")}
STARTED = [
    (unit, *words)
    for unit, text in UNITS.items()
    for words in re.findall(r"^ExecStart\w*=(\S+) (\S+)$", text, re.MULTILINE)
]


def test_systemd_takes_both_units(tmp_path):
    for name, text in UNITS.items():
        (tmp_path / name).write_text(text.replace("/etc/prov/prov", "/bin/true"), encoding="utf-8")
    names = [str(tmp_path / name) for name in UNITS]
    said = subprocess.run(
        ["systemd-analyze", "verify", *names], capture_output=True, text=True, timeout=60, check=False
    )
    assert len(UNITS) == 2
    ours = [line for line in said.stderr.splitlines() if any(name in line for name in UNITS)]
    assert (said.returncode, ours) == (0, []), "what it says of other programs' units on this machine is theirs"


@pytest.mark.parametrize(("unit", "program", "verb"), STARTED)
def test_what_a_unit_starts_is_a_verb_of_the_helper(unit, program, verb):
    helper = helper_of(LINUX)
    assert program == "/etc/prov/prov", unit
    assert re.search(rf"\b{verb}\b", helper["platform"].decode().splitlines()[2] + helper["prov"].decode()), verb


def test_what_nobody_confirmed_is_undone_before_there_is_a_network():
    assert {verb for _, _, verb in STARTED} == {"boot", "wire", "keep"}
    assert "Before=network-pre.target" in UNITS["prov.service"]
    assert re.search(r"^After=prov\.service", UNITS["prov-air.service"], re.MULTILINE)
    assert re.search(r"^Requires=prov\.service", UNITS["prov-air.service"], re.MULTILINE)
