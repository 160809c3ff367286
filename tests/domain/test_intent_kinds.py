"""Each kind of network as a document says it: what it asks for, what it refuses, and where it says so."""

import ipaddress
from typing import Any

import pytest

from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent import Intent
from wifi_manager.domain.intent_documents import intent_from_document
from wifi_manager.domain.intent_networks import (
    KINDS,
    FastRoaming,
    Open,
    Owe,
    OweTransition,
    Pmf,
    Security,
    Wpa2Personal,
    Wpa2Wpa3Enterprise,
    Wpa2Wpa3Personal,
    Wpa3Enterprise,
    Wpa3Personal,
    roaming_key,
)

KEY = "a-passphrase"
NEEDS: dict[str, dict[str, Any]] = {
    "psk2": {"key": KEY},
    "sae": {"key": KEY},
    "sae-mixed": {"key": KEY},
    "wpa3": {"authentication": ["main"], "accounting": ["main"]},
    "wpa3-mixed": {"authentication": ["main"]},
}
ROAMING = ("psk2", "sae", "sae-mixed", "wpa3", "wpa3-mixed")
ON_6_GHZ = ("owe", "sae", "wpa3")


def document(*networks: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {
        "hostname": "park-01",
        "management": {"address": "192.168.1.5/24"},
        "radius": [{"name": "main", "address": "192.0.2.7", "secret": "between-us"}],
        "radios": [
            {"name": name, "band": band, "country": "KR"} for name, band in (("a", "2.4"), ("b", "5"), ("c", "6"))
        ],
        "networks": list(networks),
        **fields,
    }


def network(word: str = "open", **fields: Any) -> dict[str, Any]:
    return {"name": "n", "ssid": "City", "encryption": word, "radios": ["a"], **NEEDS.get(word, {}), **fields}


def read(*networks: dict[str, Any], **fields: Any) -> Intent:
    return intent_from_document(document(*networks, **fields))


def refusal(*networks: dict[str, Any], **fields: Any) -> str:
    with pytest.raises(BadInput) as refused:
        read(*networks, **fields)
    return str(refused.value)


@pytest.mark.parametrize(
    ("word", "security", "pmf"),
    [
        ("open", Open(), Pmf.OFF),
        ("owe", Owe(), Pmf.REQUIRED),
        ("owe-transition", OweTransition(), Pmf.OFF),
        ("psk2", Wpa2Personal(KEY), Pmf.OPTIONAL),
        ("sae", Wpa3Personal(KEY), Pmf.REQUIRED),
        ("sae-mixed", Wpa2Wpa3Personal(KEY), Pmf.OPTIONAL),
        ("wpa3", Wpa3Enterprise(("main",), ("main",)), Pmf.REQUIRED),
        ("wpa3-mixed", Wpa2Wpa3Enterprise(("main",)), Pmf.OPTIONAL),
    ],
)
def test_each_word_is_a_kind_with_what_that_demands(word: str, security: Security, pmf: Pmf):
    assert read(network(word)).networks[0].security == security
    assert security.pmf is pmf


def test_every_kind_is_in_the_table_above():
    assert set(KINDS) == {"open", "owe", "owe-transition", *NEEDS}


@pytest.mark.parametrize("word", KINDS)
def test_6_ghz_takes_owe_and_wpa3_alone(word):
    asked = network(word, radios=["c"])
    if word in ON_6_GHZ:
        assert read(asked).networks[0].radios == ("c",)
    else:
        assert refusal(asked).startswith("networks[0].encryption: 6 GHz allows owe, sae, wpa3 only")
        assert "6 GHz" in refusal(network(word, radios=[], bands=["5", "6"]))


@pytest.mark.parametrize("word", KINDS)
def test_802_11r_needs_a_key_to_hand_over(word):
    asked = network(word, ieee80211r=True, ft_over_ds=True, reassociation_deadline=1000)
    if word in ROAMING:
        assert read(asked).networks[0].fast_roaming == FastRoaming(over_ds=True, deadline_tu=1000)
    else:
        assert refusal(asked) == f"networks[0].ieee80211r: {word} has no key to hand over (802.11r); remove it."


def test_how_a_network_roams_may_be_said_where_it_does_not():
    assert read(network(ft_over_ds=True, ieee80211r=False)).networks[0].fast_roaming is None


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (network("psk2", key="short"), "networks[0].key: 8 to 63 printable ASCII"),
        (network("psk2", key="x" * 64), "networks[0].key: 8 to 63 printable ASCII"),
        (network("psk2", key="비밀번호비밀번호"), "networks[0].key: 8 to 63 printable ASCII"),
        (network("sae", key="0f" * 32), "networks[0].key: 64 hex digits are a finished key, and sae needs"),
        (network("sae-mixed", key={"stored": "staff"}), "networks[0].key: the secret 'staff' is not known here"),
        (network("sae", key=5), 'networks[0].key: a text in quotes is expected, or { stored = "NAME" }'),
        ({**network("sae"), "key": ""}, "networks[0].key: 8 to 63"),
        (network("open", key=KEY), "networks[0].key: open has no key; remove it, or choose one of psk2, sae"),
        (network("wpa3", key=KEY), "networks[0].key: wpa3 has no key"),
        (network("owe", authentication=["main"]), "networks[0].authentication: owe asks no RADIUS server"),
        (network("sae", accounting=["main"]), "networks[0].accounting: sae asks no RADIUS server"),
        (network("wpa3", authentication=[]), "networks[0].authentication: wpa3 needs a RADIUS server"),
        (network("wpa3", authentication=["x"]), "networks[0].authentication: there is no RADIUS server 'x'; known: main"),
        (network("wpa3", accounting=["x"]), "networks[0].accounting: there is no RADIUS server 'x'"),
        (network("wep"), "networks[0].encryption: one of open, owe, owe-transition, psk2"),
        (network(bands=["5"]), "networks[0].bands: say radios or bands, not both"),
        (network(radios=[]), "networks[0].radios: name at least one radio or band"),
        (network(max_stations=0), "networks[0].max_stations: 0 is not possible; 1 to 2007"),
        (network(hidden="yes"), "networks[0].hidden: true or false is expected"),
        (network("sae", ieee80211r=True, reassociation_deadline=5), "networks[0].reassociation_deadline: 5 is not"),
        (network(vlan=9), "networks[0].vlan: 9 is the management's"),
        (network(bands=["7"], radios=[]), "networks[0].bands: one of 2.4, 5, 6"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_named_with_its_place_and_what_to_do(asked, said):
    told = refusal(asked, management={"address": "192.168.1.5/24", "vlan": 9})
    assert told.startswith(said)
    assert KEY not in told


def test_64_hex_digits_are_a_finished_key_for_wpa2():
    assert read(network("psk2", key="0F" * 32)).networks[0].security == Wpa2Personal("0F" * 32)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"address": "radius.example.net"}, "radius[0].address: "),
        ({"address": "0.0.0.0"}, "radius[0].address: 0.0.0.0 cannot be the address of a server"),
        ({"secret": "two words"}, "radius[0].secret: 1 to 128 printable ASCII characters without spaces"),
        ({"port": 0}, "radius[0].port: 0 is no port"),
        ({"accounting_port": 65536}, "radius[0].accounting_port: 65536 is no port"),
        ({"name": "a b"}, "radius[0].name: 1 to 15"),
    ],
)
def test_each_wrong_value_of_a_radius_server_is_named_and_its_secret_is_not(changed, said):
    server = {"name": "main", "address": "192.0.2.7", "secret": "between-us", **changed}
    told = refusal(radius=[server])
    assert told.startswith(said)
    assert server["secret"] not in told


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"syslog": {"host": "a b"}}, "syslog.host: a host name"),
        ({"syslog": {"host": "log", "port": 0}}, "syslog.port: 0 is no port"),
        ({"syslog": {"host": "log", "protocol": "tls"}}, "syslog.protocol: one of udp, tcp"),
        ({"snmp": {"community": "public", "sources": ["192.0.2.0/24"]}}, "snmp.community: 8 to 32"),
        ({"snmp": {"community": "not-public", "sources": []}}, "snmp.sources: the networks that may ask"),
        ({"snmp": {"community": "not-public", "sources": ["192.0.2.1/24"]}}, "snmp.sources: "),
        ({"snmp": {"community": "not-public", "sources": ["::/0"], "contact": "a\nb"}}, "snmp.contact: one line"),
        ({"banner": "\x1b[2J"}, "banner: a control character"),
        ({"banner": "가" * 667}, "banner: 2001 bytes of UTF-8; at most 2000"),
        ({"management": {"address": "192.168.1.5/24", "vlan": 0}}, "management.vlan: 0 is no VLAN"),
        ({"outdoor": 1}, "outdoor: true or false"),
    ],
)
def test_each_wrong_value_beside_the_radios_is_named(fields, said):
    assert refusal(**fields).startswith(said)


