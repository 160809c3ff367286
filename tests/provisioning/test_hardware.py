"""What an access point is made of is read from itself, kept, and compared with the city's list, which stays as it is."""

import json

import pytest

from provisioning.config_files import pack
from provisioning.driver import Refused
from provisioning.drivers.helper_hardware import read_hardware
from provisioning.link import Garbled, Reply
from tests.builders import an_access_point
from tests.provisioning.kit import driver_of
from wifi_manager.domain.access_points import Band, Radio
from wifi_manager.domain.hardware import FoundRadio, Hardware, differences

PATHS = "wireless.radio0.path='platform/soc/18000000.wifi'\nwireless.radio1.path='platform/soc/18000000.wifi+1'\n"
BOARD = {
    "model": {"id": "example,ax3", "name": "Example AX3"},
    "wlan": {
        "phy0": {
            "path": "platform/soc/18000000.wifi",
            "info": {"bands": {"2G": {"ht": True, "he": True, "modes": ["NOHT", "HT20", "HT40", "HE20", "HE40"]}}},
        },
        "phy1": {
            "path": "platform/soc/18000000.wifi+1",
            "info": {
                "bands": {
                    "5G": {"modes": ["NOHT", "HT20", "VHT80", "HE80"]},
                    "6G": {"modes": ["NOHT", "HE80", "EHT160"]},
                }
            },
        },
    },
}
IW = """phy#1
\tInterface phy1-ap0
\t\tifindex 12
\t\tssid City Wi-Fi
\t\ttype AP
\t\tchannel 36 (5180 MHz), width: 80 MHz, center1: 5210 MHz
\t\ttxpower 23.00 dBm
phy#0
\tInterface phy0-ap0
\t\ttype AP
\t\tchannel 6 (2437 MHz), width: 20 MHz, center1: 2437 MHz
"""


def told(board="", iw="", paths="", serial=""):
    files = {"board": board, "iw": iw, "paths": paths, "serial": serial}
    archive = pack({name: text.encode() for name, text in files.items()})
    return read_hardware(Reply(0, b"PROV HARDWARE\n" + archive, b""), "Example AX3", "OpenWrt 24.10.2")


def test_radios_have_the_name_of_the_configuration_the_band_and_channel_of_the_air_and_what_they_can_do():
    found = told(json.dumps(BOARD), IW, PATHS, "EX-0042\n")

    assert (found.model, found.firmware, found.serial) == ("Example AX3", "OpenWrt 24.10.2", "EX-0042")
    assert found.radios == (
        FoundRadio("radio0", "2.4", 6, "802.11ax"),
        FoundRadio("radio1", "5", 36, "802.11ax"),
    )


@pytest.mark.parametrize(
    ("given", "radios"),
    [
        ({}, ()),
        ({"board": "{", "iw": IW}, (FoundRadio("radio0", "2.4", 6), FoundRadio("radio1", "5", 36))),
        ({"board": '{"wlan": []}', "iw": "phy#0\n"}, (FoundRadio("radio0"),)),
        ({"board": '{"wlan": {"phy0": {"info": {"bands": {"6G": {}}}}}}'}, (FoundRadio("radio0", "6"),)),
        ({"board": '{"wlan": {"phy0": {"info": 7}, "phy1": 7}}'}, (FoundRadio("radio0"),)),
        ({"board": json.dumps(BOARD)}, (FoundRadio("radio0", "2.4", 0, "802.11ax"), FoundRadio("radio1"))),
    ],
)  # fmt: skip
def test_what_a_device_does_not_tell_is_not_invented(given, radios):
    assert told(**given).radios == radios


@pytest.mark.parametrize(("serial", "kept"), [("EX-1\nEX-2\n", "EX-1"), ("<script>", ""), ("", ""), ("x" * 999, "")])
def test_a_serial_number_is_one_plain_word(serial, kept):
    assert told(serial=serial).serial == kept


def test_a_helper_from_before_is_understood_and_nonsense_is_not():
    old = Reply(1, b"PROV ERROR USAGE\n", b"")
    assert read_hardware(old, "A", "B") == Hardware("A", "B")
    with pytest.raises(Refused):
        read_hardware(Reply(1, b"PROV ERROR WRITE\n", b""), "A", "B")
    with pytest.raises(Garbled):
        read_hardware(Reply(0, b"PROV BOARD\n", b""), "A", "B")


def test_where_the_list_and_the_device_disagree_is_said_and_nothing_else_is():
    radios = (Radio("radio0", Band.GHZ_2_4, 6), Radio("radio1", Band.GHZ_5, 36), Radio("radio2", Band.GHZ_6))
    listed = an_access_point(model="example ax3", radios=radios)
    found = (FoundRadio("radio0", "2.4", 6), FoundRadio("radio1", "5", 0), FoundRadio("radio2", "6", 5))
    assert differences(listed, Hardware("Example AX3", "", "", found)) == ()
    assert differences(listed, Hardware()) == ()

    other = (FoundRadio("radio0", "5", 36), FoundRadio("radio1", "5", 149), FoundRadio("radio3"))
    assert differences(listed, Hardware("Example AX9", radios=other)) == (
        "The list says model example ax3; the device is Example AX9.",
        "The list says 2.4 GHz for radio0; it is 5 GHz on the device.",
        "The list says channel 36 for radio1; it is on 149.",
        "The list has radio2; the device has no such radio.",
        "The device has radio3; the list has no such radio.",
    )


@pytest.mark.root
@pytest.mark.lab
def test_an_access_point_of_the_lab_tells_what_lies_on_it_and_leaves_nothing_behind(ap):
    ap.run(f"cat >/etc/board.json <<'EOF'\n{json.dumps(BOARD)}\nEOF")
    ap.run("uci set wireless.radio0=wifi-device; uci set wireless.radio0.path=platform/soc/18000000.wifi")

    found = driver_of(ap).hardware("Example AX3", "")

    assert found.radios == (FoundRadio("radio0", "2.4", 0, "802.11ax"), FoundRadio("radio1"))
    assert ap.run("ls /tmp | grep hardware || true") == ""
