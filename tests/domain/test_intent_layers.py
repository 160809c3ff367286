"""Layers of intent: the narrower wins, and every value knows where it is from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import an_access_point
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_layers import Layer, Level, Scope, combine, default_layer, scopes_of

FLEET = Layer(
    Scope(Level.FLEET),
    {
        "ntp": ["time.example.net"],
        "management": {"port": "eth0"},
        "radios": [{"name": "radio0", "band": "2.4", "country": "KR", "channel": 6}],
        "networks": [{"name": "visitors", "ssid": "City", "encryption": "open", "radios": ["radio0"], "vlan": 30}],
    },
)
OWN = Layer(Scope(Level.ACCESS_POINT, "AP-0001"), {"management": {"address": "192.168.77.10/24"}})


def layer(scope, **document):
    return Layer(Scope.parse(scope), document)


def test_all_layers_make_one_intent():
    intent = combine([FLEET, default_layer(an_access_point()), OWN]).intent()
    assert (intent.hostname, str(intent.management.address)) == ("AP-0001", "192.168.77.10/24")
    assert [network.ssid for network in intent.networks] == ["City"]


def test_the_narrower_layer_wins_value_by_value_and_is_named():
    site = layer("site:River district/Willow park", networks=[{"name": "visitors", "ssid": "Willow"}])
    combined = combine([FLEET, site, OWN])
    assert combined.document["networks"] == [
        {"name": "visitors", "ssid": "Willow", "encryption": "open", "radios": ["radio0"], "vlan": 30}
    ]
    assert str(combined.origins["networks", "visitors", "ssid"]) == "site:River district/Willow park"
    assert str(combined.origins["networks", "visitors", "vlan"]) == "fleet"


def test_a_list_of_plain_values_is_replaced_as_a_whole():
    assert combine([FLEET, layer("city", ntp=["b", "c"])]).document["ntp"] == ["b", "c"]


def test_a_layer_can_add_a_network_and_take_one_away():
    kind = layer("kind:park", networks=[{"name": "staff", "ssid": "Staff"}, {"name": "visitors", "absent": True}])
    combined = combine([FLEET, kind])
    assert [row["name"] for row in combined.document["networks"]] == ["staff"]
    assert not [path for path in combined.origins if path[:2] == ("networks", "visitors")]


def test_layers_are_not_changed_by_being_combined():
    combine([FLEET, layer("city", management={"port": "eth1"}, networks=[{"name": "visitors", "vlan": 31}])])
    assert FLEET.document["management"] == {"port": "eth0"}
    assert FLEET.document["networks"][0]["vlan"] == 30


def test_an_error_names_the_place_and_the_layer_that_it_is_from():
    site = layer("site:River district/Willow park", networks=[{"name": "visitors", "ssid": "가" * 11}])
    with pytest.raises(BadInput) as refused:
        combine([FLEET, default_layer(an_access_point()), site, OWN]).intent()
    assert str(refused.value).startswith("networks[0].ssid: 33 bytes")
    assert str(refused.value).endswith("(from site:River district/Willow park)")


def test_what_no_layer_says_is_missed_without_a_layer():
    with pytest.raises(BadInput) as refused:
        combine([layer("city", management={"port": "eth0"})]).intent()
    lines = str(refused.value).splitlines()
    assert "hostname: is missing." in lines
    assert "management.address: is missing. (from city)" in lines


def test_a_table_without_a_name_is_refused():
    with pytest.raises(BadInput, match="networks: every table needs a name"):
        combine([layer("city", networks=[{"ssid": "x"}])])


def test_an_access_point_is_in_five_scopes():
    assert [str(scope) for scope in scopes_of(an_access_point())] == [
        "fleet", "city", "kind:park", "site:River district/Willow park", "ap:AP-0001",
    ]  # fmt: skip


@pytest.mark.parametrize("text", ["", "town", "fleet:x", "kind", "kind:castle", "site:Willow park", "ap:", "ap"])
def test_what_is_no_scope_is_refused_with_an_example(text):
    with pytest.raises(BadInput):
        Scope.parse(text)


@pytest.mark.parametrize("text", ["fleet", "city", "kind:bus_stop", "site:River district/A/B", "ap:AP:1"])
def test_a_scope_reads_back(text):
    assert str(Scope.parse(text)) == text


@pytest.mark.parametrize(("number", "hostname"), [("AP-0001", "AP-0001"), ("구로-12", "12"), ("공원", "ap"), ("a_b/c", "a-b-c")])  # fmt: skip
def test_a_host_name_is_made_of_the_citys_number(number, hostname):
    assert default_layer(an_access_point(number)).document["hostname"] == hostname


VALUES = st.dictionaries(
    st.sampled_from("abc"), st.integers() | st.dictionaries(st.sampled_from("xy"), st.integers())
)


@given(VALUES, VALUES)
def test_every_value_has_an_origin_and_the_last_word_counts(first, second):
    combined = combine([layer("fleet", **first), layer("city", **second)])
    plain = {path for path in combined.origins if isinstance(_at(combined.document, path), int)}
    assert plain == set(combined.origins)
    for key, value in second.items():
        if isinstance(value, int):
            assert combined.document[key] == value


def _at(document, path):
    for key in path:
        document = document[key]
    return document
