"""An Intent is right as a whole, or it says every place that is wrong."""

import ipaddress
import tomllib
from pathlib import Path
from typing import Any

import pytest

from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent, ManagementLine
from wifi_manager.domain.intent_documents import intent_from_document
from wifi_manager.domain.intent_networks import KINDS, Open, WirelessNetwork, Wpa2Personal, Wpa3Personal
from wifi_manager.domain.intent_radios import RadioIntent
from wifi_manager.domain.intent_secrets import filled, secrets_in

EXAMPLE = Path(__file__).parents[2] / "configs/access_points/intent.example.toml"


def _intent(**fields: Any) -> Intent:
    default: dict[str, Any] = {
        "hostname": "park-01",
        "management": ManagementLine(ipaddress.ip_interface("192.168.1.5/24")),
        "radios": (RadioIntent("radio0", Band.GHZ_2_4, "KR"), RadioIntent("radio1", Band.GHZ_6, "KR")),
        "networks": (),
    }
    return Intent(**{**default, **fields})


def _network(**fields: Any) -> WirelessNetwork:
    default = {"name": "visitors", "ssid": "City", "security": Open(), "radios": ("radio0",)}
    return WirelessNetwork(**{**default, **fields})


@pytest.mark.parametrize("ssid", ["a", "x" * 32, "가나다라마바사아자차ab", "Joe's", " "])
def test_a_networks_name_of_1_to_32_bytes_is_fine(ssid):
    assert _intent(networks=(_network(ssid=ssid),)).networks[0].ssid == ssid


@pytest.mark.parametrize(
    ("ssid", "problem"),
    [
        ("", "0 bytes"),
        ("x" * 33, "33 bytes"),
        ("가나다라마바사아자차카", "33 bytes"),
        ("a\nb", "newline"),
        ("a\rb", "newline"),
        ("a\tb", "control character"),
        ("a\0b", "control character"),
        ("\ud800", "not valid Unicode"),
    ],
)
def test_a_networks_name_is_refused_with_its_place_and_the_reason(ssid, problem):
    with pytest.raises(BadInput, match=rf"^networks\[1\]\.ssid: .*{problem}"):
        _intent(networks=(_network(name="other"), _network(ssid=ssid)))


@pytest.mark.parametrize(
    ("network", "place"),
    [
        (_network(security=Wpa3Personal("short")), "key"),
        (_network(security=Wpa3Personal("x" * 64)), "key"),
        (_network(vlan=0), "vlan"),
        (_network(vlan=4095), "vlan"),
        (_network(radios=()), "radios"),
        (_network(radios=("radio7",)), "radios"),
        (_network(radios=("radio1",)), "encryption"),
        (_network(security=Wpa2Personal("long enough"), radios=("radio1",)), "encryption"),
        (_network(name="a_b"), "name"),
        (_network(name="a b"), "name"),
    ],
)
def test_each_wrong_value_of_a_network_is_named(network, place):
    with pytest.raises(BadInput, match=rf"^networks\[0\]\.{place}: "):
        _intent(networks=(network,))


@pytest.mark.parametrize(
    ("radio", "place"),
    [
        (RadioIntent("radio0", Band.GHZ_2_4, "KR", 36), "channel"),
        (RadioIntent("radio0", Band.GHZ_5, "KR", 6), "channel"),
        (RadioIntent("radio0", Band.GHZ_2_4, "KR", 1, 80), "width_mhz"),
        (RadioIntent("radio0", Band.GHZ_2_4, "kr"), "country"),
        (RadioIntent("radio 0", Band.GHZ_2_4, "KR"), "name"),
        (RadioIntent("radio0", Band.GHZ_2_4, "KR", path="a'b"), "path"),
    ],
)
def test_each_wrong_value_of_a_radio_is_named(radio, place):
    with pytest.raises(BadInput, match=rf"^radios\[0\]\.{place}: "):
        _intent(radios=(radio,))


@pytest.mark.parametrize(
    ("fields", "place"),
    [
        ({"hostname": "a_b"}, "hostname"),
        ({"hostname": "-a"}, "hostname"),
        ({"ntp": ("time.example.net", "a b")}, r"ntp\[1\]"),
        ({"management": ManagementLine(ipaddress.ip_interface("192.168.1.0/24"))}, "management.address"),
        ({"management": ManagementLine(ipaddress.ip_interface("127.0.0.1/8"))}, "management.address"),
        (
            {
                "management": ManagementLine(
                    ipaddress.ip_interface("192.168.1.5/24"), ipaddress.ip_address("10.0.0.1")
                )
            },
            "management.gateway",
        ),
        ({"management": ManagementLine(ipaddress.ip_interface("192.168.1.5/24"), port="a;b")}, "management.port"),
        ({"networks": (_network(), _network())}, r"networks\[1\].name"),
    ],
)
def test_each_wrong_value_of_the_whole_is_named(fields, place):
    with pytest.raises(BadInput, match=f"^{place}: "):
        _intent(**fields)


def test_all_wrong_places_are_named_at_once():
    with pytest.raises(BadInput) as refusal:
        _intent(hostname="", networks=(_network(ssid="", vlan=0),))

    assert [line.split(":")[0] for line in str(refusal.value).splitlines()] == [
        "hostname",
        "networks[0].ssid",
        "networks[0].vlan",
    ]


def test_no_repr_and_no_error_shows_a_key():
    network = _network(security=Wpa3Personal("short"))
    with pytest.raises(BadInput) as refusal:
        _intent(networks=(network,))

    assert "short" not in repr(network) + str(refusal.value)


def test_the_example_that_is_shipped_can_be_used_and_has_every_kind_of_network():
    document = tomllib.loads(EXAMPLE.read_text())
    intent = intent_from_document(filled(document, {name: f"kept-as-{name}" for name in secrets_in(document)}))

    assert intent.networks[0].ssid == "시청 공공와이파이"
    assert {type(network.security) for network in intent.networks} == set(KINDS.values())


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"hostname": 5}, "hostname: a text"),
        ({"hostnam": "a"}, "hostnam: is not known here"),
        ({"management": None}, "management: a table"),
        ({"management": {"address": "192.168.1.5"}}, "management.address: an address with its prefix"),
        ({"management": {"address": "192.168.1.500/24"}}, "management.address: "),
        ({"management": {}}, "management.address: is missing"),
        ({"radios": [{"name": "radio0", "band": 2.4, "country": "KR"}]}, r"radios\[0\].band: one of 2.4, 5, 6"),
        (
            {"radios": [{"name": "r", "band": "5", "country": "KR", "channel": "36"}]},
            r"radios\[0\].channel: a whole number",
        ),
        ({"radios": {}}, "radios: an array of tables"),
        ({"ntp": "time.example.net"}, "ntp: a list of texts"),
    ],
)
def test_a_document_names_the_place_that_cannot_be_read(change, place):
    document = {"hostname": "a", "management": {"address": "192.168.1.5/24"}, **change}

    with pytest.raises(BadInput, match=f"^{place}"):
        intent_from_document(document)
