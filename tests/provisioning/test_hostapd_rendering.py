"""Intent → hostapd.conf: every name and key arrives as it is, nothing is injected, and real hostapd reads each file."""

import dataclasses
import string

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from provisioning.changes import shown
from provisioning.config_files import MANAGED
from provisioning.hostapd_rendering import hostapd_conf
from provisioning.linux_rendering import LINES, render
from tests.provisioning.hostapd_golden import GOLDEN, golden
from tests.provisioning.hostapd_kit import NETWORKS, RADIO, RADIUS, an_access_point, hostapd_without_a_radio
from tests.provisioning.kit import KEY, a_network, an_intent
from wifi_manager.domain.access_points import Band
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_networks import (
    Owe,
    OweTransition,
    Wpa2Personal,
    Wpa2Wpa3Personal,
    Wpa3Personal,
    ssid_problem,
)
from wifi_manager.domain.intent_radios import CHANNELS, WIDTHS_MHZ, RadioIntent

_NASTY = st.text(st.sampled_from("'\"\\\n\r\0#=가🛜 \tbs|id\u2028\x85"), min_size=1, max_size=40)
_SSIDS = st.one_of(_NASTY, st.text(min_size=1, max_size=32))
_KEYS = st.one_of(
    st.text(string.printable[:94] + " ", min_size=8, max_size=63),
    st.sampled_from(["a|id=x|mac=ff", "#comment", " spaces  ", 'quote"quote', "bss=wlan9_9", "hash # in it"]),
)


def _lines(conf: str) -> list[tuple[str, str]]:
    """As hostapd reads it: to the newline, the first = parts, a line that begins with # is none."""
    return [(word, value) for word, _, value in (line.partition("=") for line in conf.split("\n") if line)]


def _words(conf: str) -> list[str]:
    return [word for word, _ in _lines(conf)]


@given(ssid=_SSIDS)
def test_a_networks_name_arrives_byte_for_byte_or_is_refused_by_name(ssid):
    plain = _words(hostapd_conf(an_access_point(a_network()), RADIO))
    if ssid_problem(ssid):
        with pytest.raises(BadInput, match="ssid"):
            an_access_point(a_network(ssid=ssid))
        return
    conf = hostapd_conf(an_access_point(a_network(ssid=ssid)), RADIO)

    assert bytes.fromhex(dict(_lines(conf))["ssid2"]) == ssid.encode()
    assert _words(conf) == plain


@given(key=_KEYS, kind=st.sampled_from([Wpa2Personal, Wpa3Personal]))
def test_a_key_arrives_as_it_is_and_adds_no_line(key, kind):
    plain = _words(hostapd_conf(an_access_point(a_network(security=kind(KEY))), RADIO))
    conf = hostapd_conf(an_access_point(a_network(security=kind(key))), RADIO)

    assert dict(_lines(conf))["wpa_passphrase"] == key
    assert _words(conf) == plain


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ssid=_SSIDS.filter(lambda ssid: ssid_problem(ssid) is None),
    key=_KEYS,
    secret=st.text(string.printable[:94], min_size=1, max_size=128),
)
def test_real_hostapd_takes_any_name_key_and_secret_that_the_city_may_want(ssid, key, secret, tmp_path):
    radius = dataclasses.replace(RADIUS, secret=secret)
    mixed = a_network(ssid=ssid, security=Wpa2Wpa3Personal(key))
    for network in (mixed, dataclasses.replace(NETWORKS["wpa3"], ssid=ssid)):
        conf = hostapd_conf(dataclasses.replace(an_access_point(network), radius=(radius,)), RADIO)

        heard = hostapd_without_a_radio(conf, tmp_path)

        assert heard.is_accepted, heard.output


@pytest.mark.parametrize("kind", NETWORKS)
def test_real_hostapd_takes_every_kind_of_network(kind, tmp_path):
    heard = hostapd_without_a_radio(hostapd_conf(an_access_point(NETWORKS[kind]), RADIO), tmp_path)

    assert heard.is_accepted, heard.output


