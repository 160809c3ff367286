"""Copies of a city's list, each broken in another way: the message says what and where, and the database is as before."""

import os

import pytest

from tests.fakes import city_list
from wifi_manager.domain.errors import BadInput
from wifi_manager.services import inventory_mappings
from wifi_manager.services.inventory import ImportOptions, Inventory

SEOUL = inventory_mappings.find("seoul")
# A file is read before the database is asked: one kind of database shows all. test_inventory.py uses both.
pytestmark = [pytest.mark.slow, pytest.mark.parametrize("upgraded_url", ["sqlite"], indirect=True)]
GEOJSON = inventory_mappings.find("wifi-manager-geojson")
TEXT = city_list.as_csv(city_list.rows(12))
LINES = TEXT.splitlines(keepends=True)


@pytest.fixture
def inventory(store, clock, tmp_path):
    """An inventory that holds the first three rows."""
    inventory = Inventory(store, clock)
    path = tmp_path / "before.csv"
    path.write_text("".join(LINES[:4]), "utf-8")
    inventory.import_file(path, SEOUL, actor="command line")
    return inventory


@pytest.fixture
def refused(inventory, store, tmp_path):
    """What an import says about content that it refuses as a whole."""

    def import_(content, mapping=SEOUL):
        path = tmp_path / "list"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return _message(inventory, store, path, mapping)

    return import_


@pytest.fixture
def problems(inventory, store, tmp_path):
    """The bad rows that an import finds, while it writes nothing."""

    def import_(content, mapping=SEOUL):
        path = tmp_path / "list"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        before = _state(store)
        report = inventory.import_file(path, mapping, actor="command line")
        assert report.was_refused
        assert report.rejects_file.exists()
        assert _state(store) == before
        return [(each.line, each.column, each.reason) for each in report.problems]

    return import_


def _state(store):
    with store.read() as tx:
        return tx.access_points.all(), tx.sites.all(), tx.audit.newest(1000)


def _message(inventory, store, path, mapping=SEOUL):
    before = _state(store)
    with pytest.raises(BadInput) as refusal:
        inventory.import_file(path, mapping, actor="command line", options=ImportOptions(skip_bad_rows=True))
    assert _state(store) == before
    return str(refusal.value)


def test_a_missing_column_is_named_with_what_it_is_for_and_what_is_there(refused):
    message = refused(TEXT.replace("실내외구분", "실내외"))
    assert "'실내외구분' or 'X_SWIFI_INOUT_DOOR' (for indoor)" in message
    assert "did they mean '실내외'" in message


def test_a_bad_coordinate_is_named_with_its_line_and_column(problems):
    cells = LINES[2].split(",")[:-2]
    found = problems(TEXT.replace(LINES[2], ",".join([*cells, "12E", "37.5\n"])))
    assert found == [(3, "X좌표", "'12E' is not a number of degrees such as 37.561924")]


@pytest.mark.parametrize("degrees", ["nan", "inf", "1e400", "１２７", "12_7"])
def test_numbers_that_are_no_degrees_are_refused(problems, degrees):
    line = LINES[2].rsplit(",", 2)
    assert problems(TEXT.replace(LINES[2], f"{line[0]},{degrees},{line[2]}"))[0][:2] == (3, "X좌표")


@pytest.mark.parametrize(
    ("longitude", "latitude", "reason"),
    [("0", "0", "ocean"), ("126.9", "", "one of the two is empty"), ("2.35", "48.85", "outside the city's bounds")],
)
def test_a_place_where_no_access_point_of_the_city_is_says_so(problems, longitude, latitude, reason):
    line = LINES[2].rsplit(",", 2)[0]
    ((number, column, said),) = problems(TEXT.replace(LINES[2], f"{line},{longitude},{latitude}\n"))
    assert (number, column) == (3, "Y좌표, X좌표")
    assert reason in said


def test_of_a_number_that_is_there_twice_both_lines_are_named(problems):
    found = problems(TEXT.replace("HN00009", "HN00002"))
    assert found == [
        (3, "관리번호", "'HN00002' is also in line 10"),
        (10, "관리번호", "'HN00002' is also in line 3"),
    ]


def test_a_wrong_encoding_says_which_are_read(refused):
    assert "UTF-16" in refused(TEXT.encode("utf-16"))
    assert "neither UTF-8 nor CP949" in refused(b"\x80\xff\x80" + TEXT.encode("cp949"))


def test_a_damaged_byte_is_found_in_its_cell_and_kept_in_the_rejects(problems, tmp_path):
    damaged = LINES[4].encode().replace("공공".encode(), b"\xea\xb3")
    found = problems(TEXT.encode().replace(LINES[4].encode(), damaged))
    assert [(line, column) for line, column, _ in found] == [(5, "서비스구분")]
    assert "not text in this file's encoding" in found[0][2]
    assert r"\udcea\udcb3" in (tmp_path / "list.rejects.csv").read_text("utf-8-sig")


def test_a_line_that_is_cut_off_is_named(problems):
    found = problems(TEXT[: TEXT.rindex(",실")])
    assert [(line, column) for line, column, _ in found] == [(13, "실내외구분")]
    assert "cut off" in found[0][2]


def test_a_row_with_more_cells_than_the_header_is_named(problems):
    found = problems(TEXT.replace(LINES[3], LINES[3].replace("\n", ",more\n")))
    assert found[0][0] == 4
    assert "14 cells, the header 13" in found[0][2]


