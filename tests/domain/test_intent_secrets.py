"""Layers name secrets and share channels out; both are put in per access point, and each value still knows its layer."""

import pytest

from tests.builders import an_access_point
from tests.domain.test_intent_kinds import document, network
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_channels import has_plan, places_in_sites, with_channels
from wifi_manager.domain.intent_layers import Layer, Scope, combine
from wifi_manager.domain.intent_secrets import check_secret, filled, secrets_in, with_secrets

STAFF = network("sae", key={"stored": "staff"})
FLEET = Layer(Scope.parse("fleet"), document(STAFF))
OPEN = Layer(Scope.parse("fleet"), document(network()))
PLAN = [1, 6, 11]


def layer(scope, **fields):
    return Layer(Scope.parse(scope), fields)


def test_a_named_secret_is_put_in_and_its_place_keeps_its_layer():
    combined = with_secrets(combine([FLEET]), {"staff": "kept-elsewhere"})
    assert combined.intent().networks[0].security.key == "kept-elsewhere"
    assert str(combined.origins["networks", "n", "key"]) == "fleet"
    assert FLEET.document["networks"][0]["key"] == {"stored": "staff"}


def test_a_secret_that_is_not_kept_is_named_with_its_layer_and_how_to_keep_it():
    with pytest.raises(BadInput) as refused:
        with_secrets(combine([FLEET, layer("city", ntp=[])]), {}).intent()
    assert "networks[0].key: the secret 'staff' is not known here" in str(refused.value)
    assert "provision secret set staff" in str(refused.value)
    assert str(refused.value).endswith("(from fleet)")


@pytest.mark.parametrize(
    ("below", "above"), [("literal-key", {"stored": "staff"}), ({"stored": "staff"}, "literal-key")]
)
def test_a_narrower_layer_may_hold_what_a_wider_one_names_and_the_other_way_round(below, above):
    wide = Layer(Scope.parse("fleet"), document(network("sae", key=below)))
    combined = with_secrets(
        combine([wide, layer("city", networks=[{"name": "n", "key": above}])]), {"staff": "kept-for-it"}
    )
    assert combined.intent().networks[0].security.key == ("kept-for-it" if isinstance(above, dict) else above)
    assert str(combined.origins["networks", "n", "key"]) == "city"


def test_a_document_says_which_secrets_it_names():
    assert secrets_in({"a": [{"b": {"stored": "x"}}], "c": {"stored": "y"}, "d": "z"}) == {"x", "y"}
    assert filled({"a": [{"stored": "x"}, {"stored": "y"}]}, {"x": "1"}) == {"a": ["1", {"stored": "y"}]}


@pytest.mark.parametrize(
    ("name", "value"), [("Staff", "v"), ("", "v"), ("a b", "v"), ("staff", ""), ("staff", "a\nb")]
)
def test_what_cannot_be_a_secret_is_refused(name, value):
    with pytest.raises(BadInput):
        check_secret(name, value)


def test_a_value_of_a_wider_layer_can_be_taken_away():
    wide = Layer(Scope.parse("fleet"), document(network("sae", bands=["5"], radios={"absent": True}), ntp=["a"]))
    opened = layer("site:River/Park", networks=[{"name": "n", "encryption": "open", "key": {"absent": True}}])
    combined = combine(
        [
            Layer(wide.scope, document(network("sae"), syslog={"host": "log"})),
            opened,
            layer("city", syslog={"absent": True}),
        ]
    )
    assert "key" not in combined.document["networks"][0]
    assert "syslog" not in combined.document
    assert ("networks", "n", "key") not in combined.origins
    assert combined.intent().networks[0].security.word == "open"
    assert combine([wide]).intent().networks[0].radios == ()


def test_an_error_in_a_list_of_plain_values_names_its_layer():
    with pytest.raises(BadInput) as refused:
        combine([FLEET, layer("city", ntp=["a b"], networks=[{"name": "n", "key": "long-enough"}])]).intent()
    assert str(refused.value).startswith("ntp[0]: ")
    assert str(refused.value).endswith("(from city)")


def test_every_new_value_knows_its_layer():
    city = layer(
        "city",
        outdoor=True,
        banner="x",
        syslog={"host": "log"},
        snmp={"community": "not-public", "sources": ["192.0.2.0/24"]},
        networks=[{"name": "n", "ieee80211r": True, "max_stations": 9}],
        radios=[{"name": "a", "power_dbm": 9}],
        radius=[{"name": "second", "address": "192.0.2.8", "secret": "between-us"}],
    )
    origins = combine([FLEET, city]).origins
    for path in (
        "outdoor", "banner", "syslog.host", "snmp.community", "snmp.sources", "networks.n.ieee80211r", "networks.n.max_stations",
        "radios.a.power_dbm", "radius.second.secret",
    ):  # fmt: skip
        assert str(origins[tuple(path.split("."))]) == "city"
    assert str(origins["radius", "main", "secret"]) == "fleet"


def test_the_access_points_of_a_site_share_out_a_plan_and_each_site_begins_anew():
    numbers = ["AP-3", "AP-1", "AP-4", "AP-2"]
    places = places_in_sites(an_access_point(number) for number in numbers)
    combined = combine([OPEN, layer("city", radios=[{"name": "a", "channel": PLAN}])])
    chosen = {number: with_channels(combined, places[number]).intent().radios[0].channel for number in numbers}
    assert chosen == {"AP-1": 1, "AP-2": 6, "AP-3": 11, "AP-4": 1}
    assert str(with_channels(combined, 1).origins["radios", "a", "channel"]) == "city"


def test_a_plan_is_seen_and_a_channel_is_left_alone():
    assert has_plan({"radios": [{"channel": PLAN}]})
    assert not has_plan({"radios": [{"channel": 6}, {"channel": []}, 5]})
    assert not has_plan({"radios": 5})
    combined = combine([FLEET])
    assert with_channels(combined, 3) is combined


def test_a_channel_of_a_plan_that_the_country_does_not_allow_is_refused_where_its_turn_comes():
    combined = combine([OPEN, layer("city", radios=[{"name": "a", "channel": [6, 14]}])])
    assert with_channels(combined, 0).intent()
    with pytest.raises(BadInput, match=r"^radios\[0\].channel: .*\(from city\)$"):
        with_channels(combined, 1).intent()
