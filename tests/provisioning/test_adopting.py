"""What runs on an access point becomes part of an intent exactly, or what cannot be said is named."""

import tomllib

import pytest
import tomli_w

from provisioning.adopting import adoption
from provisioning.config_files import MANAGED, ConfigFiles
from provisioning.rendering import render
from tests.provisioning.kit import KEY
from wifi_manager.domain.intent_documents import intent_from_text

WANTED = {
    "hostname": "park-01",
    "ntp": ["time.example.net"],
    "management": {"address": "192.168.77.10/24", "gateway": "192.168.77.1"},
    "radios": [
        {"name": "radio0", "band": "2.4", "country": "KR", "channel": 6},
        {"name": "radio1", "band": "5", "country": "KR", "channel": 36, "width_mhz": 80},
    ],
    "networks": [
        {"name": "visitors", "ssid": "City Wi-Fi", "encryption": "owe", "radios": ["radio0", "radio1"], "vlan": 7},
        {"name": "staff", "ssid": "시청", "encryption": "sae", "key": KEY, "radios": ["radio1"]},
    ],
}
TEXT = tomli_w.dumps(WANTED)
FILES = render(intent_from_text(TEXT))


def changed(path, *replacements):
    text = FILES.text(path)
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return ConfigFiles({**FILES.content, path: text.encode()})


def test_what_is_wanted_needs_no_override():
    found = adoption(TEXT, FILES)
    assert (found.override, found.obstacles) == ("", ())


@pytest.mark.parametrize(
    ("path", "replacements", "override"),
    [
        ("etc/config/system", [("'park-01'", "'by-hand'")], {"hostname": "by-hand"}),
        ("etc/config/system", [("time.example.net", "10.0.0.1")], {"ntp": ["10.0.0.1"]}),
        ("etc/config/network", [("'192.168.77.10'", "'192.168.77.99'")], {"management": {"address": "192.168.77.99/24"}}),
        ("etc/config/wireless", [("channel '6'", "channel '11'")], {"radios": [{"name": "radio0", "channel": 11}]}),
        ("etc/config/wireless", [("channel '6'", "channel 'auto'")], {"radios": [{"name": "radio0", "channel": 0}]}),
        ("etc/config/wireless", [("'HE80'", "'HE40'")], {"radios": [{"name": "radio1", "width_mhz": 40}]}),
        ("etc/config/wireless", [("'City Wi-Fi'", "'Fête d''été'".replace("''", "'\\''"))], {"networks": [{"name": "visitors", "ssid": "Fête d'été"}]}),
        ("etc/config/wireless", [(KEY, "another-passphrase")], {"networks": [{"name": "staff", "key": "another-passphrase"}]}),
    ],
)  # fmt: skip
def test_a_value_that_was_changed_by_hand_becomes_exactly_this_value_of_the_intent(path, replacements, override):
    files = changed(path, *replacements)

    found = adoption(TEXT, files)

    assert found.obstacles == ()
    assert tomllib.loads(found.override) == override
    assert render(intent_from_text(found.intent)).content == files.content


def test_a_network_that_was_taken_away_is_absent_and_one_that_was_added_is_there():
    more = [*WANTED["networks"][:1], {"name": "fair", "ssid": "Fair", "encryption": "open", "radios": ["radio0"]}]
    files = render(intent_from_text(tomli_w.dumps({**WANTED, "networks": more})))

    found = adoption(TEXT, files)

    assert found.obstacles == ()
    rows = {row["name"]: row for row in tomllib.loads(found.override)["networks"]}
    assert rows["staff"] == {"name": "staff", "absent": True}
    assert rows["fair"]["ssid"] == "Fair"
    assert render(intent_from_text(found.intent)).content == files.content


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (changed("etc/config/wireless", ("\toption isolate '1'\n", "\toption isolate '1'\n\toption hidden '1'\n")), "visitors_radio0: hidden '1'"),
        (changed("etc/config/wireless", ("\toption isolate '1'\n", "")), "visitors_radio0: isolate is missing"),
        (changed("etc/config/wireless", ("'sae'", "'wep'")), "staff_radio1: encryption 'wep'"),
        (changed("etc/config/network", ("config interface 'lan'", "config route\n\toption target '0.0.0.0/0'\n\nconfig interface 'lan'")), "route @route[2] is there"),
        (changed("etc/config/dhcp", ("config dhcp 'lan'", "config dhcp 'lan")), "etc/config/dhcp: "),
        (ConfigFiles({**FILES.content, "etc/banner": b"hello"}), "etc/banner: is a file of its own"),
        (ConfigFiles({**FILES.content, MANAGED: b"etc/config/dhcp\n"}), f"{MANAGED}: has another content"),
        (ConfigFiles({path: data for path, data in FILES.content.items() if path != "etc/config/dhcp"}), "etc/config/dhcp: is missing"),
        (changed("etc/config/network", ("\toption gateway '192.168.77.1'\n", "")), "lan: gateway is missing"),
        (changed("etc/config/wireless", ("channel '6'", "channel '99'")), "radios[0].channel: 99 is no channel"),
    ],
)  # fmt: skip
def test_what_no_intent_can_say_is_named(files, said):
    assert any(said in line for line in adoption(TEXT, files).obstacles), adoption(TEXT, files).obstacles


def test_no_obstacle_shows_a_key():
    files = changed(
        "etc/config/wireless",
        ("\toption isolate '1'\n", "\toption isolate '1'\n\toption sae_password 'topsecret9'\n"),
    )
    said = "\n".join(adoption(TEXT, files).obstacles)
    assert "sae_password" in said
    assert "topsecret9" not in said
