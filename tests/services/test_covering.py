"""Coverage on a real database: what is up counts, surveys are kept once, files say what is wrong with them."""

import gc
import gzip
import json
import weakref
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.builders import NOON, a_site, an_access_point
from tests.fakes.clock import FrozenClock
from wifi_manager import shipped
from wifi_manager.domain.access_points import Management
from wifi_manager.domain.coverage import ANY_BAND, Quality, Source
from wifi_manager.domain.errors import BadInput, NotFound, OutsideFailure
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.domain.sites import Position, SiteKind
from wifi_manager.services import coverage_assumptions, coverage_files
from wifi_manager.services.coverage_watch import CoverageWatch
from wifi_manager.services.covering import Covering, Given, NextWanted

REACH = Management("192.0.2.11", 22, "root", "SHA256:abc")
SURVEY = """time,latitude,longitude,band,rssi_dbm,access_point
2026-05-31T21:00:00+09:00,37.56,126.97,2.4,-50,AP-1
2026-05-31T21:00:05+09:00,37.5601,126.97,5,-61.5,
"""


@pytest.fixture
def fleet(store):
    """Three on a street, one of them managed, and a bus."""
    street, bus = a_site(kind=SiteKind.STREET), a_site(name="Bus 7", kind=SiteKind.BUS)
    points = [an_access_point(f"AP-{n}", site=street, position=Position(37.56 + n / 1000, 126.97)) for n in range(3)]
    with store.begin() as tx:
        tx.sites.save([street, bus])
        tx.access_points.save([*points, an_access_point("BUS-1", site=bus)], tx.sites.numbers())
        tx.access_points.manage("AP-0", "openwrt", REACH)


@pytest.fixture
def covering(store, fleet):
    return Covering(store, FrozenClock(NOON))


def poll(store, *, up, at=NOON):
    with store.begin() as tx:
        tx.observations.record([Looked("AP-0", Observation(at, up=up))])


def usable(report, area="", source=Source.PREDICTED):
    (share,) = [
        each.ratio
        for each in report.shares
        if (each.area, each.kind, each.band, each.quality, each.source)
        == (area, "", ANY_BAND, Quality.USABLE, source)
    ]
    return share


def test_a_watch_computes_anew_when_an_access_point_fails_or_returns_and_once_in_a_while(store, covering):
    clock = FrozenClock(NOON)
    watch = CoverageWatch(covering, Given(), clock, timedelta(minutes=5))
    poll(store, up=True)
    first, change = watch.look()
    assert (change, watch.look()) == ((frozenset(), frozenset()), None)
    poll(store, up=False, at=NOON + timedelta(seconds=1))
    hole, change = watch.look()
    assert (change, usable(hole) < usable(first)) == (({"AP-0"}, frozenset()), True)
    assert covering.newest().shares == hole.shares
    poll(store, up=True, at=NOON + timedelta(seconds=2))
    again, change = watch.look()
    assert (change, again.shares) == ((frozenset(), {"AP-0"}), first.shares)
    clock.advance(timedelta(minutes=5))
    assert watch.look() is not None


class OneAtATime(Covering):
    """Computes a map only when the one before is gone."""

    last = staticmethod(lambda: None)

    def living(self, given):
        gc.collect()
        assert self.last() is None
        made = super().living(given)
        self.last = weakref.ref(made.found.signals)
        return made


@pytest.fixture
def watch(store, fleet):
    clock = FrozenClock(NOON)
    poll(store, up=True)
    return CoverageWatch(OneAtATime(store, clock), Given(), clock, timedelta(minutes=5))


def test_a_watch_computes_as_a_whole_at_once_when_an_access_point_moves_and_holds_one_map_at_a_time(store, watch):
    first, _change = watch.look()
    with store.begin() as tx:
        moved = replace(tx.access_points.get("AP-1"), position=Position(37.569, 126.97))
        tx.access_points.save([moved], tx.sites.numbers())
    report, change = watch.look()
    assert (change, watch.look()) == ((frozenset(), frozenset()), None)
    assert report.shares == watch.covering.keep(Covering(store, watch.clock).living(Given())).shares != first.shares


def test_a_failure_is_painted_on_the_map_that_is_there_and_equals_the_whole_one(store, watch):
    watch.look()
    painted = watch.covering.last()
    poll(store, up=False, at=NOON + timedelta(seconds=1))
    report, change = watch.look()
    assert (change, watch.covering.last()) == (({"AP-0"}, frozenset()), painted)
    whole = watch.covering.keep(Covering(store, watch.clock).living(Given()))
    assert (report.shares, report.signals, report.sentences) == (whole.shares, whole.signals, whole.sentences)


