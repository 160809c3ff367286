"""A city's list goes in as a whole or not at all; importing it again changes nothing; nothing it lacks is lost."""

import csv
import threading

import pytest

from tests.builders import an_access_point
from tests.fakes import city_list
from wifi_manager.domain.access_points import LifeCycle, Management
from wifi_manager.domain.errors import NotFound, OutsideFailure
from wifi_manager.domain.sites import SiteKind
from wifi_manager.services import inventory_mappings
from wifi_manager.services.inventory import ImportOptions, Inventory
from wifi_manager.storage.reports import FleetFilter

SEOUL = inventory_mappings.find("seoul")


@pytest.fixture
def inventory(store, clock):
    return Inventory(store, clock)


@pytest.fixture
def bring(inventory, tmp_path):
    """Import rows or text as a file, under the name list.csv."""

    def import_(content, mapping=SEOUL, encoding="utf-8", **options):
        path = tmp_path / "list.csv"
        text = content if isinstance(content, str) else city_list.as_csv(content)
        path.write_text(text, encoding=encoding, newline="")
        return inventory.import_file(path, mapping, actor="command line", options=ImportOptions(**options))

    return import_


def everything(store):
    with store.read() as tx:
        return tx.access_points.all(), tx.sites.all(), [entry for _, entry in tx.audit.page(100_000)]


def test_a_list_goes_in_and_the_second_time_changes_nothing(store, bring):
    rows = city_list.rows(500)
    report = bring(rows)
    assert (len(report.added), len(report.changed), report.problems, report.was_written) == (500, 0, [], True)
    before = everything(store)
    again = bring(rows)
    assert (len(again.added), len(again.changed), again.unchanged, again.was_written) == (0, 0, 500, False)
    assert everything(store) == before
    with store.read() as tx:
        assert set(tx.reports.districts()) == {row["자치구"] for row in rows}


def test_a_row_becomes_an_access_point_with_all_that_it_says(store, bring):
    row = city_list.rows(1)[0] | {
        "설치유형": "버스정류소",
        "상세주소": "-",
        "설치위치(층)": "-1",
        "실내외구분": "실외",
    }
    bring([row])
    point = everything(store)[0]["HN00001"]
    assert (point.site.district, point.site.name) == (row["자치구"], row["와이파이명"])
    assert point.site.kind is SiteKind.BUS_STOP
    assert (point.place, point.floor, point.indoor) == ("", "-1", False)
    assert f"{point.position.longitude:.6f}" == row["X좌표"]
    assert point.life_cycle is LifeCycle.REGISTERED


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_the_encoding_is_found_out(store, bring, encoding):
    rows = city_list.rows(30)
    report = bring(rows, encoding=encoding)
    assert report.encoding == ("cp949" if encoding == "cp949" else "utf-8")
    assert everything(store)[0]["HN00007"].site.name == rows[6]["와이파이명"]


def test_the_names_of_the_portals_interface_fit_as_well(store, bring):
    names = "X_SWIFI_MGR_NO,X_SWIFI_WRDOFC,X_SWIFI_MAIN_NM,X_SWIFI_ADRES1,X_SWIFI_ADRES2,X_SWIFI_INSTL_FLOOR,X_SWIFI_INSTL_TY,X_SWIFI_INSTL_MBY,X_SWIFI_SVC_SE,X_SWIFI_CNSTC_YEAR,X_SWIFI_INOUT_DOOR,LNT,LAT"
    body = city_list.as_csv(city_list.rows(5)).split("\n", 1)[1]
    report = bring(f"{names},WORK_DTTM\n" + body.replace("\n", ",2024-01-01\n"))
    assert len(report.added) == 5
    assert report.ignored_columns == ["WORK_DTTM"]


def test_a_dry_run_tells_what_would_change_and_writes_nothing(store, bring, tmp_path):
    rows = city_list.rows(20)
    bring(rows)
    before = everything(store)
    rows[3]["설치기관"] = "다른 곳"
    rows[4]["X좌표"] = "far"
    extra = city_list.rows(21)[-1]
    report = bring([*rows[1:], extra], dry_run=True, skip_bad_rows=True)
    assert [each.external_id for each in report.added] == ["HN00021"]
    assert [(each.external_id, each.after) for each in report.changed] == [("HN00004", {"installer": "다른 곳"})]
    assert (report.unchanged, report.not_in_file, report.was_written) == (17, 2, False)
    assert everything(store) == before
    assert [path.name for path in tmp_path.glob("list.csv*")] == ["list.csv"]


