"""What is exported can be imported, and says the same."""

import csv
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from wifi_manager.domain.access_points import AccessPoint
from wifi_manager.domain.mappings import InventoryRow, RowReader
from wifi_manager.domain.sites import Position, Site, SiteKind
from wifi_manager.domain.spreadsheets import is_formula
from wifi_manager.services import inventory_csv, inventory_export, inventory_geojson, inventory_mappings
from wifi_manager.services.inventory_changes import compare

pytestmark = pytest.mark.slow

OWN = inventory_mappings.find("wifi-manager")
OWN_GEOJSON = inventory_mappings.find("wifi-manager-geojson")
LETTERS = st.characters(exclude_categories=["Cc", "Cs", "Zs", "Zl", "Zp"])
TEXT = st.text(LETTERS | st.sampled_from("=+-@',\"; 가"), max_size=20).map(lambda text: " ".join(text.split()))
WORDS = TEXT.filter(bool)
POSITIONS = st.builds(Position, st.floats(-90, 90), st.floats(-180, 180)).filter(
    lambda place: (place.latitude, place.longitude) != (0, 0)
)
SITES = st.builds(Site, WORDS, WORDS, st.sampled_from(SiteKind), TEXT)
POINTS = st.builds(
    AccessPoint,
    external_id=WORDS,
    site=SITES,
    place=TEXT,
    floor=TEXT,
    position=st.none() | POSITIONS,
    indoor=st.none() | st.booleans(),
    installed_year=st.none() | st.integers(1990, 2100),
    installer=TEXT,
    service=TEXT,
)
FLEETS = st.lists(POINTS, max_size=8, unique_by=(lambda each: each.external_id, lambda each: each.site.key))


def read_back(text, source, mapping):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "export"
        path.write_bytes(text.encode())
        with source(path, mapping, lambda _bytes: None) as found:
            reader = RowReader(mapping, mapping.choose(found.columns))
            rows = [reader.read(row.line, row.cells) for row in found.rows if row.fault is None]
    assert all(isinstance(row, InventoryRow) for row in rows), rows
    return {point.external_id: point for point in compare(rows, {}, {}).points}


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(FLEETS)
def test_a_csv_export_reads_back_as_it_was(points):
    text = "".join(inventory_export.as_csv(points))
    assert read_back(text, inventory_csv.source, OWN) == {point.external_id: point for point in points}


@settings(max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(FLEETS.filter(bool))
def test_a_geojson_export_reads_back_as_it_was(points):
    text = "".join(inventory_export.as_geojson(points))
    assert read_back(text, inventory_geojson.source, OWN_GEOJSON) == {point.external_id: point for point in points}


@given(WORDS)
def test_no_text_of_an_export_is_a_formula(text):
    point = AccessPoint(text, Site(text, text, SiteKind.PARK, text), text, text, installer=text, service=text)
    (_header, cells) = csv.reader("".join(inventory_export.as_csv([point])).splitlines())
    assert not any(map(is_formula, cells))


def test_an_export_without_any_access_point_is_whole():
    assert json.loads("".join(inventory_export.as_geojson([])))["features"] == []


@pytest.mark.parametrize("kind", list(SiteKind))
def test_every_kind_of_site_comes_back(kind):
    point = AccessPoint("1", Site("a", "b", kind))
    text = "".join(inventory_export.as_csv([point]))
    assert read_back(text, inventory_csv.source, OWN) == {"1": point}
