"""A gateway of real parts that is killed, rebooted, reloaded and looked at."""

import json
import socket
import subprocess
from pathlib import Path

import pytest

from tests.gateway.town import API, ONLINE, is_online
from tests.lab.city import (
    INTERNET_ADDRESS,
    METRICS_PORT,
    WAN_ADDRESS,
    program_options,
)
from tests.lab.control_simulator import a_grant
from tests.lab.namespaces import wait_for

pytestmark = [pytest.mark.root, pytest.mark.lab, pytest.mark.slow]


def test_a_grant_ends_in_the_kernel_while_the_agent_is_dead_and_nobody_else_gets_through(town):
    phone, number = town.phone()
    stranger, _ = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address, seconds=6))
    assert is_online(phone)
    town.kill()
    try:
        wait_for("the end of a grant of 6 s", lambda: not is_online(phone))
        assert phone.curl(ONLINE).exit_code == 7  # refused: nobody redirects, and nobody passes
        assert stranger.curl(ONLINE).exit_code == 7
    finally:
        town.restart()
    assert stranger.curl(ONLINE).status == 302


def test_killing_the_agent_loses_no_visit_and_its_successor_finds_all_of_them(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    download = phone.start(["curl", "-sS", "-o", "/dev/null", "http://news.example/endless"], stderr=subprocess.PIPE)

    town.kill()
    assert is_online(phone)  # with names resolved: the resolver outlives the agent too
    town.restart()

    assert is_online(phone)
    assert download.poll() is None
    download.kill()
    town.control.end(f"visit-{number}")
    assert not is_online(phone)


def test_a_gateway_that_rebooted_without_control_restores_its_visits_from_the_disk(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    assert is_online(phone)
    stranger, other = town.phone()
    town.control.admit(a_grant(other, stranger.mac, stranger.address))
    town.control.end(f"visit-{other}")
    wait_for("the disk", lambda: town.revision_on_disk() == town.control.revision)
    town.kill()
    town.control.stop()
    town.lab.gateway.check(["nft", "delete", "table", "inet", "wifi"])  # what a reboot does to the kernel
    try:
        town.restart()
        assert is_online(phone)
        assert stranger.curl(ONLINE).status == 302
    finally:
        town.control.start()
    town.control.end(f"visit-{number}")
    assert not is_online(phone)


def test_when_control_is_away_visits_go_on_and_the_next_change_arrives_when_it_is_back(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))

    town.control.stop()
    assert is_online(phone)
    town.control.start()
    town.control.end(f"visit-{number}")

    assert not is_online(phone)


def test_a_reload_of_the_rules_loses_no_grant_and_no_packet_of_a_running_connection(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))

    def echoes() -> int:
        answered = 0
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
            sock.settimeout(5)
            sock.connect((INTERNET_ADDRESS, 9999))
            for _ in range(200):
                sock.send(b"x")
                answered += len(sock.recv(16))
        return answered

    script = (
        "from pathlib import Path\n"
        "from wifi_manager.gateway import settings_file\n"
        "from wifi_manager.gateway.rules import nft, ruleset\n"
        f"text = ruleset.ruleset(settings_file.load(Path({str(town.lab.gateway_config)!r})))\n"
        "for _ in range(5): nft.load(text)\n"
    )
    python = town.lab.manager()[0]
    reloads = town.lab.gateway.start([python, "-c", script], **program_options())
    answered = 0
    while reloads.poll() is None:
        answered += phone.namespace.call(echoes)

    assert reloads.returncode == 0
    assert answered > 0
    assert answered % 200 == 0
    assert is_online(phone)


def test_show_tells_who_is_let_through_and_masks_the_devices(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    command = town.lab.manager("gateway", "show", "--config", str(town.lab.gateway_config))

    table = town.lab.gateway.check(command, **program_options())
    found = json.loads(town.lab.gateway.check([*command, "--json"], **program_options()))

    (own,) = [each for each in found["grants"] if each["visit"] == f"visit-{number}"]
    assert own["device"] == "02:99:00:**:**:**"
    assert 3500 < own["seconds_left"] <= 3600
    assert found["revision"] == town.control.revision
    assert f"visit-{number}" in table
    assert phone.mac not in table + json.dumps(found)


def test_check_finds_nothing_wrong_with_the_labs_gateway(town):
    command = town.lab.manager("gateway", "check", "--config", str(town.lab.gateway_config))

    assert town.lab.gateway.check(command, **program_options()).endswith("is good.\n")


def test_a_token_enrols_once(town):
    state = town.lab.folder / "second"
    where = ["--control", town.control.url, "--ca", str(town.lab.authority.root), "--state", str(state)]

    refused = town.lab.gateway.run(
        town.lab.manager("gateway", "enrol", town.control.token, *where), **program_options()
    )

    assert refused.returncode == 1
    assert "does not take this token" in refused.stderr
    assert not state.exists()


def test_metrics_pass_promtool_and_neither_they_nor_the_log_name_a_phone(town):
    phone, number = town.phone()
    town.control.admit(a_grant(number, phone.mac, phone.address))
    phone.curl(API)

    text = town.lab.city.check(["curl", "-sS", f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics"])

    assert f"wifi_gateway_revision {float(town.control.revision)}" in text
    assert "wifi_gateway_control_reachable 1.0" in text
    linted = subprocess.run(["promtool", "check", "metrics"], input=text, text=True, capture_output=True, check=False)
    assert (linted.returncode, linted.stderr) == (0, "")
    said = text + Path(town.lab.folder / "gateway.log").read_text()
    assert "02:99:" not in said
    assert "10.99.4" not in said
    assert phone.curl(f"http://{WAN_ADDRESS}:{METRICS_PORT}/metrics").exit_code == 7
