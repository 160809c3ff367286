"""The plan of a fleet: alike changes in one group, the riskiest first, and nothing that is wrong is left out."""

import ipaddress
import json
import tomllib

import pytest

from provisioning.intent_reading import IntentReader
from provisioning.planning import plan
from provisioning.rendering import render
from tests.builders import an_access_point
from wifi_manager.domain.intent_documents import intent_from_text
from wifi_manager.domain.intent_layers import Layer, Level, Scope
from wifi_manager.domain.risk import Touched, worst
from wifi_manager.services.intents import Wants

FLEET = {
    "management": {"port": "eth0"},
    "radios": [{"name": "radio0", "band": "2.4", "country": "KR", "channel": 6}],
    "networks": [
        {"name": "visitors", "ssid": "City", "encryption": "open", "radios": ["radio0"], "vlan": 30},
        {"name": "staff", "ssid": "Staff", "encryption": "psk2", "key": "do-not-show-me", "radios": ["radio0"]},
    ],
}
POINTS = [an_access_point(f"AP-{number}") for number in range(1, 8)]


def wants(*layers):
    own = [
        Layer(
            Scope(Level.ACCESS_POINT, point.external_id),
            {"management": {"address": f"{ipaddress.ip_address('10.0.0.10') + number}/24"}},
        )
        for number, point in enumerate(POINTS)
    ]
    return Wants({layer.scope: layer for layer in (Layer(Scope(Level.FLEET), FLEET), *own, *layers)})


def running(wanted):
    """What is committed, as intents of one access point each are written."""
    return {point.external_id: _toml(wanted.of(point).document) for point in POINTS}


def _toml(document):
    plain = "".join(f"{key} = {json.dumps(value)}\n" for key, value in document.items() if isinstance(value, str))
    line = "".join(f"{key} = {json.dumps(value)}\n" for key, value in document["management"].items())
    rows = (
        f"[[{name}]]\n" + "".join(f"{key} = {json.dumps(value)}\n" for key, value in row.items())
        for name in ("radios", "networks")
        for row in document[name]
    )
    return f"{plain}[management]\n{line}{''.join(rows)}"


def test_a_fleet_that_runs_what_is_wanted_does_not_change():
    wanted = wants()
    found = plan(POINTS, wanted, running(wanted))
    assert (found.groups, len(found.unchanged), found.wrong) == ((), 7, {})


def test_access_points_that_change_alike_are_one_group():
    kind = Layer(Scope(Level.KIND, "park"), {"networks": [{"name": "visitors", "ssid": "Parks"}]})
    found = plan(POINTS, wants(kind), running(wants()))
    assert [(worst(group.touched), len(group.access_points)) for group in found.groups] == [(Touched.NETWORKS, 7)]
    assert "-\toption ssid 'City'" in found.groups[0].lines
    assert "+\toption ssid 'Parks'" in found.groups[0].lines


def test_the_riskiest_group_comes_first():
    layers = (
        Layer(Scope(Level.FLEET), {**FLEET, "ntp": ["time.example.net"]}),
        Layer(Scope(Level.ACCESS_POINT, "AP-3"), {"management": {"address": "10.0.0.99/24"}}),
    )
    found = plan(POINTS, wants(*layers), running(wants()))
    assert [worst(group.touched) for group in found.groups] == [Touched.REACH, Touched.INNER]
    assert found.groups[0].access_points == ("AP-3",)


def test_a_changed_key_is_seen_and_not_shown():
    city = Layer(Scope(Level.CITY), {"networks": [{"name": "staff", "key": "do-not-show-this-one"}]})
    found = plan(POINTS, wants(city), running(wants()))
    assert [len(group.access_points) for group in found.groups] == [7]
    assert "do-not-show" not in found.groups[0].lines + found.groups[0].example


def test_whoever_has_no_usable_intent_is_named_with_the_layer_that_is_wrong():
    wrong = Layer(Scope(Level.ACCESS_POINT, "AP-2"), {"management": {"address": "not one"}})
    found = plan(POINTS, wants(wrong), running(wants()))
    assert list(found.wrong.values()) == [("AP-2",)]
    assert "(from ap:AP-2)" in next(iter(found.wrong))


def test_access_points_of_a_vendor_that_are_watched_alone_are_in_no_plan():
    unifi = an_access_point("AP-8", platform="unifi")
    found = plan([*POINTS, unifi], wants(), running(wants()))
    assert (found.groups, len(found.unchanged), found.wrong) == ((), 7, {})


def test_a_first_configuration_is_a_risk_for_reaching_it():
    found = plan(POINTS[:1], wants(), {})
    assert [worst(group.touched) for group in found.groups] == [Touched.REACH]


@pytest.mark.parametrize("vlan", [31, 4094])
def test_another_vlan_is_a_risk_for_reaching_it(vlan):
    city = Layer(Scope(Level.CITY), {"networks": [{"name": "visitors", "vlan": vlan}]})
    assert plan(POINTS, wants(city), running(wants())).groups[0].touched >= {Touched.REACH}


def test_changes_that_differ_in_values_alone_have_one_shape():
    moved = [
        Layer(Scope(Level.ACCESS_POINT, name), {"management": {"address": address}})
        for name, address in (("AP-1", "10.0.0.77/24"), ("AP-2", "10.0.0.78/24"))
    ]
    found = plan(POINTS, wants(*moved), running(wants()))
    assert len(found.groups) == 2
    assert len({group.shape for group in found.groups}) == 1


def test_whose_digest_stays_is_not_looked_at_any_further():
    wanted = wants()
    first = plan(POINTS, wanted, {})
    digests = {name: each.digest for name, each in first.wanted.items()}
    found = plan(POINTS, wanted, dict.fromkeys(digests, "this is no TOML"), digests)
    assert (found.changed, len(found.unchanged), found.wrong) == (0, 7, {})


def test_what_is_read_in_parts_and_written_in_parts_is_what_it_would_be_as_a_whole():
    wanted = wants(
        Layer(Scope(Level.ACCESS_POINT, "AP-2"), {"ntp": ["a.example.net"], "management": {"address": "10.0.0.9/8"}})
    )
    found = plan(POINTS, wanted, {})
    for point in POINTS:
        text = found.wanted[point.external_id].intent
        assert tomllib.loads(text) == wanted.of(point).document
        assert render(intent_from_text(text)).digest() == found.wanted[point.external_id].digest
        assert IntentReader().document(text) == tomllib.loads(text)


@pytest.mark.parametrize(
    "text",
    [
        'hostname = "a"\n[management]\naddress = "x"\n[[networks]]\nname = "n"\n[[networks]]\nname = "m"\n',
        'ssid = """\n[management]\n"""\n',
        "a = [\n[1],\n[2]\n]\n",
        '[[networks]]\nname = "n"\n[networks.more]\nx = 1\n',
        "a = [ { b = 1 },\n{ c = 2 } ]\nd = 1\n",
    ],
)
def test_a_text_read_in_parts_says_the_same_as_a_text_read_at_once(text):
    assert IntentReader().document(text) == tomllib.loads(text)
