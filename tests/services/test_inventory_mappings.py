"""A mapping file says everything that is wrong with it at once, each with its key, what fits, and an example."""

from pathlib import Path

import pytest

from tests.fakes import city_list
from wifi_manager.domain.errors import BadInput, NotFound
from wifi_manager.domain.mappings import FIELDS
from wifi_manager.domain.sites import SiteKind
from wifi_manager.services import inventory_mappings

MANY_MISTAKES = """
format = "xml"
encodings = ["utf-8", "utf-7"]
delimiter = "tab"
empty = "-"
optional = ["site", "roof"]
bounds = { south = 38, west = 126, north = 37, east = 127 }
colour = "blue"

[columns]
external_id = "Number"
site = []
plaec = ["Place"]
latitude = ["Lat"]

[constants]
kind = "playground"
district = ""

[values.indoor]
yes = "true"

[values.site]
a = "b"
"""


@pytest.fixture
def mistakes(tmp_path):
    def read(text):
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        with pytest.raises(BadInput) as refusal:
            inventory_mappings.find(str(path))
        return str(refusal.value).splitlines()

    return read


def test_every_mapping_that_is_shipped_can_be_read():
    names = inventory_mappings.names()
    assert {"seoul", "wifi-manager", "wifi-manager-geojson", "harbour-town", "open-wifi-geojson"} <= set(names)
    assert [inventory_mappings.find(name).name for name in names] == names


def test_the_seoul_mapping_has_every_column_of_the_portals_file():
    chosen = inventory_mappings.find("seoul").choose(city_list.HEADER)
    assert sorted(chosen.values()) == sorted(city_list.HEADER)


def test_all_mistakes_are_told_at_once(mistakes, tmp_path):
    lines = mistakes(MANY_MISTAKES)
    assert all(line.startswith(f"{tmp_path / 'mine.toml'}: ") for line in lines)
    told = "\n".join(lines)
    for key in ("format", "encodings", "delimiter", "empty", "bounds"):
        assert f"mine.toml: {key}: is " in told
    for what in (
        "colour: there is no such key",
        "[columns] external_id: is a list",
        "[columns] site: is a list",
        "[columns] plaec: there is no such key. Did you mean place?",
        "latitude and longitude: both",
        "[constants] kind: is one of park",
        "[constants] district: is a text",
        "[values] indoor: is a table",
        "[values] site: there is no such key",
        "optional: site has no column, or every access point needs it",
        "optional: roof",
    ):
        assert what in told
    assert sum("Example: " in line or "Did you mean" in line or "Known are" in line for line in lines) == len(lines)


def test_what_every_access_point_needs_must_be_said(mistakes):
    told = "\n".join(mistakes(""))
    for name in ("external_id", "district", "site", "kind"):
        assert f"[columns] {name}: every access point needs it" in told


def test_a_field_stands_in_one_section_only(mistakes):
    text = (
        '[columns]\nexternal_id = ["a"]\nsite = ["b"]\nkind = ["c"]\ndistrict = ["d"]\n[constants]\nkind = "park"\n'
    )
    assert "[constants] kind: it stands under [columns] as well" in mistakes(text)[0]


def test_geojson_has_its_coordinates_in_the_geometry(mistakes):
    text = 'format = "geojson"\n[columns]\nexternal_id = ["a"]\nsite = ["b"]\nkind = ["c"]\ndistrict = ["d"]\nlatitude = ["e"]\n'
    assert "GeoJSON has it in its geometry" in mistakes(text)[0]


@pytest.mark.parametrize("text", ["columns = 3", "[columns\n", "values = []\nconstants = 1\noptional = 5"])
def test_what_is_hardly_a_mapping_is_refused_without_a_crash(mistakes, text):
    assert mistakes(text)


def test_a_file_that_cannot_be_read_says_where_to_start(tmp_path):
    with pytest.raises(BadInput, match="Start from configs/mappings/"):
        inventory_mappings.find(str(tmp_path / "nothing.toml"))


def test_a_wrong_name_finds_its_neighbour():
    with pytest.raises(NotFound, match="Did you mean seoul"):
        inventory_mappings.find("soul")
    with pytest.raises(NotFound, match=r"There are: .*wifi-manager"):
        inventory_mappings.find("zzz")


def test_a_city_gets_the_mapping_of_its_name_or_our_own():
    assert inventory_mappings.default_name("seoul") == "seoul"
    assert inventory_mappings.default_name("haneul") == "wifi-manager"


def test_the_example_on_the_page_about_mappings_can_be_read(tmp_path):
    page = (Path(__file__).parents[2] / "docs/mappings.md").read_text(encoding="utf-8")
    path = tmp_path / "my-town.toml"
    path.write_text(page.split("```toml\n")[1].split("```")[0], encoding="utf-8")
    assert inventory_mappings.find(str(path)).constants == {"district": "Harbour town"}
    for field in FIELDS:
        assert f"`{field}`" in page
    for kind in SiteKind:
        assert kind.value in page
