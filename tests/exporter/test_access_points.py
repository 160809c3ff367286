"""The text of each access point's series, held against prometheus_client's own parser and the rows."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client import CollectorRegistry, Gauge, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import A_CITY, NOON, a_site, an_access_point
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.access_points import LifeCycle, Management
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.exporter import access_points
from wifi_manager.exporter.app import create_app
from wifi_manager.storage.observations import Seen
from wifi_manager.storage.pushes import Wanted

UP = Observation(NOON, up=True, uptime_seconds=3600, config_digest="d1")
ODD = ('quote " in it', "back\\slash", "two\nlines", "한강공원 광나루", "\\n", 'a\\"b', "", " {x} # =,", "emoji 📶")
REACH = Management("192.0.2.11", 22, "root", "SHA256:abc")


def seen(external_id, **given):
    usual = {"district": "강동구", "site": "Park", "kind": "park", "observation": UP, "last_seen_at": NOON}
    return Seen(external_id, **{**usual, "reason": "", "in_sync": True, **given})


def samples(text):
    families = list(text_string_to_metric_families(text))
    assert len({family.name for family in families}) == len(families), "a family is written in two places"
    return [(each.name, each.labels, each.value) for family in families for each in family.samples]


def expected(each):
    """What the rows say, written once more and in another way."""
    ap, found = {"ap": each.external_id}, each.observation
    where = {"city": "haneul", "district": each.district, "site": each.site, "site_kind": each.kind}
    boot = found and found.uptime_seconds is not None and found.at - timedelta(seconds=found.uptime_seconds)
    values = {
        "wifi_ap_up": None if found is None else found.up,
        "wifi_ap_last_seen_timestamp_seconds": each.last_seen_at and each.last_seen_at.timestamp(),
        "wifi_ap_boot_timestamp_seconds": boot.timestamp() if boot else None,
        "wifi_ap_config_in_sync": each.in_sync,
    }
    yield "wifi_ap_info", {**ap, **where}, 1.0
    yield from ((name, ap, float(value)) for name, value in values.items() if value is not None)


def ordered(found):
    return sorted(found, key=lambda each: json.dumps(each, sort_keys=True))


def test_the_text_says_what_the_rows_say_and_nothing_else():
    rows = [
        seen("AP-1"),
        seen("AP-2", observation=None, last_seen_at=None, in_sync=None),
        seen("AP-3", observation=Observation(NOON, up=False), in_sync=False),
        seen("AP-4", observation=replace(UP, uptime_seconds=None)),
    ]
    wanted = [sample for each in rows for sample in expected(each)]
    assert ordered(samples(access_points.page(rows, "haneul"))) == ordered(wanted)


@pytest.mark.parametrize("odd", ODD)
def test_labels_arrive_as_they_were_and_as_the_client_library_writes_them(odd):
    rows = [seen(odd, site=odd, district=odd)]
    text = access_points.page(rows, "haneul")
    assert samples(text)[0] == next(expected(rows[0]))
    registry = CollectorRegistry()
    Gauge("wifi_ap_up", "x", ["ap"], registry=registry).labels(odd).set(1)
    assert generate_latest(registry).decode().removesuffix(".0\n").split("gauge\n")[1] in text


def test_a_city_without_managed_access_points_has_no_such_family():
    assert access_points.page([], "haneul") == ""


def test_series_vanish_with_their_access_point(store):
    points = [an_access_point(number, site=a_site()) for number in ("AP-1", "AP-2")]
    with store.begin() as tx:
        tx.sites.save([points[0].site])
        tx.access_points.save(points, tx.sites.numbers())
        for point in points:
            tx.access_points.manage(point.external_id, "openwrt", REACH)
            tx.observations.record([Looked(point.external_id, UP)])
            tx.pushes.set_wanted(point.external_id, Wanted("intent", "d1", NOON))
    client = create_app(store, FrozenClock(NOON)).test_client()
    assert {labels["ap"] for name, labels, _ in samples(client.get("/metrics").text) if "_ap_" in name} == {
        "AP-1",
        "AP-2",
    }
    with store.begin() as tx:
        gone = replace(tx.access_points.get("AP-1"), life_cycle=LifeCycle.RETIRED)
        tx.access_points.save([gone], tx.sites.numbers())
    left = [sample for sample in samples(client.get("/metrics").text) if "_ap_" in sample[0]]
    assert [labels["ap"] for _name, labels, _value in left] == ["AP-2"] * 5
    assert A_CITY.slug in left[0][1].values()