def test_a_map_that_could_not_be_kept_is_kept_at_the_next_look(store, engine, watch):
    watch.look()
    poll(store, up=False, at=NOON + timedelta(seconds=1))
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE coverage_picture RENAME TO away")
    with pytest.raises((OutsideFailure, sa.exc.ProgrammingError)):
        watch.look()
    with engine.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE away RENAME TO coverage_picture")
    report, change = watch.look()
    assert (change, watch.covering.newest().shares) == (({"AP-0"}, frozenset()), report.shares)


def test_a_map_is_kept_as_hexagons_with_what_it_takes_for_granted(store, covering):
    poll(store, up=True)
    report = covering.keep(covering.living(Given()))
    with store.read() as tx:
        at, packed = tx.coverage.hexagons()
    drawn = json.loads(gzip.decompress(packed))
    assert (at, drawn["assumptions"]) == (report.at, list(report.sentences))
    assert {each["geometry"]["type"] for each in drawn["features"]} == {"Polygon"}
    assert any(each["properties"]["usable"] > 0 for each in drawn["features"])


def test_a_watch_that_could_not_compute_tries_again(store):
    watch = CoverageWatch(Covering(store, FrozenClock(NOON)), Given(), FrozenClock(NOON), timedelta(minutes=5))
    for _ in range(2):
        with pytest.raises(BadInput):
            watch.look()


def test_only_access_points_that_are_up_count_and_a_failure_shows_at_once(covering, store):
    poll(store, up=True)
    before = covering.keep(covering.living(Given()))
    poll(store, up=False, at=NOON + timedelta(seconds=1))
    after = covering.keep(covering.living(Given()))
    assert usable(after) < usable(before)
    assert usable(after, "River district") == usable(after), "the only district is the city"
    assert "1 do not count: down." in after.sentences
    assert "1 do not count: moving." in after.sentences
    assert covering.newest() == after


def test_the_kept_map_has_pictures_of_the_city_and_its_districts_and_signals_by_geohash(covering, store):
    covering.keep(covering.living(Given()))
    with store.read() as tx:
        assert tx.coverage.picture("")[:4] == tx.coverage.picture("River district")[:4] == b"\x89PNG"
        assert tx.coverage.picture("nowhere") is None
        assert set(tx.coverage.newest().signals) == {"2.4", "5"}


def test_before_the_first_map_it_says_which_command_makes_one(covering):
    with pytest.raises(NotFound, match="wifi-manager coverage compute"):
        covering.newest()


def test_a_hole_is_asked_for_by_number_even_of_one_that_is_down(covering):
    lost = covering.hole(["AP-0"], Given())
    assert lost.square_kilometres[Quality.USABLE] > lost.square_kilometres[Quality.GOOD] > 0
    with pytest.raises(NotFound, match="No access point is numbered 'AP-9'"):
        covering.hole(["AP-9"], Given())
    with pytest.raises(BadInput, match="BUS-1 is on no map: moving"):
        covering.hole(["BUS-1"], Given())


def test_the_next_places_gain_less_and_less_and_are_asked_for_by_district(covering):
    found = covering.next_places(Given(), NextWanted(3))
    assert [each.gain for each in found] == sorted((each.gain for each in found), reverse=True)
    with pytest.raises(NotFound, match="no district 'Hill'"):
        covering.next_places(Given(), NextWanted(district="Hill"))
    with pytest.raises(BadInput, match="kind bus moves"):
        covering.next_places(Given(), NextWanted(kind=SiteKind.BUS))


def test_a_survey_is_kept_once_and_moves_the_combined_map(covering, tmp_path):
    path = tmp_path / "walk.csv"
    path.write_text(SURVEY, "utf-8")
    assert covering.import_survey(path, "command line") == 2
    assert covering.import_survey(path, "command line") is None
    report = covering.keep(covering.living(Given()))
    assert report.source is Source.COMBINED
    assert usable(report, source=Source.MEASURED) == 1.0
    assert "2 samples measured 2 cells." in report.sentences


def test_a_bad_survey_is_refused_whole_with_a_line_for_each_bad_row(covering, store, tmp_path):
    path = tmp_path / "walk.csv"
    rows = [
        "2026-05-31T21:00:00,37.56,126.97,2.4,-50,",
        "yesterday,37.56,126.97,2.4,-50,",
        "2026-05-31T21:00:00Z,137,126.97,2.4,-50,",
        "2026-05-31T21:00:00Z,37.56,126.97,60,-50,",
        "2026-05-31T21:00:00Z,37.56,126.97,5,50,",
        "2026-05-31T21:00:00Z,37.56,nan,5,-50,",
    ]
    path.write_text(SURVEY + "\n".join(rows), "utf-8")
    with pytest.raises(BadInput) as refused:
        covering.import_survey(path, "command line")
    told = str(refused.value).splitlines()
    said = (
        "does not say its offset",
        "Example: 2026",
        "swapped",
        "not one of 2.4, 5, 6",
        "between -120 and 0",
        "no number",
    )
    assert [
        f"line {number}:" in line and part in line
        for number, line, part in zip(range(4, 10), told, said, strict=True)
    ] == [True] * 6
    with store.read() as tx:
        assert tx.coverage.samples(NOON - timedelta(days=99)) == []


