"""What Prometheus reads: counts of the fleet, the state of the database, and where access points are."""

import json
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest
from prometheus_client.parser import text_string_to_metric_families

from tests.builders import A_CITY, NOON, a_plan, a_site, a_visit, an_access_point, an_asker
from tests.fakes.clock import FrozenClock
from wifi_manager import __version__
from wifi_manager.domain.access_points import LifeCycle, Management
from wifi_manager.domain.addresses import MacAddress
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.domain.sites import SiteKind
from wifi_manager.domain.visits import EndReason
from wifi_manager.exporter.app import create_app
from wifi_manager.storage.engine import open_engine
from wifi_manager.storage.gateways import StoredKeys
from wifi_manager.storage.store import Store

REACH = Management("192.0.2.11", 22, "root", "SHA256:abc")


@pytest.fixture
def client(store):
    return create_app(store, FrozenClock(NOON)).test_client()


@pytest.fixture
def fleet(store):
    park, bus = a_site(), a_site(name='Bus "7"\\', district="성북구", kind=SiteKind.BUS)
    points = [
        an_access_point("AP-1", site=park),
        an_access_point("AP-2", site=park, management=REACH, platform="openwrt"),
        an_access_point("AP-3", site=bus, life_cycle=LifeCycle.RETIRED, management=REACH),
    ]
    with store.begin() as tx:
        tx.sites.save([park, bus])
        tx.access_points.save(points, tx.sites.numbers())
    return points


@pytest.fixture
def away(tmp_path):
    """A store whose database cannot be opened: a folder is none."""
    return create_app(Store(open_engine(f"sqlite:///{tmp_path}"), A_CITY.slug), FrozenClock(NOON)).test_client()


def series(text):
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def points(kind, district, life_cycle):
    labels = {"city": A_CITY.slug, "district": district, "site_kind": kind, "life_cycle": life_cycle}
    return "wifi_access_points", tuple(sorted(labels.items()))


def test_the_fleet_is_counted_by_district_kind_and_state(client, fleet):
    answer = client.get("/metrics")
    found = series(answer.text)
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert found[points("park", "River district", "registered")] == 2
    assert found[points("bus", "성북구", "retired")] == 1
    assert found["wifi_sites", (("city", A_CITY.slug),)] == 2
    assert found["wifi_database_up", ()] == 1
    assert found["wifi_build_info", (("version", __version__),)] == 1
    assert found["wifi_exporter_duration_seconds", ()] > 0
    assert ("process_resident_memory_bytes", ()) in found


def test_what_left_the_inventory_leaves_the_metrics(client, fleet, store):
    client.get("/metrics")
    with store.begin() as tx:
        changed = [replace(point, life_cycle=LifeCycle.RETIRED) for point in fleet]
        tx.access_points.save(changed, tx.sites.numbers())
    found = series(client.get("/metrics").text)
    assert points("park", "River district", "registered") not in found


@pytest.fixture
def visitors(store, fleet):
    """Two visits, one of them ended, at a gateway that enforces what is wanted; another gateway has no box."""
    with store.begin() as tx:
        tx.plans.save(a_plan())
        for name in ("gw-1", "gw-2"):
            tx.gateways.add(name, tx.sites.numbers()[fleet[0].site.key], name.encode(), NOON + timedelta(hours=1))
        tx.gateways.enrol(b"gw-1", StoredKeys(b"p" * 32, b"t" * 60), NOON)
        tx.gateways.acknowledge("gw-1", 1, NOON)
        for last in (1, 2):
            device = MacAddress.parse(f"02:00:5e:10:00:{last:02}")
            number = tx.visits.device_number(device, NOON)
            tx.visits.add(a_visit(public_id=f"v-{last}", number=number, asker=an_asker(device=device)))
        tx.visits.end("v-2", NOON, EndReason.SIGNED_OUT)
        tx.access_points.manage("AP-2", "openwrt", REACH)
        tx.observations.record([Looked("AP-2", Observation(NOON, up=True, uptime_seconds=60, config_digest="d1"))])
        tx.pushes.propose("AP-2", "intent", "d1", by="day-shift", at=NOON)


def test_visits_and_gateways_are_counted_and_nobody_is_in_a_label(client, visitors):
    text = client.get("/metrics").text
    found, city = series(text), ("city", A_CITY.slug)
    site = (city, ("district", "River district"), ("site", "Willow park"))
    assert found["wifi_visits_active", site] == 1
    tap = ("method", "click_through")
    assert found["wifi_visits_recorded", (city, tap, ("status", "running"))] == 1
    assert found["wifi_visits_recorded", (city, tap, ("status", "signed_out"))] == 1
    statuses = {dict(labels)["status"]: value for (name, labels), value in found.items() if name == "wifi_gateways"}
    assert statuses == {"enforcing": 1, "behind": 0, "silent": 0, "not_enrolled": 1}
    assert not [private for private in ("5e:10", "10.1.0.7", "v-1", "gw-1") if private in text]


def test_a_gateway_that_says_nothing_is_silent_and_visits_run_out_by_themselves(store, visitors):
    found = series(create_app(store, FrozenClock(NOON + timedelta(hours=25))).test_client().get("/metrics").text)
    assert found["wifi_gateways", (("city", A_CITY.slug), ("status", "silent"))] == 1
    assert "wifi_visits_active" not in {name for name, _labels in found}


def test_promtool_finds_nothing_to_improve(client, visitors):
    text = client.get("/metrics").data
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, timeout=60, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_a_database_that_is_away_is_a_series_and_not_an_error(away):
    answer = away.get("/metrics")
    found = series(answer.text)
    assert answer.status_code == 200
    assert found["wifi_database_up", ()] == 0
    assert not [name for name, _labels in found if name == "wifi_access_points"]


def test_while_the_database_is_away_prometheus_keeps_its_targets_and_balancers_look_elsewhere(away):
    assert away.get("/sd/access-points").status_code == 503
    assert away.get("/healthz").status_code == 503


def test_access_points_in_service_that_can_be_reached_are_discovered(client, fleet):
    answer = client.get("/sd/access-points")
    assert answer.mimetype == "application/json"
    assert json.loads(answer.data) == [
        {
            "targets": ["192.0.2.11"],
            "labels": {
                "__meta_wifi_ap": "AP-2",
                "__meta_wifi_city": A_CITY.slug,
                "__meta_wifi_district": "River district",
                "__meta_wifi_platform": "openwrt",
                "__meta_wifi_site": "Willow park",
                "__meta_wifi_site_kind": "park",
                "__meta_wifi_ssh_port": "22",
            },
        }
    ]


def test_an_empty_city_has_an_empty_list_of_targets(client):
    assert client.get("/sd/access-points").json == []
    assert client.get("/healthz").json == {"status": "ok"}