POOL = {
    "name": "p",
    "vlan": 30,
    "address": "10.30.0.2/24",
    "first": "10.30.0.100",
    "last": "10.30.0.199",
    "router": "10.30.0.1",
}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"vlan": 31}, "pools[0].vlan: no network is in VLAN 31; those with one: 30"),
        ({"first": "10.31.0.1"}, "pools[0].first: 10.31.0.1 is no address for a device inside 10.30.0.0/24"),
        ({"last": "10.30.0.255"}, "pools[0].last: 10.30.0.255 is no address"),
        ({"last": "10.30.0.99"}, "pools[0].last: 10.30.0.99 comes before"),
        ({"router": "10.30.0.100"}, "pools[0].router: 10.30.0.100 would be given to a device as well"),
        ({"address": "10.30.0.150/24"}, "pools[0].address: 10.30.0.150 would be given"),
        ({"address": "2001:db8::1/64"}, "pools[0].address: "),
        ({"lease_minutes": 1}, "pools[0].lease_minutes: 1 is not possible"),
        ({"captive_api": "http://portal.example/"}, "pools[0].captive_api: an https address"),
        ({"captive_api": "https://portal.example/a,b"}, "pools[0].captive_api: an https address"),
        ({"captive_api": "https://portal.example/" + "a" * 255}, "pools[0].captive_api: an https address"),
        ({"name": "-"}, "pools[0].name: 1 to 15"),
    ],
)
def test_each_wrong_value_of_a_pool_is_named(changed, said):
    assert refusal(network(vlan=30), pools=[{**POOL, **changed}]).startswith(said)


