"""`wifi-manager provision intent` and `plan` as a person types them, from the first layer to the plan of a fleet."""

import json

import pytest

from tests.builders import a_site, an_access_point
from wifi_manager.domain.access_points import Management

FLEET = """
[management]
port = "eth0"

[[radios]]
name = "radio0"
band = "2.4"
country = "KR"

[[networks]]
name = "staff"
ssid = "Staff"
encryption = "psk2"
key = "do-not-show-me"
radios = ["radio0"]
"""


@pytest.fixture
def fleet(store, tmp_path):
    with store.begin() as tx:
        tx.sites.save([a_site()])
        tx.access_points.save([an_access_point(), an_access_point("AP-0002")], tx.sites.numbers())
        for number in ("AP-0001", "AP-0002"):
            tx.access_points.manage(number, "openwrt", Management("10.0.0.1", 22, "root", "SHA256:x"))
    (tmp_path / "fleet.toml").write_text(FLEET, "utf-8")
    (tmp_path / "one.toml").write_text('[management]\naddress = "10.0.0.5/24"\n', "utf-8")
    return tmp_path


def test_layers_are_proposed_looked_at_approved_and_planned(wifi, fleet):
    done = wifi("provision", "intent", "set", "fleet", str(fleet / "fleet.toml"), "--reason", "first")
    assert done.exit_code == 0, done.output
    assert "provision plan --draft fleet 1" in done.output
    assert "0 change in 0 groups, 0 stay, 2 are wrong." in wifi("provision", "plan", "--draft", "fleet", "1").output
    assert wifi("provision", "intent", "set", "ap:AP-0001", str(fleet / "one.toml")).exit_code == 0
    for scope in ("fleet", "ap:AP-0001"):
        assert wifi("provision", "intent", "approve", scope, "1").exit_code == 0
    found = json.loads(wifi("provision", "plan", "--json").output)
    assert [(group["touches"], group["access_points"]) for group in found["groups"]] == [("reach", ["AP-0001"])]
    assert [each["access_points"] for each in found["wrong"]] == [["AP-0002"]]


def test_each_value_is_shown_with_its_layer_and_no_key_is(wifi, fleet):
    wifi("provision", "intent", "set", "fleet", str(fleet / "fleet.toml"))
    wifi("provision", "intent", "approve", "fleet", "1")
    shown = wifi("provision", "intent", "of", "AP-0001")
    assert "management.address: is missing. (from fleet)" in shown.output
    assert "networks.staff.ssid" in shown.output
    everything = shown.output + wifi("provision", "intent", "show", "fleet", "1").output
    assert "do-not-show-me" not in everything
    assert "approved" in wifi("provision", "intent", "history", "fleet").output


def test_what_is_no_scope_is_refused_in_words(wifi, fleet):
    refused = wifi("provision", "intent", "set", "town", str(fleet / "fleet.toml"))
    assert refused.exit_code == 1
    assert "kind:park" in refused.output


def test_a_secret_is_kept_from_a_pipe_named_by_a_layer_and_shown_nowhere(wifi, fleet):
    (fleet / "fleet.toml").write_text(FLEET.replace('"do-not-show-me"', '{ stored = "staff" }'), "utf-8")
    for layer, file in (("fleet", "fleet.toml"), ("ap:AP-0001", "one.toml")):
        wifi("provision", "intent", "set", layer, str(fleet / file))
        wifi("provision", "intent", "approve", layer, "1")
    missed = wifi("provision", "intent", "of", "AP-0001").output
    assert "Keep it: wifi-manager provision secret set staff" in missed
    kept = wifi("provision", "secret", "set", "staff", typed="do-not-show-me\n")
    shown = wifi("provision", "intent", "of", "AP-0001")
    planned = wifi("provision", "plan", "--lines")
    listed = wifi("provision", "secret", "list")
    refused = wifi("provision", "secret", "remove", "staff")
    assert (kept.exit_code, shown.exit_code, planned.exit_code, refused.exit_code) == (0, 0, 0, 1)
    assert "staff" in listed.output
    assert "change it first" in refused.output
    assert "1 change in 1 groups" in planned.output
    assert not any("do-not-show" in each.output for each in (kept, shown, planned, listed, refused))
