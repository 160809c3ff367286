"""Shards of the fleet over HTTP: what is new shows at the next scrape, and what did not change is not read again."""

import gzip
import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import A_CITY, NOON, a_site
from tests.fakes.clock import FrozenClock
from tests.fakes.simulated_access_points import WANTED, SimulatedFleet
from wifi_manager.domain.access_points import LifeCycle
from wifi_manager.domain.intent_layers import Scope
from wifi_manager.domain.maintenance import Windows
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.exporter.app import create_app
from wifi_manager.settings.exporter import Exporter
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.pushes import Wanted
from wifi_manager.storage.store import Store

pytestmark = pytest.mark.slow

COUNT = 23
AT_ONCE = Exporter(whole_up_to=0, shard_size=10, page_seconds=0)


@pytest.fixture
def clock():
    return FrozenClock(NOON)


@pytest.fixture
def fleet(store):
    fleet = SimulatedFleet(COUNT, NOON)
    fleet.enrol(store)
    fleet.look(store, NOON)
    return fleet


@pytest.fixture
def client(store, clock, fleet):
    return create_app(store, clock, AT_ONCE).test_client()


@pytest.fixture
def away(tmp_path, clock):
    """Its database cannot be opened: a folder is none."""
    return create_app(Store(open_engine(f"sqlite:///{tmp_path}"), A_CITY.slug), clock, AT_ONCE).test_client()


def samples(text):
    families = list(text_string_to_metric_families(text))
    return {(each.name, tuple(each.labels.items())): each.value for family in families for each in family.samples}


def shard(client, number=0, of=1):
    answer = client.get(f"/metrics/aps?shard={number}&shards={of}")
    assert answer.status_code == 200
    return samples(answer.text)


def names(found):
    return {labels[0][1] for _name, labels in found}


def values(found, name):
    return {labels[0][1]: value for (each, labels), value in found.items() if each == name}


def test_shards_are_listed_where_prometheus_reached_us_and_have_each_access_point_once(client, fleet):
    listed = json.loads(client.get("/sd/shards", headers={"Host": "exporter.example:8003"}).data)
    assert [each["targets"] for each in listed] == [["exporter.example:8003"]] * 3
    assert listed[1]["labels"] == {
        "__metrics_path__": "/metrics/aps",
        "__param_shard": "1",
        "__param_shards": "3",
        "shard": "2/3",
    }
    found = [names(shard(client, number, 3)) for number in range(3)]
    assert sorted(map(len, found)) == [7, 8, 8]
    assert set.union(*found) == set(fleet.points)
    assert found == [names(shard(client, number, 3)) for number in range(3)]


def test_a_small_city_is_told_on_metrics_and_has_no_shards(store, clock, fleet):
    small = create_app(store, clock, Exporter(whole_up_to=COUNT)).test_client()
    assert small.get("/sd/shards").json == []
    assert set(values(samples(small.get("/metrics").text), "wifi_ap_up")) == set(fleet.points)
    large = create_app(store, clock, Exporter(whole_up_to=COUNT - 1)).test_client()
    assert len(large.get("/sd/shards").json) == 1
    assert "wifi_ap_up" not in large.get("/metrics").text
    core = create_app(store, clock, replace(AT_ONCE, tier="core")).test_client()
    assert {name for name, _labels in shard(core)} < {name for name, _labels in shard(large)}


def test_a_shard_that_cannot_be_is_refused_with_a_way_out(away):
    for query in ("shard=1&shards=1", "shard=-1&shards=2", "shard=a", "shards=0", "shards=99999"):
        answer = away.get(f"/metrics/aps?{query}")
        assert answer.status_code == 422
        assert "/sd/shards lists what there is" in answer.text


def test_each_scrape_tells_what_was_looked_at_since_and_keeps_the_rest(client, store, clock, fleet):
    before = shard(client)
    clock.advance(timedelta(seconds=60))
    fleet.look(store, clock.now(), only=["AP-00001", "AP-00002"])
    after = shard(client)
    assert before.keys() == after.keys()
    assert {labels[0][1] for key in before if before[key] != after[key] for labels in [key[1]]} == {
        "AP-00001",
        "AP-00002",
    }


def test_a_look_that_is_committed_late_is_told_all_the_same(client, store, clock, fleet):
    clock.advance(timedelta(minutes=2))
    fleet.look(store, clock.now(), only=["AP-00001"])
    shard(client)
    with store.begin() as tx:
        late = Observation(NOON + timedelta(seconds=1), up=False)
        tx.observations.record([Looked("AP-00002", late, "it was slow")])
    assert values(shard(client), "wifi_ap_up")["AP-00002"] == 0


def test_what_did_not_change_is_neither_read_nor_written_again(client, store, engine, clock, fleet):
    shard(client)
    asked = []
    sa.event.listen(engine, "before_cursor_execute", lambda *given: asked.append((given[2], given[3])))
    shard(client)
    assert asked
    assert not [text for text, _values in asked if "readings" in text]
    clock.advance(timedelta(seconds=60))
    fleet.look(store, clock.now(), only=["AP-00003"])
    asked.clear()
    shard(client)
    ((_text, given),) = [each for each in asked if "readings" in each[0]]
    bound = given.values() if isinstance(given, dict) else given
    assert [each for each in bound if str(each).startswith("2026-06-01 12:01:00")], "all looks were read, not the new"


