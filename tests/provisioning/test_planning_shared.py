"""What a plan shares among access points changes nothing that it says: shown on a small city in which much is odd."""

import difflib

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from provisioning.comparing import Comparing
from provisioning.intent_reading import IntentReader
from provisioning.planning import plan
from provisioning.sharing import at_once, sharing
from tests.builders import a_site, an_access_point
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.intent_channels import places_in_sites
from wifi_manager.domain.intent_documents import parse_toml
from wifi_manager.domain.intent_layers import Layer, Scope
from wifi_manager.domain.sites import SiteKind
from wifi_manager.services.intents import Wants

pytestmark = pytest.mark.slow

FLEET = {
    "management": {"port": "eth0"},
    "radios": [
        {"name": "radio0", "band": "2.4", "country": "KR", "channel": [1, 6, 11]},
        {"name": "radio1", "band": "5", "country": "KR"},
    ],
    "networks": [
        {"name": "visitors", "ssid": '서울\'s "free" Wi-Fi', "encryption": "owe", "bands": ["2.4", "5"], "vlan": 30},
        {"name": "staff", "ssid": "Staff", "encryption": "sae", "key": {"stored": "staff"}, "radios": ["radio1"]},
    ],
}
WIDE = {
    "fleet": FLEET,
    "city": {
        "syslog": {"host": "log.example.net"},
        "snmp": {"community": {"stored": "reading"}, "sources": ["10.0.0.0/8"]},
    },
    "kind:market": {"snmp": {"absent": True}, "networks": [{"name": "visitors", "hidden": True}]},
    "site:River district/Willow park": {"outdoor": True},
}
ODD = {
    "AP-1": {"hostname": "no host name!", "management": {"address": "10.0.0.1/24"}},
    "AP-2": {"banner": 'three """\n[lines]\n', "management": {"address": "2001:db8::2/64", "gateway": "2001:db8::1"}},
    "AP-3": {"networks": [{"name": "staff", "absent": True}], "management": {"address": "10.0.0.3/24"}},
    "AP-4": {"management": {"address": True}},
    "AP-5": {"networks": [{"name": "staff", "key": {"stored": "nobody-knows"}}]},
    "AP-6": {"management": {"address": "10.0.0.6/24", "vlan": 30}},
    "AP-7": {"management": {"address": "10.0.0.7/24"}, "radios": [{"name": "radio0", "channel": 99}]},
}
MARKET = a_site(name="Market", kind=SiteKind.MARKET)
POINTS = [
    *(an_access_point(f"AP-{n}", radios=()) for n in range(9)),
    *(an_access_point(f"AP-{n}", site=MARKET, radios=(), platform="linux" if n % 2 else "") for n in range(9, 14)),
    an_access_point("AP-14", site=MARKET, radios=(), platform="unknown"),
]
NEW = {"fleet": {**FLEET, "ntp": ["time.example.net"]}, "ap:AP-12": {"management": {"address": "10.0.0.99/24"}}}


def wants(**more):
    own = {f"ap:AP-{n}": ODD.get(f"AP-{n}", {"management": {"address": f"10.0.0.{n + 10}/24"}}) for n in range(15)}
    layers = {Scope.parse(name): each for name, each in {**WIDE, **own, **more}.items()}
    secrets = {"staff": "a-secret-passphrase", "reading": "a-community"}
    return Wants({scope: Layer(scope, each) for scope, each in layers.items()}, secrets, places_in_sites(POINTS))


def running():
    found = {each.external_id: tomli_w.dumps(wants().of(each).document) for each in POINTS[:-3]}
    return {**found, "AP-8": "# by hand\n" + found["AP-8"].replace("\n[", "\n\n[")}


def test_a_plan_with_what_is_shared_says_the_same_as_one_without():
    shared, alone = (plan(POINTS, wants(**NEW), running(), made=made) for made in (sharing(), at_once))
    assert shared == alone
    assert shared == plan(POINTS, wants(**NEW), running(), made=sharing(most=1))
    assert (shared.changed, len(shared.unchanged), len(shared.wrong)) == (9, 0, 6)


@pytest.mark.parametrize("point", POINTS, ids=lambda point: point.external_id)
def test_each_access_point_is_planned_as_if_there_was_no_other(point):
    name = point.external_id
    whole, single = plan(POINTS, wants(**NEW), running()), plan([point], wants(**NEW), running())
    assert whole.wanted.get(name) == single.wanted.get(name)
    assert [why for why, names in whole.wrong.items() if name in names] == list(single.wrong)
    of_whole = [(each.lines, each.touched) for each in whole.groups if name in each.access_points]
    assert of_whole == [(each.lines, each.touched) for each in single.groups]


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abcd")))
def test_texts_are_compared_as_the_standard_library_compares_them_also_where_alike_ones_came_before(one, two, three):
    comparing = Comparing()
    for old, new in ((one, two), (two, three), ([each.upper() for each in one], [each.upper() for each in two])):
        expected = list(difflib.unified_diff(old, new, "here", "there", lineterm="", n=1))
        assert list(comparing.unified(old, new, "here", "there", 1)) == expected


@pytest.mark.parametrize(
    "text",
    [
        'a = "1"\na = "2"\n',
        '[t]\na = "1"\na = "2"\n',
        '[t]\na = "x\\u0041"\n',
        'a = "tab\there"\n',
        '[t]\n\na = "1"\n\n\n',
        "a = '1'\n",
        '[t]\na = "1"',
        '[t]\na = "1"\n[t]\nb = "2"\n',
        'a-b = "1"\n3 = ""\n',
    ],
)
def test_a_block_of_nothing_but_texts_is_read_as_toml_is(text):
    assert said(IntentReader().document, text) == said(parse_toml, text)


def said(read, text):
    try:
        return read(text)
    except BadInput as why:
        return str(why)


_OF_A_TABLE = st.dictionaries(
    st.text(max_size=4), st.text(max_size=6) | st.integers(0, 9) | st.booleans(), max_size=3
)


@given(
    st.dictionaries(st.sampled_from(["hostname", "management", "banner", "a b"]), st.text(max_size=6) | _OF_A_TABLE)
)
def test_what_is_written_reads_back_whatever_is_in_it(document):
    assert parse_toml(IntentReader().text(document)) == document
