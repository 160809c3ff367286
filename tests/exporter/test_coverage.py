"""What Prometheus reads about coverage: the newest map alone, and nothing before the first."""

import gzip
import shutil
import subprocess
from dataclasses import replace
from datetime import timedelta

import pytest

from tests.builders import A_CITY, NOON
from tests.exporter.test_exporter import series
from tests.fakes.clock import FrozenClock
from wifi_manager.domain.coverage import Quality, Share, Source
from wifi_manager.domain.coverage_reports import CoverageReport
from wifi_manager.exporter.app import create_app

SHARE = Share('강남 "구"', "", "any", Quality.GOOD, Source.PREDICTED, 0.25, 0.1, 0.5, 0.3)
PEOPLE = Share("", "park", "5", Quality.USABLE, Source.COMBINED, 0.75, 0.5, 1.0, people=True)
REPORT = CoverageReport(NOON, ["Assumed."], [SHARE, PEOPLE], {"2.4": {"wydm9q": -61.5}})


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    shutil.copy(upgraded_file, tmp_path / "city.db")
    return f"sqlite:///{tmp_path / 'city.db'}"


def scraped(store):
    return create_app(store, FrozenClock(NOON)).test_client().get("/metrics").text


def test_the_newest_map_is_told_by_district_and_by_geohash(store):
    with store.begin() as tx:
        tx.coverage.replace(CoverageReport(NOON - timedelta(hours=1), [], [], {"5": {"wydm9r": -70.0}}), {})
        tx.coverage.replace(REPORT, {})
    text = scraped(store)
    city = ("city", A_CITY.slug)
    area = [
        ("band", "any"),
        city,
        ("district", '강남 "구"'),
        ("quality", "good"),
        ("site_kind", ""),
        ("source", "predicted"),
    ]
    people = [
        ("band", "5"),
        city,
        ("district", ""),
        ("quality", "usable"),
        ("site_kind", "park"),
        ("source", "combined"),
    ]
    assert {key: value for key, value in series(text).items() if "coverage" in key[0]} == {
        ("wifi_coverage_area_ratio", tuple(area)): 0.25,
        ("wifi_coverage_population_ratio", tuple(people)): 0.75,
        ("wifi_coverage_cell_signal_dbm", (("band", "2.4"), city, ("geohash", "wydm9q"))): -61.5,
        ("wifi_coverage_computed_timestamp_seconds", (city,)): NOON.timestamp(),
    }
    checked = subprocess.run(
        ["promtool", "check", "metrics"], input=text, capture_output=True, text=True, check=False
    )
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, "")


def test_before_the_first_map_there_is_no_series_of_it(store):
    assert "wifi_coverage" not in scraped(store)


def test_grafana_gets_the_newest_maps_hexagons_from_any_page_and_only_when_they_are_new(store):
    client = create_app(store, FrozenClock(NOON)).test_client()
    assert client.get("/coverage/hexagons.geojson").status_code == 404
    with store.begin() as tx:
        tx.coverage.replace(REPORT, {}, gzip.compress(b'{"features": []}'))
    answer = client.get("/coverage/hexagons.geojson")
    assert (answer.json, answer.content_type) == ({"features": []}, "application/geo+json")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    packed = client.get("/coverage/hexagons.geojson", headers={"Accept-Encoding": "gzip"})
    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.data)) == ("gzip", answer.data)
    known = {"If-None-Match": answer.headers["ETag"]}
    assert client.get("/coverage/hexagons.geojson", headers=known).status_code == 304
    with store.begin() as tx:
        tx.coverage.replace(replace(REPORT, at=NOON + timedelta(seconds=1)), {}, gzip.compress(b"{}"))
    assert client.get("/coverage/hexagons.geojson", headers=known).json == {}