def test_what_the_file_does_not_know_is_kept(store, bring):
    rows = city_list.rows(1)
    bring(rows)
    with store.begin() as tx:
        point = tx.access_points.get("HN00001")
        ours = an_access_point(
            "HN00001",
            site=point.site,
            position=point.position,
            platform="openwrt",
            life_cycle=LifeCycle.MANAGED,
            management=Management("192.0.2.7", 22, "root", "SHA256:abc"),
        )
        tx.access_points.save([ours], tx.sites.numbers())
    bring([rows[0] | {"상세주소": "옥상"}])
    after = everything(store)[0]["HN00001"]
    assert after.place == "옥상"
    assert (after.radios, after.platform, after.life_cycle, after.management) == (
        ours.radios,
        "openwrt",
        LifeCycle.MANAGED,
        ours.management,
    )


def test_the_trail_tells_each_change_and_which_file_it_came_from(store, bring):
    rows = city_list.rows(2)
    bring(rows)
    report = bring([rows[0] | {"설치년도": "2022"}, rows[1]])
    newest, changed = everything(store)[2][:2]
    assert (newest.action, newest.noun, newest.subject) == ("imported", "inventory file", "list.csv")
    assert (newest.after["sha256"], newest.after["changed"], newest.at.year) == (report.sha256, 1, 2030)
    assert (changed.action, changed.subject, changed.after) == ("changed", "HN00001", {"installed_year": 2022})
    assert changed.before == {"installed_year": int(rows[0]["설치년도"])}


def test_bad_rows_keep_everything_out_unless_they_are_skipped(store, bring, tmp_path):
    rows = city_list.rows(10)
    rows[2] |= {"X좌표": rows[2]["Y좌표"], "Y좌표": rows[2]["X좌표"]}
    rows[5] |= {"설치유형": "우주정거장", "설치년도": "soon"}
    refused = bring(rows)
    assert refused.was_refused
    assert everything(store) == ({}, {}, [])
    assert [(each.line, each.column) for each in refused.problems] == [
        (4, "Y좌표, X좌표"),
        (7, "설치유형"),
        (7, "설치년도"),
    ]
    assert "swapped" in refused.problems[0].reason
    skipped = bring(rows, skip_bad_rows=True)
    assert (len(skipped.added), skipped.rejected_rows) == (8, 2)
    assert len(everything(store)[0]) == 8
    kept = list(csv.reader((tmp_path / "list.csv.rejects.csv").read_text("utf-8-sig").splitlines()))
    assert kept[0] == ["line", "column", "reason", *city_list.HEADER]
    assert [(line[0], dict(zip(city_list.HEADER, line[3:], strict=True))) for line in kept[1:]] == [
        ("4", {**rows[2]}),
        ("7", {**rows[5]}),
    ]


def test_rejects_that_were_corrected_can_be_imported_as_they_are(store, bring, inventory, tmp_path):
    rows = city_list.rows(3)
    bring([rows[0], rows[1] | {"설치년도": "soon"}, rows[2] | {"상세주소": "=1+1"}], skip_bad_rows=True)
    rejects = tmp_path / "list.csv.rejects.csv"
    rejects.write_text(rejects.read_text("utf-8-sig").replace(",soon,", ",2020,"), "utf-8")
    report = inventory.import_file(rejects, SEOUL, actor="command line")
    assert len(report.added) == 2
    assert everything(store)[0]["HN00003"].place == "=1+1"  # the apostrophe says that it is meant


def test_rejects_that_cannot_be_kept_stop_the_import(store, bring, tmp_path):
    (tmp_path / "list.csv.rejects.csv").mkdir()
    rows = city_list.rows(2)
    with pytest.raises(OutsideFailure, match="nothing was imported"):
        bring([rows[0] | {"설치년도": "soon"}, rows[1]], skip_bad_rows=True)
    assert everything(store)[0] == {}
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith(".")) == []