def test_files_without_what_is_needed_say_so(tmp_path):
    (tmp_path / "bad.csv").write_text("lat,lon\n", "utf-8")
    with pytest.raises(BadInput, match="has no column latitude, longitude, people"):
        coverage_files.people(tmp_path / "bad.csv")
    with pytest.raises(BadInput, match=r"none\.csv cannot be read"):
        coverage_files.survey(tmp_path / "none.csv")
    (tmp_path / "korean.csv").write_bytes("위도".encode("cp949"))
    with pytest.raises(BadInput, match="is not UTF-8"):
        coverage_files.survey(tmp_path / "korean.csv")


RING = [[126.96, 37.55], [126.98, 37.55], [126.98, 37.57], [126.96, 37.57], [126.96, 37.55]]


def outline(geometry, **properties):
    return {"type": "Feature", "properties": properties, "geometry": geometry}


@pytest.fixture
def geojson(tmp_path):
    def written(*features):
        path = tmp_path / "outlines.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
        return path

    return written


def test_outlines_replace_hulls_and_residents_are_counted_in_them(covering, geojson, tmp_path):
    path = geojson(outline({"type": "Polygon", "coordinates": [RING]}, district="중구"))
    people = tmp_path / "people.csv"
    people.write_text("latitude,longitude,people\n37.561,126.97,900\n37.551,126.961,100\n", "utf-8")
    report = covering.keep(covering.living(Given(outlines=path, people=people)))
    (line,) = [each for each in report.lines(people=True) if each.district]
    assert (line.district, line.good.ratio) == ("중구", pytest.approx(0.9))
    assert "Districts are taken from the file of outlines." in report.sentences


@pytest.mark.parametrize(
    ("feature", "said"),
    [
        (outline({"type": "Polygon", "coordinates": [RING]}), "a district or a kind"),
        (outline({"type": "Polygon", "coordinates": [RING]}, kind="castle"), "a district or a kind"),
        (outline({"type": "Point", "coordinates": [1, 2]}, district="A"), "Polygon or MultiPolygon"),
        (outline({"type": "Polygon", "coordinates": [RING[:2]]}, district="A"), "four positions"),
        (outline({"type": "Polygon", "coordinates": [["a"]]}, district="A"), "not lists of"),
        (outline(None, district="A"), "Polygon or MultiPolygon"),
        ("nothing", "a district or a kind"),
    ],
)
def test_an_outline_that_cannot_be_used_is_named(geojson, feature, said):
    with pytest.raises(BadInput, match=said) as refused:
        coverage_files.outlines(geojson(feature))
    assert "feature 1" in str(refused.value)


def test_files_that_are_no_outlines_at_all_are_refused(geojson, tmp_path):
    (tmp_path / "cut.geojson").write_text('{"type": ', "utf-8")
    with pytest.raises(BadInput, match="Is it cut off"):
        coverage_files.outlines(tmp_path / "cut.geojson")
    with pytest.raises(BadInput, match="no GeoJSON FeatureCollection"):
        coverage_files.outlines(geojson())


def test_all_that_is_wrong_with_assumptions_is_told_at_once(tmp_path):
    text = (shipped.configs() / "coverage.toml").read_text("utf-8")
    path = tmp_path / "own.toml"
    changed = text.replace('environment = "open"', 'environment = "forest"').replace(
        "[kinds.market]", "[kinds.markt]"
    )
    path.write_text(changed.replace("good = -67.0", "good = 67").replace("cell = 20.0", 'cell = "small"'), "utf-8")
    with pytest.raises(BadInput) as refused:
        coverage_assumptions.read(path)
    told = str(refused.value)
    for part in (
        "cell: is a number from 5 to 200, not 'small'",
        "[thresholds] good: is a number from -95 to -30, not 67",
        "Did you mean market?",
        "[kinds.market]: there is none",
        "[kinds.park] environment: is one of open, street, residential, high_rise, not 'forest'",
    ):
        assert part in told


def test_assumptions_that_are_missing_or_no_toml_are_refused(tmp_path):
    with pytest.raises(BadInput, match=r"Start from configs/coverage\.toml"):
        coverage_assumptions.read(tmp_path / "none.toml")
    (tmp_path / "empty.toml").write_text("", "utf-8")
    with pytest.raises(BadInput, match=r"\[thresholds\]: there is none"):
        coverage_assumptions.read(tmp_path / "empty.toml")
    (tmp_path / "broken.toml").write_text("[", "utf-8")
    with pytest.raises(BadInput, match="is not TOML"):
        coverage_assumptions.read(tmp_path / "broken.toml")