_RADIOS = [
    RadioIntent("radio0", band, "KR", channel, width)
    for band in Band
    for width in sorted(WIDTHS_MHZ[band])
    for channel in (0, min(CHANNELS[band]), max(CHANNELS[band]))
]


@pytest.mark.parametrize("radio", _RADIOS, ids=lambda radio: f"{radio.band}-{radio.width_mhz}-{radio.channel}")
def test_real_hostapd_takes_every_band_and_width(radio, tmp_path):
    conf = hostapd_conf(an_access_point(NETWORKS["sae"], radio=radio), radio)

    assert hostapd_without_a_radio(conf, tmp_path).is_accepted


def test_hostapd_would_have_refused_a_word_it_does_not_know(tmp_path):
    conf = hostapd_conf(an_access_point(NETWORKS["sae"]), RADIO) + "no_such_word=1\n"

    assert not hostapd_without_a_radio(conf, tmp_path).is_accepted


@pytest.mark.parametrize("name", golden())
def test_every_kind_renders_to_its_golden_file(name):
    assert golden()[name] == (GOLDEN / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", NETWORKS)
def test_owe_and_sae_never_go_without_protected_management_frames(kind):
    for cell in hostapd_conf(an_access_point(NETWORKS[kind]), RADIO).split("\nbss="):
        said = dict(_lines(cell))
        suites = said.get("wpa_key_mgmt", "").split()
        if "OWE" in suites or suites in (["SAE"], ["SAE", "FT-SAE"]):
            assert said["ieee80211w"] == "2"
        if "SAE" in suites and "WPA-PSK" in suites:
            assert (said["ieee80211w"], said["sae_require_mfp"]) == ("1", "1")


def test_both_halves_of_an_owe_transition_name_each_others_interface():
    conf = hostapd_conf(an_access_point(a_network(), a_network(name="two", security=OweTransition())), RADIO)
    cells = [dict(_lines(f"bss={cell}")) for cell in conf.split("\nbss=")]

    assert [cell.get("owe_transition_ifname") for cell in cells] == [None, "wlan0_2", "wlan0_1"]
    assert [cell["bss"] for cell in cells[1:]] == ["wlan0_1", "wlan0_2"]


def test_the_helper_is_told_each_bridge_once_and_the_power_of_each_radio():
    radio = RadioIntent("radio0", Band.GHZ_2_4, "KR", 6, path="wlp3s0", power_dbm=12)
    files = render(an_access_point(a_network(vlan=30), a_network(name="b", security=Owe(), vlan=30), radio=radio))

    assert files.text(LINES) == (
        "bridge br-lan eth0 - 192.168.77.10/24 -\nbridge br-vlan30 eth0 30 - -\npower wlp3s0 12\n"
    )
    assert files.text(MANAGED).splitlines() == sorted(files.content)


def test_a_radio_without_a_network_keeps_silent():
    assert render(an_intent()).text("etc/hostapd/radio1.conf").startswith("#")


@pytest.mark.parametrize(
    "radio",
    [
        dataclasses.replace(RADIO, path="platform/soc/18000000.wifi"),
        dataclasses.replace(RADIO, path="wlan0-too-long"),
        dataclasses.replace(RADIO, path="_"),
    ],
)
def test_a_radio_whose_interface_is_not_known_is_refused_with_what_to_do(radio):
    with pytest.raises(BadInput, match="iw dev"):
        render(an_access_point(a_network(), radio=radio))


def test_no_key_is_shown_to_a_person():
    files = render(an_access_point(NETWORKS["sae-roaming"], dataclasses.replace(NETWORKS["wpa3-mixed"], name="b")))
    seen = shown(files.content)

    assert KEY in files.text("etc/hostapd/radio0.conf")
    assert KEY not in seen
    assert RADIUS.secret not in seen
    assert "r0kh='(secret" in seen