def test_one_name_with_two_kinds_is_two_sites(store, bring):
    usual = city_list.rows(1)[0] | {"와이파이명": "장터", "설치유형": "전통시장", "도로명주소": "가온로 1"}
    stop = usual | {"관리번호": "HN00003", "설치유형": "버스정류소"}
    rows = [usual, usual | {"관리번호": "HN00002"}, stop]
    bring(rows)
    points = everything(store)[0]
    assert [points[f"HN0000{n}"].site.name for n in (1, 2, 3)] == ["장터", "장터", "장터 (버스정류소)"]
    assert points["HN00003"].site.kind is SiteKind.BUS_STOP
    alone = bring([stop])
    assert (alone.unchanged, alone.not_in_file) == (1, 2)


def test_an_address_that_is_not_the_sites_is_kept_in_the_place(store, bring):
    usual = city_list.rows(1)[0] | {"도로명주소": "가온로 1", "상세주소": "복도"}
    other = usual | {"관리번호": "HN00003", "도로명주소": "나래로 9"}
    bring([other, usual, usual | {"관리번호": "HN00002"}])
    points = everything(store)[0]
    assert points["HN00001"].site.address == "가온로 1"
    assert points["HN00001"].place == "복도"
    assert points["HN00003"].place == "나래로 9, 복도"


def test_examples_of_other_shapes_go_in_by_their_mappings_alone(store, inventory):
    folder = inventory_mappings.folder() / "examples"
    for name, mapping, count in [
        ("harbour-town.csv", "harbour-town", 5),
        ("open-wifi.geojson", "open-wifi-geojson", 3),
    ]:
        report = inventory.import_file(
            folder / name, inventory_mappings.find(mapping), actor="command line", options=ImportOptions()
        )
        assert (len(report.added), report.problems) == (count, [])
    points = everything(store)[0]
    assert points["HT-004"].site.kind is SiteKind.CULTURE
    assert (points["HT-004"].installer, points["HT-004"].installed_year) == ("Town IT", None)
    assert points["HT-005"].position is None
    assert points["1002"].site.kind is SiteKind.CULTURE
    assert (points["1001"].position.latitude, points["1001"].indoor) == (53.5502, False)


def test_two_imports_at_once_give_one_of_each(store, inventory, tmp_path):
    path = tmp_path / "list.csv"
    path.write_text(city_list.as_csv(city_list.rows(100)), "utf-8")
    failures = []

    def import_():
        try:
            inventory.import_file(path, SEOUL, actor="command line")
        except Exception as failure:  # noqa: BLE001 - whatever it is, the test shows it
            failures.append(failure)

    both = [threading.Thread(target=import_) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert failures == []
    points, _sites, trail = everything(store)
    assert (len(points), len(trail)) == (100, 101)


def test_a_wrong_number_finds_its_neighbour(store, bring, inventory):
    bring(city_list.rows(1))
    assert inventory.access_point("HN00001").external_id == "HN00001"
    with pytest.raises(NotFound, match="Did you mean HN00001"):
        inventory.access_point("HN0001")
    assert inventory.fleet(FleetFilter(), limit=5).total == 1


def test_a_retired_access_point_stays_retired_and_is_not_exported(store, bring, inventory):
    rows = city_list.rows(2)
    bring(rows)
    with store.begin() as tx:
        gone = an_access_point("HN00002", site=tx.access_points.get("HN00001").site, life_cycle=LifeCycle.RETIRED)
        tx.access_points.save([gone], tx.sites.numbers())
    bring(rows)
    assert everything(store)[0]["HN00002"].life_cycle is LifeCycle.RETIRED
    assert [point.external_id for point in inventory.in_service()] == ["HN00001"]


@pytest.mark.soak
def test_a_list_as_long_as_a_real_citys_goes_in_and_is_the_same_afterwards(store, bring):
    rows = city_list.rows(19_207)
    assert len(bring(rows).added) == 19_207
    again = bring(rows)
    assert (again.unchanged, again.was_written) == (19_207, False)
