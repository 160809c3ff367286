"""`wifi-manager coverage` as a person types it."""

import json
import os
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.builders import A_CITY, a_site, an_access_point
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.services.radiotap import heard

pytestmark = pytest.mark.slow


@pytest.fixture
def upgraded_url(upgraded_file, tmp_path):
    shutil.copy(upgraded_file, tmp_path / "city.db")
    return f"sqlite:///{tmp_path / 'city.db'}"


@pytest.fixture
def fleet(store):
    site = a_site(district="강남구", kind=SiteKind.STREET)
    with store.begin() as tx:
        tx.sites.save([site])
        points = [
            an_access_point(f"AP-{n}", site=site, position=Position(37.56, 126.97 + n / 1000)) for n in range(3)
        ]
        tx.access_points.save(points, tx.sites.numbers())


def test_coverage_is_computed_shown_and_asked_what_a_failure_takes_and_where_more_would_help(wifi, fleet):
    computed = wifi("coverage", "compute")
    assert computed.exit_code == 0, computed.output
    assert "강남구" in computed.output
    assert "3 access points count." in computed.output
    assert wifi("coverage", "show").output == computed.output
    shares = json.loads(wifi("coverage", "show", "--json").output)["shares"]
    assert {each["source"] for each in shares} == {"predicted"}
    assert wifi("coverage", "hole", "AP-1").output.startswith("No longer good: ")
    assert json.loads(wifi("coverage", "hole", "AP-1", "--json").output)["people"] is None
    assert wifi("coverage", "next", "--count", "2").output.splitlines()[0].split() == [
        "LATITUDE",
        "LONGITUDE",
        "KM²",
        "MORE",
    ]
    assert len(json.loads(wifi("coverage", "next", "--count", "2", "--json").output)) == 2


def test_a_map_is_drawn_as_picture_hexagons_or_tiles(wifi, fleet, tmp_path):
    assert "Wrote " in wifi("coverage", "map", str(tmp_path / "a.png"), "--district", "강남구").output
    assert (tmp_path / "a.png").read_bytes().startswith(b"\x89PNG")
    wifi("coverage", "map", str(tmp_path / "a.geojson"), "--resolution", "10")
    drawn = json.loads((tmp_path / "a.geojson").read_text("utf-8"))
    assert drawn["features"]
    assert "3 access points count." in drawn["assumptions"]
    assert "tiles below" in wifi("coverage", "map", str(tmp_path / "tiles"), "--zoom", "13", "--zoom", "14").output
    assert {path.relative_to(tmp_path / "tiles").parts[0] for path in tmp_path.glob("tiles/*/*/*.png")} == {
        "13",
        "14",
    }
    refused = wifi("coverage", "map", str(tmp_path / "a.jpg"))
    assert (refused.exit_code, "end it in .png" in refused.output) == (1, True)
    assert "cannot be written" in wifi("coverage", "map", str(tmp_path / "a.png" / "b.png")).output


def test_a_survey_is_imported_once(wifi, fleet, tmp_path):
    path = tmp_path / "walk.csv"
    path.write_text("time,latitude,longitude,band,rssi_dbm\n2026-06-01T12:00:00Z,37.56,126.97,5,-60\n", "utf-8")
    assert "Imported 1 measured signals" in wifi("coverage", "import", str(path)).output
    assert "was imported before" in wifi("coverage", "import", str(path)).output


def test_a_watch_keeps_the_map_and_ends_when_told_to(fleet, upgraded_url):
    settings = {"WIFI_MANAGER_DATABASE_URL": upgraded_url, "WIFI_MANAGER_CITY_SLUG": A_CITY.slug}
    command = [sys.executable, "-m", "wifi_manager", "coverage", "watch", "--seconds", "60"]
    with subprocess.Popen(command, env={**os.environ, **settings}, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline()
        process.terminate()
        assert process.wait(60) == 0
    assert "computed; 0 failed, 0 returned." in line


def test_a_capture_needs_its_track_and_says_what_is_kept_of_it(wifi, fleet, tmp_path):
    capture = Path(__file__).parents[1] / "coverage" / "captures" / "one_channel.pcap"
    assert "--gps" in wifi("coverage", "import", str(capture)).output
    second = int(next(heard(capture.read_bytes())).at)
    moments = [datetime.fromtimestamp(second + at, UTC).isoformat() for at in range(-5, 25, 5)]
    track, ours = tmp_path / "walk.csv", tmp_path / "ours.csv"
    track.write_text("\n".join(["time,latitude,longitude", *(f"{each},37.56,126.97" for each in moments)]), "utf-8")
    ours.write_text("bssid,access_point\n02:00:00:00:00:00,AP-1\n", "utf-8")
    words = ("coverage", "import", str(capture), "--gps", str(track), "--bssids", str(ours))
    assert wifi(*words).output.startswith("Imported ")
    assert "was imported before" in wifi(*words).output
