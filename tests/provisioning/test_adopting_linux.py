"""What runs on a Linux access point with hostapd becomes part of an intent exactly, or what cannot be said is named."""

import tomllib

import pytest
import tomli_w

from provisioning.adopting import adoption
from provisioning.config_files import ConfigFiles
from provisioning.linux_rendering import LINES, render
from provisioning.platforms import LINUX
from tests.provisioning.kit import KEY
from wifi_manager.domain.intent_documents import intent_from_text

WANTED = {
    "hostname": "park-01",
    "ntp": ["time.example.net"],
    "banner": "Hello\n",
    "management": {"address": "192.168.77.10/24", "gateway": "192.168.77.1", "vlan": 77},
    "radios": [
        {"name": "radio0", "band": "2.4", "country": "KR", "channel": 6, "power_dbm": 12},
        {"name": "radio1", "band": "5", "country": "KR", "channel": 36, "width_mhz": 80},
    ],
    "networks": [
        {"name": "visitors", "ssid": "City Wi-Fi", "encryption": "owe-transition", "bands": ["2.4", "5"], "vlan": 7},
        {"name": "staff", "ssid": "시청", "encryption": "sae", "key": KEY, "radios": ["radio1"], "ieee80211r": True},
    ],
}
TEXT = tomli_w.dumps(WANTED)
FILES = render(intent_from_text(TEXT))
FIRST, SECOND = "etc/hostapd/radio0.conf", "etc/hostapd/radio1.conf"


def changed(path, *replacements):
    text = FILES.text(path)
    for old, new in replacements:
        assert old in text
        text = text.replace(old, new)
    return ConfigFiles({**FILES.content, path: text.encode()})


def rendered(**fields):
    return render(intent_from_text(tomli_w.dumps({**WANTED, **fields})))


def test_what_is_wanted_needs_no_override():
    found = adoption(TEXT, FILES, LINUX)
    assert (found.override, found.obstacles) == ("", ())


@pytest.mark.parametrize(
    ("files", "override"),
    [
        (changed("etc/hostname", ("park-01", "by-hand")) if "park-01-" not in FILES.text(SECOND) else rendered(hostname="by-hand"), {"hostname": "by-hand"}),
        (changed("etc/motd", ("Hello", "Welcome")), {"banner": "Welcome\n"}),
        (changed("etc/systemd/timesyncd.conf.d/city.conf", ("time.example.net", "10.0.0.1 10.0.0.2")), {"ntp": ["10.0.0.1", "10.0.0.2"]}),
        (changed(LINES, ("192.168.77.10/24", "192.168.77.99/24"), ("eth0", "eth1")), {"management": {"address": "192.168.77.99/24", "port": "eth1"}}),
        (changed(LINES, ("wlan0 12", "wlan0 9")), {"radios": [{"name": "radio0", "power_dbm": 9}]}),
        (changed(FIRST, ("channel=6", "channel=11")), {"radios": [{"name": "radio0", "channel": 11}]}),
        (rendered(radios=[WANTED["radios"][0], {**WANTED["radios"][1], "width_mhz": 40}]), {"radios": [{"name": "radio1", "width_mhz": 40}]}),
        (rendered(networks=[WANTED["networks"][0], {**WANTED["networks"][1], "hidden": True, "max_stations": 9, "isolate": False, "ieee80211v": True}]), {"networks": [{"name": "staff", "isolate": False, "hidden": True, "max_stations": 9, "ieee80211v": True}]}),
        (rendered(networks=[WANTED["networks"][0], {**WANTED["networks"][1], "key": "another-passphrase"}]), {"networks": [{"name": "staff", "key": "another-passphrase"}]}),
        (rendered(networks=[WANTED["networks"][0], {**WANTED["networks"][1], "encryption": "sae-mixed"}]), {"networks": [{"name": "staff", "encryption": "sae-mixed"}]}),
        (rendered(networks=[{**WANTED["networks"][0], "ssid": "City"}, WANTED["networks"][1]]), {"networks": [{"name": "visitors", "ssid": "City"}]}),
        (rendered(networks=[WANTED["networks"][0]]), {"networks": [{"name": "staff", "absent": True}]}),
    ],
)  # fmt: skip
def test_what_was_changed_by_hand_becomes_exactly_these_values_of_the_intent(files, override):
    found = adoption(TEXT, files, LINUX)

    assert found.obstacles == ()
    assert tomllib.loads(found.override) == override
    assert render(intent_from_text(found.intent)).content == files.content


@pytest.mark.parametrize(
    ("files", "said"),
    [
        (changed(FIRST, ("ap_isolate=1\n", "ap_isolate=1\nwmm_ac_bk_cwmin=4\n")), "wmm_ac_bk_cwmin=4 is there"),
        (changed(FIRST, ("wmm_enabled=1\n", "")), "wmm_enabled=1 is missing"),
        (changed(FIRST, ("channel=6", "channel=99")), "radios[0].channel: 99 is no channel"),
        (changed(SECOND, ("wpa_key_mgmt=SAE FT-SAE", "wpa_key_mgmt=WPA-NONE")), "wpa_key_mgmt=WPA-NONE is there"),
        (changed(FIRST, ("ap_isolate=1\n", "ap_isolate=1\n#")), f"{FIRST}: "),
        (ConfigFiles({**FILES.content, FIRST: FILES.content[FIRST] + b"bss=wlan0_5\nssid=mine\n"}), "bss=wlan0_5 is there"),
        (ConfigFiles({**FILES.content, "etc/rsyslog.d/city.conf": b"x"}), "etc/rsyslog.d/city.conf: is a file of its own"),
        (changed(LINES, ("br-vlan7", "br-mine")), "br-mine eth0 7 - - is there"),
        (changed(LINES, ("192.168.77.1\n", "-\n")), "which no intent says"),
        (ConfigFiles({**FILES.content, FIRST: b"\xff\xfe=\xff\nbss=\n"}), "networks[0].ssid"),
    ],
)  # fmt: skip
def test_what_no_intent_can_say_is_named_and_nothing_is_adopted(files, said):
    assert any(said in line for line in adoption(TEXT, files, LINUX).obstacles), adoption(
        TEXT, files, LINUX
    ).obstacles


def test_no_obstacle_shows_a_key():
    files = changed(SECOND, ("ap_isolate=1\n", "ap_isolate=1\nsae_password=topsecret9\n"))
    said = "\n".join(adoption(TEXT, files, LINUX).obstacles)
    assert "sae_password" in said
    assert "topsecret9" not in said
    assert KEY not in said
