"""What each kind of network, and the shipped example, make for OpenWrt; and that the stand-in uci reads all of it."""

import os
import subprocess

import pytest

from provisioning.rendering import render
from tests.lab.access_point_parts.image import PARTS
from tests.provisioning.golden import BEFORE, GOLDEN, made
from wifi_manager.domain.intent_documents import approved_intent

FIRST_FORM = "f9960586b61671cad78b3a19bde635c9542325ca753d98ccf6ec61119087b659"
MADE = made()
PACKAGES = sorted(name for name in MADE if not name.endswith((".managed", ".banner")))


@pytest.mark.parametrize("name", sorted(MADE))
def test_what_is_made_is_the_golden_file(name):
    assert MADE[name] == (GOLDEN / name).read_text("utf-8"), "python -m tests.provisioning.golden writes it anew"


def test_no_golden_file_is_left_over():
    assert {path.name for path in GOLDEN.iterdir()} == {*MADE, BEFORE.name}


def test_an_intent_of_the_first_form_is_what_it_was_byte_for_byte():
    assert render(approved_intent(BEFORE.read_text("utf-8"))).digest() == FIRST_FORM


def test_the_stand_in_uci_reads_every_package_and_writes_it_alike(tmp_path):
    (config := tmp_path / "config").mkdir()
    names = [f"p{number}" for number in range(len(PACKAGES))]
    for name, package in zip(names, PACKAGES, strict=True):
        (config / name).write_text(MADE[package], "utf-8")
    uci = ["busybox", "awk", "-f", PARTS / "uci.awk", "--", "-c", config, "-t", tmp_path, "export"]
    ran = subprocess.run(uci, capture_output=True, check=True, env={"PATH": os.environ["PATH"]}, timeout=60)
    said = ran.stdout.decode()
    for name, package in zip(names, PACKAGES, strict=True):
        assert f"package {name}\n{MADE[package]}" in said