def test_series_vanish_with_their_access_point_and_come_with_a_new_one(client, store, fleet):
    shard(client)
    with store.begin() as tx:
        gone = replace(fleet.points["AP-00001"].point, life_cycle=LifeCycle.RETIRED)
        fresh = replace(fleet.points["AP-00002"].point, external_id="AP-NEW")
        tx.access_points.save([gone, fresh], tx.sites.numbers())
    assert names(shard(client)) == {*fleet.points, "AP-NEW"} - {"AP-00001"}


def test_one_that_moved_or_whose_site_was_renamed_is_told_as_it_is_now(client, store, fleet):
    shard(client)
    hall = a_site(name="Hall", district="Hill district")
    with store.begin() as tx:
        tx.sites.save([hall])
        tx.access_points.save([replace(fleet.points["AP-00001"].point, site=hall)], tx.sites.numbers())
    found = [dict(labels) for name, labels in shard(client) if name == "wifi_ap_info"]
    assert {each["site"] for each in found if each["ap"] == "AP-00001"} == {"Hall"}
    assert len(found) == COUNT


def test_another_wanted_configuration_and_an_open_window_show_without_a_look(client, store, clock, fleet):
    before = shard(client)
    assert values(before, "wifi_ap_config_in_sync")["AP-00001"] == 1
    assert set(values(before, "wifi_ap_maintenance").values()) == {0}
    with store.begin() as tx:
        tx.pushes.set_wanted("AP-00001", Wanted("intent", WANTED[::-1] + "c", NOON))
        tx.maintenance.put(Scope.parse("kind:park"), Windows.parse("daily 12:00-12:05"), "chief", NOON)
    after = shard(client)
    assert values(after, "wifi_ap_config_in_sync")["AP-00001"] == 0
    parks = {dict(labels)["ap"] for name, labels in after if ("site_kind", "park") in labels}
    assert {ap for ap, value in values(after, "wifi_ap_maintenance").items() if value == 1} == parks
    clock.advance(timedelta(minutes=5))
    assert set(values(shard(client), "wifi_ap_maintenance").values()) == {0}


def test_what_nobody_looks_at_any_more_is_not_said_to_be_up_without_anybody_writing_anything(client, clock, fleet):
    assert values(shard(client), "wifi_ap_up")
    clock.advance(timedelta(minutes=11))
    found = shard(client)
    assert values(found, "wifi_ap_up") == {}
    assert len(values(found, "wifi_ap_last_seen_timestamp_seconds")) == COUNT - 1  # one has always been down


def test_a_flapping_access_point_has_clients_only_while_it_is_up(client, store, clock, fleet):
    for is_down in (True, False, True):
        clock.advance(timedelta(seconds=60))
        fleet.points["AP-00001"].is_down = is_down
        fleet.look(store, clock.now(), only=["AP-00001"])
        found = shard(client)
        assert values(found, "wifi_ap_up")["AP-00001"] == (not is_down)
        assert ("AP-00001" in values(found, "wifi_radio_clients")) is not is_down


def test_pages_are_compressed_for_whoever_takes_that_and_head_has_no_body(client):
    plain = client.get("/metrics/aps")
    zipped = client.get("/metrics/aps", headers={"Accept-Encoding": "gzip"})
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == plain.data
    assert "Content-Encoding" not in plain.headers
    refused = client.get("/metrics/aps", headers={"Accept-Encoding": "gzip;q=0"})
    assert refused.data == plain.data
    for each in (plain, zipped, refused):
        assert each.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert each.headers["Vary"] == "Accept-Encoding"
    head = client.head("/metrics/aps")
    assert (head.status_code, head.data) == (200, b"")
    assert int(head.headers["Content-Length"]) == len(plain.data)


def test_a_second_prometheus_is_answered_as_the_first_for_some_seconds(store, clock, fleet):
    client = create_app(store, clock, replace(AT_ONCE, page_seconds=10)).test_client()
    before = shard(client)
    fleet.look(store, clock.now() + timedelta(seconds=1))
    clock.advance(timedelta(seconds=9))
    assert shard(client) == before
    clock.advance(timedelta(seconds=1))
    assert shard(client) != before


def test_many_readers_at_once_see_whole_pages(store, clock, fleet):
    client = create_app(store, clock, AT_ONCE)
    wanted, problems = shard(client.test_client()).keys(), []

    def read():
        pages = [shard(client.test_client()).keys() for _ in range(4)]
        problems.extend(each for each in pages if each != wanted)

    readers = [threading.Thread(target=read) for _ in range(3)]
    for each in readers:
        each.start()
    for _ in range(3):
        clock.advance(timedelta(seconds=1))
        fleet.look(store, clock.now())
    for each in readers:
        each.join()
    assert problems == []


def test_without_a_database_a_shard_is_no_page_and_prometheus_keeps_its_list(away):
    assert away.get("/metrics/aps").status_code == 503
    assert away.get("/sd/shards").status_code == 503
    assert away.get("/metrics").status_code == 200


def test_shards_that_nobody_asks_for_any_more_are_forgotten_and_can_be_had_again(client, clock, fleet):
    first = shard(client, 0, 2)
    clock.advance(timedelta(minutes=11))
    shard(client, 0, 3)
    assert shard(client, 0, 2).keys() < first.keys()
