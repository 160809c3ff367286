"""Any network name, banner or key arrives exactly as it is, or is refused in words: nothing else can come of it."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from provisioning.changes import shown
from provisioning.config_files import ConfigFiles
from provisioning.rendering import render
from provisioning.uci import Section, parse
from tests.provisioning.golden import RADIUS
from tests.provisioning.kit import KEY, a_network, an_intent
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_networks import (
    FastRoaming,
    OweTransition,
    RadiusServer,
    Wpa2Personal,
    Wpa3Enterprise,
    Wpa3Personal,
    roaming_key,
)
from wifi_manager.domain.intent_services import Snmp
from wifi_manager.domain.intent_tables import subnets

pytestmark = pytest.mark.slow

ADDRESS = "192.168.77.10/24"
ANY = st.text(st.characters(), max_size=40)  # lone surrogates and control characters among them
TRICKY = st.text(st.sampled_from("'\"\\;#$` \t\n\r\0가é👨‍👩‍👧x"), max_size=40)
TEXTS = ANY | TRICKY
SHAPE = [
    (section.type, section.name)
    for section in parse(render(an_intent(ADDRESS, a_network())).text("etc/config/wireless"))
]


def sections(files: ConfigFiles, package: str = "wireless") -> dict[str | None, Section]:
    return {section.name: section for section in parse(files.text(f"etc/config/{package}"))}


def made(build: Callable[[], Intent], place: str) -> ConfigFiles | None:
    """The files, or None where the place was refused in words."""
    try:
        return render(build())
    except BadInput as refused:
        said = str(refused).splitlines()
    assert all(line.startswith(f"{place}: ") and line.endswith(".") for line in said)
    return None


@settings(max_examples=60)
@given(TEXTS)
@example("Joe's Café")
@example("가나다라마바사아자차ab")
@example("가나다라마바사아자차카")
@example("x'\n\toption disabled '1")
@example("👨‍👩‍👧" + "x" * 14)
@example(" ")
@example("a\x85b")
def test_a_networks_name_arrives_exactly_or_is_refused(ssid):
    files = made(lambda: an_intent(ADDRESS, a_network(ssid=ssid)), "networks[0].ssid")
    if files is None:
        assert not 1 <= len(ssid.encode(errors="surrogatepass")) <= 32 or not ssid.isprintable()
        return
    found = sections(files)
    assert 1 <= len(ssid.encode()) <= 32
    assert [(each.type, each.name) for each in found.values()] == SHAPE
    assert found["visitors_radio0"].get("ssid") == ssid
    assert found["visitors_radio0"].get("disabled") is None


@pytest.mark.parametrize("kind", [Wpa2Personal, Wpa3Personal])
@settings(max_examples=40)
@given(key=TEXTS | st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=8, max_size=63))
@example(key="'; option disabled 1 #")
@example(key="0F" * 32)
def test_a_key_arrives_exactly_or_is_refused_and_is_never_shown(kind: Callable[[str], Any], key):
    files = made(lambda: an_intent(ADDRESS, a_network(security=kind(key))), "networks[0].key")
    if files is None:
        assert not (8 <= len(key) <= 63 and key.isascii() and key.isprintable())
        return
    assert sections(files)["visitors_radio0"].get("key") == key


@settings(max_examples=40)
@given(secret=TEXTS | st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1))
def test_a_radius_secret_arrives_exactly_or_is_refused(secret):
    server = RadiusServer("main", RADIUS.address, secret)
    secured = a_network(security=Wpa3Enterprise(("main",)))
    files = made(lambda: an_intent(ADDRESS, secured, radius=(server,)), "radius[0].secret")
    assert files is None or sections(files)["visitors_radio0"].get("auth_secret") == secret


@settings(max_examples=60)
@given(TEXTS)
@example("Welcome.\n\n  시청\t👋\n")
@example("\x1b[2J")
def test_a_banner_arrives_exactly_or_is_refused(banner):
    files = made(lambda: an_intent(ADDRESS, banner=banner), "banner")
    if files is not None:
        assert files.content.get("etc/banner", b"") == banner.encode()


@settings(max_examples=40)
@given(TEXTS)
def test_what_snmp_tells_arrives_exactly_or_is_refused(location):
    snmp = Snmp("not-public", subnets(["192.0.2.0/24"]), location=location)
    files = made(lambda: an_intent(ADDRESS, snmp=snmp), "snmp.location")
    assert files is None or (sections(files, "snmpd")["system"].get("sysLocation") or "") == location


@settings(max_examples=30)
@given(TEXTS)
def test_the_halves_of_an_owe_transition_name_each_other_whatever_the_name_is(ssid):
    files = made(lambda: an_intent(ADDRESS, a_network(ssid=ssid, security=OweTransition())), "networks[0].ssid")
    if files is None:
        return
    found = sections(files)
    seen, hidden = found["visitors_radio0"], found["visitors_radio0_owe"]
    assert seen.get("owe_transition_ifname") == hidden.get("ifname")
    assert hidden.get("owe_transition_ifname") == seen.get("ifname")
    assert (seen.get("hidden"), hidden.get("hidden"), hidden.get("encryption")) == (None, "1", "owe")
    assert seen.get("ssid") == ssid != hidden.get("ssid")


def test_no_diff_shows_what_follows_from_a_secret():
    roaming = a_network(security=Wpa3Personal(KEY), fast_roaming=FastRoaming())
    snmp = Snmp("not-public", subnets(["192.0.2.0/24", "2001:db8::/32"]))
    files = render(an_intent(ADDRESS, roaming, snmp=snmp))
    derived = roaming_key(roaming, {})
    assert derived
    assert derived in files.text("etc/config/wireless")
    assert not any(secret in shown(files.content) for secret in (KEY, derived, "not-public"))
