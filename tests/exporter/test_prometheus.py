"""A real Prometheus scrapes the exporter with the configuration that we ship, and finds the fleet."""

import re
import subprocess
import time
from dataclasses import replace

import httpx
import pytest

from tests.builders import an_access_point
from tests.lab.monitored_city import monitored_city
from tests.lab.prometheus import shipped_config
from wifi_manager import shipped
from wifi_manager.domain.access_points import LifeCycle, Management

pytestmark = pytest.mark.lab

COUNT, SHARD = 120, 50
SERIES = "count({__name__=~'wifi_(ap|radio)_.+'})"
BUSY = "rate(wifi_radio_channel_busy_seconds_total[1m]) / rate(wifi_radio_channel_active_seconds_total[1m])"


@pytest.fixture(scope="module")
def city(tmp_path_factory, upgraded_file):
    """Some hundred access points in three shards, looked at and scraped; one of the inventory is not managed yet."""
    with monitored_city(tmp_path_factory.mktemp("city"), COUNT, shard_size=SHARD, database=upgraded_file) as city:
        reach = Management("127.0.0.2", 22, "root", "SHA256:abc")
        point = an_access_point("AP-NEW", management=reach, platform="openwrt")
        with city.store.begin() as tx:
            tx.sites.save([point.site])
            tx.access_points.save([point], tx.sites.numbers())
        yield city


def shards(prometheus):
    found = [each for each in prometheus.targets() if each["labels"]["job"] == "wifi-access-point-shards"]
    return found if len(found) == 3 and all(each["health"] == "up" for each in found) else None


def test_prometheus_finds_the_fleet_and_the_access_points(city):
    counted = city.prometheus.wait_for(
        "the fleet", lambda it: it.number("sum by (city) (wifi_access_points)") == COUNT + 1
    )
    assert counted
    targets = city.prometheus.wait_for(
        "its target",
        lambda it: [each["labels"] for each in it.targets() if each["labels"].get("ap") == "AP-NEW"],
    )
    assert (targets[0]["instance"], targets[0]["site_kind"]) == ("127.0.0.2:9100", "park")


def test_every_access_point_is_read_once_whichever_shard_it_is_in(city):
    found = city.prometheus.wait_for("three shards", shards)
    assert {each["labels"]["shard"] for each in found} == {"1/3", "2/3", "3/3"}
    assert all(each["lastError"] == "" for each in found)
    (info, *_others) = rows = city.prometheus.query("wifi_ap_info")
    assert len(rows) == COUNT
    assert set(info["metric"]) - {"__name__", "job"} <= {
        "ap", "city", "district", "site", "site_kind", "vendor", "model", "firmware", "geohash",
    }  # fmt: skip
    assert city.prometheus.number("count(count by (ap) (wifi_ap_up))") == COUNT


def test_what_was_simulated_is_what_prometheus_tells(city):
    down = {each for each, point in city.fleet.points.items() if point.is_down}
    rows = city.prometheus.query("wifi_ap_up == 0")
    assert {each["metric"]["ap"] for each in rows} == down != set()
    drifting = {each for each, point in city.fleet.points.items() if point.drifts and not point.is_down}
    rows = city.prometheus.query("wifi_ap_config_in_sync == 0")
    assert {each["metric"]["ap"] for each in rows} == drifting != set()
    saturated = {each for each, point in city.fleet.points.items() if point.is_saturated and not point.is_down}
    rows = city.prometheus.query(f"({BUSY}) > 0.7")
    assert {each["metric"]["ap"] for each in rows} == saturated != set()
    districts = "sum by (district) (wifi_radio_clients * on (ap) group_left (district) wifi_ap_info)"
    assert len(city.prometheus.query(districts)) == 4


def test_channels_that_change_begin_no_new_series(city):
    before = city.prometheus.number(SERIES)
    for each in city.fleet.points.values():
        each.change_channel()
    city.look_until_scraped()
    assert city.prometheus.number(SERIES) == before


def test_series_of_what_leaves_the_inventory_end_at_the_next_scrape_and_come_back_with_it(city):
    point = city.fleet.points["AP-00001"].point
    mine = "count({__name__=~'wifi_.+',ap='AP-00001',job='wifi-access-point-shards'})"  # without recorded ones
    there = city.prometheus.number(mine)
    put(city, replace(point, life_cycle=LifeCycle.RETIRED))
    city.prometheus.wait_for("their end", lambda it: it.number(mine) is None)
    put(city, point)
    city.prometheus.wait_for("their return", lambda it: it.number(mine) == there)


def put(city, point):
    with city.store.begin() as tx:
        tx.access_points.save([point], tx.sites.numbers())


def test_limits_of_the_shipped_configuration_are_wider_than_a_shard_of_buses():
    config = shipped_config("127.0.0.1:1")
    job = config.partition("wifi-access-point-shards")[2].partition("job_name")[0]
    limits = {name: int(value) for name, value in re.findall(r"(\w+_limit): (\d+)", job)}
    assert limits["sample_limit"] >= 5000 * (51 + 4)
    assert limits["label_value_length_limit"] >= 120 * 4
    assert "scrape_timeout: 30s" in job


def test_prometheus_takes_the_shipped_configuration_with_all_its_rules():
    path = shipped.configs() / "prometheus" / "prometheus.yml"
    checked = subprocess.run(["promtool", "check", "config", path], capture_output=True, text=True, check=False)
    assert checked.returncode == 0, checked.stdout + checked.stderr


def test_more_shards_while_prometheus_reads_lose_no_access_point_and_tell_none_twice(tmp_path, upgraded_file):
    with monitored_city(tmp_path, SHARD - 10, shard_size=SHARD, database=upgraded_file) as city:
        first, began = set(city.fleet.points), time.time()
        assert [each["labels"]["shard"] for each in listed(city)] == ["1/1"]
        city.enrol_up_to(COUNT)
        city.look_until_scraped()
        city.prometheus.wait_for("three shards", shards)
        assert [each["labels"]["shard"] for each in listed(city)] == ["1/3", "2/3", "3/3"]
        settled = time.time() + 3 * 3  # what ends with a target is marked stale up to three scrapes later
        city.prometheus.wait_for("what ends to have ended", lambda _it: time.time() > settled)
        at_any_moment = {"start": str(began), "end": str(settled), "step": "0.5"}
        counted = f"count(wifi_ap_info{{ap=~'{'|'.join(sorted(first))}'}})"
        assert values_of(city.prometheus.query_range(counted, **at_any_moment)) == {len(first)}
        twice = "max(count by (ap) ({__name__=~'wifi_ap_(info|up)',job='wifi-access-point-shards'}))"
        assert values_of(city.prometheus.query_range(twice, **at_any_moment)) == {2}
        assert city.prometheus.number("count(wifi_ap_info)") == COUNT


def listed(city):
    """What the exporter tells Prometheus that there is."""
    return httpx.get(f"http://{city.exporter}/sd/shards").json()


def values_of(series):
    return {float(value) for each in series for _at, value in each["values"]}