def test_a_line_of_a_hundred_megabytes_is_given_up_early(inventory, store, tmp_path):
    path = tmp_path / "list"
    with path.open("wb") as file:
        file.write(LINES[0].encode())
        file.writelines([b"x" * 1_000_000] * 100)
    assert "line 2: is longer than 64 KiB" in _message(inventory, store, path)


def test_a_file_that_is_far_too_large_is_given_up(inventory, store, tmp_path):
    path = tmp_path / "list"
    with path.open("wb") as file:
        file.write(LINES[0].encode())
        file.writelines([("x" * 1000 + "\n").encode() * 1000] * 70)
    assert "larger than 64 MiB" in _message(inventory, store, path)


@pytest.mark.parametrize("cell", ["=HYPERLINK(1)", "+cmd", "@SUM(A1)", "-2+3", "=1"])
def test_a_cell_like_a_formula_is_refused_and_kept_harmless(problems, tmp_path, cell):
    rows = city_list.rows(3)
    rows[1]["상세주소"] = cell
    ((line, column, reason),) = problems(city_list.as_csv(rows))
    assert (line, column) == (3, "상세주소")
    assert "formula" in reason
    assert f",'{cell}," in (tmp_path / "list.rejects.csv").read_text("utf-8-sig")


@pytest.mark.parametrize("content", ["", "\n\n", "\ufeff"])
def test_an_empty_file_is_refused(refused, content):
    message = refused(content)
    assert "is empty" in message or "no names of columns" in message


def test_a_header_alone_changes_nothing(inventory, store, tmp_path):
    path = tmp_path / "list"
    path.write_text(LINES[0], "utf-8")
    report = inventory.import_file(path, SEOUL, actor="command line")
    assert (report.rows, report.not_in_file, report.was_written) == (0, 3, False)


def test_a_directory_a_pipe_and_a_file_that_is_not_there_are_refused(inventory, store, tmp_path):
    assert "is a directory" in _message(inventory, store, tmp_path)
    os.mkfifo(tmp_path / "pipe")
    assert "is not a file" in _message(inventory, store, tmp_path / "pipe")
    assert "No such file" in _message(inventory, store, tmp_path / "nothing")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PK\x03\x04rest", "Excel"),
        (b"%PDF-1.7", "PDF"),
        (b"\x1f\x8b\x08", "gunzip"),
        (bytes(range(256)) * 20, "binary data"),
        (TEXT.encode() + b"\0", "binary data"),
        (LINES[0].encode() + LINES[1].encode() * 100 + b"a\0b\n", "line 102: holds binary data"),
    ],
)
def test_a_binary_is_refused_with_what_it_is(refused, content, said):
    assert said in refused(content)


def test_a_quote_that_is_never_closed_is_named_where_it_opens(refused):
    text = city_list.as_csv(city_list.rows(60)).replace('"', "").replace("HN00002", '"HN00002')
    assert "line 3: a quote is opened there and not closed" in refused(text)


def test_a_stray_quote_spoils_its_own_row_alone(problems):
    found = problems(TEXT.replace("HN00002,", '"HN"00002,'))
    assert [line for line, _, _ in found] == [3]


def test_control_characters_and_endless_cells_are_refused(problems):
    rows = city_list.rows(3)
    rows[0]["상세주소"] = "bell\a"
    rows[1]["상세주소"] = "long" * 200
    found = problems(city_list.as_csv(rows))
    assert ["control character" in found[0][2], "has 800 characters" in found[1][2]] == [True, True]


def test_a_column_that_is_there_twice_is_refused(refused):
    assert "'자치구' is there twice" in refused(TEXT.replace("와이파이명", "자치구"))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ('{"type": "FeatureCollection", "features": [', "cut off"),
        ("[" * 100_000, "is not JSON"),
        ('{"type": "Feature"}', "no GeoJSON FeatureCollection"),
        ('{"type": "FeatureCollection", "features": []}', "no GeoJSON FeatureCollection"),
        ("관".encode("cp949"), "line 1: is not UTF-8"),
        ('{"type": "FeatureCollection", "features": [{"properties": {"id": NaN}}]}', "NaN is no number"),
        ('{"type": "FeatureCollection", "features": [{"properties": {"id": 1}}]}', "lacks the column 'district'"),
    ],
)
def test_geojson_that_is_none_is_refused(refused, content, said):
    assert said in refused(content, GEOJSON)


@pytest.mark.parametrize(
    ("feature", "column", "said"),
    [
        ('{"properties": null}', "", "not a Feature"),
        ('{"properties": {"site": "\\ud800"}}', "site", "control character"),
        ('{"properties": {"site": ["a"]}}', "site", "a list or an object"),
        ('{"properties": {}, "geometry": {"type": "LineString"}}', "geometry", "not a Point"),
        ('{"properties": {}, "geometry": {"type": "Point", "coordinates": [1]}}', "geometry", "coordinates"),
        ('{"properties": {}, "geometry": {"type": "Point", "coordinates": ["1", 2]}}', "geometry", "coordinates"),
    ],
)
def test_a_feature_that_is_none_is_named_by_its_number(problems, feature, column, said):
    good = '{"id": 1, "properties": {"district": "a", "site": "b", "kind": "park", "address": "", "place": "", "floor": "", "indoor": null, "installed_year": 2020, "installer": "", "service": ""}}'
    found = problems(f'{{"type": "FeatureCollection", "features": [{good}, {feature}]}}', GEOJSON)
    ((_, _, reason),) = [each for each in found if each[:2] == (2, column)]
    assert said in reason