def test_one_vlan_has_one_pool():
    told = refusal(network(vlan=30), pools=[POOL, {**POOL, "name": "q"}])
    assert told == "pools[1].vlan: VLAN 30 has a pool already; one of them has to go."


def test_a_network_on_bands_is_on_every_radio_of_them_and_on_none_where_there_is_none():
    intent = read(network(radios=[], bands=["2.4", "5"]), network(name="m", ssid="Other", radios=[], bands=["5"]))
    assert [radio.name for radio in intent.air.radios_of(intent.networks[0])] == ["a", "b"]
    bare = read(network(radios=[], bands=["5"]), radios=[])
    assert bare.air.radios_of(bare.networks[0]) == ()


def test_access_points_with_one_network_name_have_one_mobility_domain_and_one_key():
    here, there = (read(network("sae", ieee80211r=True), hostname=name).networks[0] for name in ("a", "b"))
    other = read(network("sae", ieee80211r=True, ssid="Other")).networks[0]
    assert here.mobility_domain == there.mobility_domain != other.mobility_domain
    assert roaming_key(here, {}) == roaming_key(there, {}) != roaming_key(other, {})
    assert (len(here.mobility_domain), len(roaming_key(here, {}) or "")) == (4, 64)


def test_another_passphrase_is_another_key_and_wpa2_alone_needs_none():
    first, second = (read(network("sae", ieee80211r=True, key=key)).networks[0] for key in (KEY, KEY + "!"))
    assert roaming_key(first, {}) != roaming_key(second, {})
    assert roaming_key(read(network("psk2", ieee80211r=True)).networks[0], {}) is None
    assert roaming_key(read(network("sae")).networks[0], {}) is None


def test_an_enterprise_network_hands_over_by_its_first_servers_secret():
    intent = read(network("wpa3", ieee80211r=True))
    servers = {server.name: server for server in intent.radius}
    changed = {"main": type(servers["main"])("main", ipaddress.ip_address("192.0.2.7"), "another")}
    assert roaming_key(intent.networks[0], servers) != roaming_key(intent.networks[0], changed)


def test_the_hidden_half_of_an_owe_transition_has_a_short_name_of_its_own():
    seen = read(network("owe-transition", ssid="가나다라마바사아자차ab")).networks[0]
    assert seen.ssids == (seen.ssid, seen.owe_twin)
    assert len(seen.owe_twin.encode()) <= 32


def test_no_repr_shows_a_secret():
    intent = read(network("sae"), snmp={"community": "not-public", "sources": ["192.0.2.0/24"]})
    assert not any(secret in repr(intent) for secret in (KEY, "between-us", "not-public"))
