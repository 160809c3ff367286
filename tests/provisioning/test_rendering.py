"""Intent → files: the same bytes each time, whole files, and nothing that hostapd would swallow silently."""

import ipaddress

import pytest

from provisioning.config_files import MANAGED, ConfigFiles
from provisioning.rendering import render
from provisioning.uci import Section, parse
from tests.provisioning.kit import KEY, a_network, an_intent
from wifi_manager.domain.intent import ManagementLine
from wifi_manager.domain.intent_networks import Open, Owe, Wpa2Personal, Wpa3Personal


def _sections(files: ConfigFiles, package: str) -> dict[str | None, Section]:
    return {section.name: section for section in parse(files.text(f"etc/config/{package}"))}


def test_the_same_intent_gives_the_same_bytes_and_the_same_digest():
    assert render(an_intent()).content == render(an_intent()).content
    assert render(an_intent()).digest() == render(an_intent()).digest()
    assert render(an_intent(hostname="other")).digest() != render(an_intent()).digest()


def test_the_list_of_managed_files_names_every_file_and_itself():
    files = render(an_intent())

    assert files.text(MANAGED).splitlines() == sorted(files.content)


@pytest.mark.parametrize(
    "ssid", ["시청 공공와이파이", "Joe's Café", "x" * 32, "가나다라마바사아자차ab", '"; option key 1 #', "\\"]
)
def test_a_networks_name_arrives_as_it_is(ssid):
    wireless = _sections(render(an_intent("192.168.77.10/24", a_network(ssid=ssid))), "wireless")

    assert wireless["visitors_radio0"].get("ssid") == ssid


@pytest.mark.parametrize(
    ("security", "expected"),
    [
        (Open(), {"encryption": "none"}),
        (Owe(), {"encryption": "owe", "ieee80211w": "2"}),
        (Wpa2Personal(KEY), {"encryption": "psk2+ccmp", "ieee80211w": "1", "key": KEY}),
        (Wpa3Personal(KEY), {"encryption": "sae", "ieee80211w": "2", "key": KEY}),
    ],
)
def test_each_encryption_says_all_that_hostapd_needs(security, expected):
    wireless = _sections(render(an_intent("192.168.77.10/24", a_network(security=security))), "wireless")
    cell = dict(wireless["visitors_radio0"].options)

    assert {name: cell.get(name) for name in ("encryption", "ieee80211w", "key") if name in cell} == expected
    assert cell["isolate"] == "1"


def test_a_vlan_becomes_a_bridge_without_an_address():
    files = render(an_intent("192.168.77.10/24", a_network(vlan=30), a_network(name="staff", vlan=30)))
    network = _sections(files, "network")

    assert network["br_vlan30"].get("ports") == ("eth0.30",)
    assert network["vlan30"].options == (("device", "br-vlan30"), ("proto", "none"))
    assert _sections(files, "wireless")["staff_radio0"].get("network") == "vlan30"


def test_management_over_ipv6_is_said_in_ipv6s_words():
    line = ManagementLine(ipaddress.ip_interface("2001:db8::5/64"), ipaddress.ip_address("2001:db8::1"))
    lan = _sections(render(an_intent(management=line)), "network")["lan"]

    assert (lan.get("ip6addr"), lan.get("ip6gw"), lan.get("ipaddr")) == ("2001:db8::5/64", "2001:db8::1", None)


def test_an_access_point_gives_out_no_addresses_of_its_own():
    assert _sections(render(an_intent()), "dhcp")["lan"].get("ignore") == "1"


def test_no_repr_of_what_was_rendered_shows_a_key():
    files = render(an_intent("192.168.77.10/24", a_network(security=Wpa3Personal(KEY))))

    assert KEY in files.text("etc/config/wireless")
    assert KEY not in repr(files)
