"""The public list of hotspots: what is in it, what is not, and how it is served."""

import csv
import gzip
import io
import json
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from portal.app import create_app
from tests.builders import A_CITY, NOON, a_site, an_access_point
from wifi_manager.domain.access_points import LifeCycle, Management
from wifi_manager.domain.errors import BadInput, NotFound, OutsideFailure
from wifi_manager.domain.observations import Looked, Observation
from wifi_manager.domain.sites import SiteKind
from wifi_manager.services import inventory_mappings
from wifi_manager.services.covering import Covering, Given
from wifi_manager.services.fresh import Fresh
from wifi_manager.services.inventory import Inventory
from wifi_manager.services.open_data import CSV, GEOJSON, OpenData
from wifi_manager.settings.open_data import OpenDataSettings

pytestmark = pytest.mark.slow

HALL = a_site(name="Old hall", kind=SiteKind.HALL, address="2 Mill lane")
SHELTER = a_site(name="Harbour shelter", kind=SiteKind.WELFARE)
REACH = Management("192.0.2.44", 2222, "secret-user", "SHA256:abcdef")
TILE = "/coverage/14/13970/6345.png"  # 126.97 east, 37.56 north
POINTS = (
    an_access_point("AP-0001", model="Secret model 9"),
    an_access_point("AP-0002", site=HALL, position=None, indoor=True),
    an_access_point("AP-0003", site=SHELTER),
    an_access_point("AP-0009", life_cycle=LifeCycle.RETIRED),
)


@pytest.fixture
def filled(portal_store):
    with portal_store.begin() as tx:
        tx.sites.save({each.site.key: each.site for each in POINTS}.values())
        tx.access_points.save(POINTS, tx.sites.numbers())
    return portal_store


@pytest.fixture
def timer():
    return [0.0]


@pytest.fixture
def made(filled, clock, timer):
    def make(**given):
        return OpenData(filled, clock, lambda: timer[0], OpenDataSettings(**given), A_CITY.slug)

    return make


@pytest.fixture
def client(face, made):
    return create_app(replace(face, open_data=made(also_columns=("seoul",)))).test_client()


def told(open_data, name=CSV):
    return list(csv.DictReader(io.StringIO("".join(open_data.lines(name)))))


def test_access_points_in_service_are_told_with_their_places(made):
    first, second, third = told(made())
    assert (first["external_id"], first["site"], first["district"]) == ("AP-0001", "Willow park", "River district")
    assert (first["latitude"], first["longitude"], first["address"]) == ("37.56", "126.97", "1 Willow road")
    assert (second["kind"], second["latitude"], second["indoor"]) == ("hall", "", "true")
    assert third["external_id"] == "AP-0003"


@pytest.mark.parametrize("name", [CSV, GEOJSON, "hotspots-seoul.csv"])
def test_nothing_about_the_devices_is_told(made, filled, name):
    with filled.begin() as tx:
        tx.access_points.manage("AP-0001", "openwrt", REACH)
    text = "".join(made(also_columns=("seoul",)).lines(name))
    assert "AP-0001" in text
    for secret in ("192.0.2.44", "secret-user", "SHA256", "openwrt", "Secret model", "radio0", "AP-0009"):
        assert secret not in text


def test_kinds_that_the_city_hides_are_left_out(made):
    assert [each["site"] for each in told(made(hidden_kinds=("welfare",)))] == ["Willow park", "Old hall"]


@pytest.mark.parametrize(
    ("name", "mapping"),
    [(CSV, "wifi-manager"), (GEOJSON, "wifi-manager-geojson"), ("hotspots-seoul.csv", "seoul")],
)
def test_each_file_can_be_imported_again_and_changes_nothing(made, filled, clock, tmp_path, name, mapping):
    """Every kind of site, so that each has a word in the city's own columns."""
    more = [an_access_point(f"AP-1{at}", site=a_site(name=kind, kind=kind)) for at, kind in enumerate(SiteKind)]
    with filled.begin() as tx:
        tx.sites.save([each.site for each in more])
        tx.access_points.save(more, tx.sites.numbers())
    path = tmp_path / name
    path.write_text("".join(made(also_columns=("seoul",), tells_available=True, ssids=("City WiFi",)).lines(name)))
    report = Inventory(filled, clock).import_file(path, inventory_mappings.find(mapping), actor="somebody")
    lines = (list(report.problems), list(report.added), list(report.changed), report.unchanged)
    assert lines == ([], [], [], 3 + len(SiteKind))


def test_seouls_columns_are_seouls_own(made):
    first, *_ = told(made(also_columns=("seoul",)), "hotspots-seoul.csv")
    assert list(first) == [
        "관리번호", "자치구", "와이파이명", "도로명주소", "상세주소", "설치위치(층)", "설치유형", "설치기관", "서비스구분", "설치년도",
        "실내외구분", "X좌표", "Y좌표",
    ]  # fmt: skip
    assert (first["설치유형"], first["실내외구분"], first["X좌표"]) == ("공원/하천", "실외", "126.97")


def test_a_city_gets_its_own_columns_without_asking(filled, clock):
    assert OpenData(filled, clock, float, OpenDataSettings(), "seoul").names == [CSV, "hotspots-seoul.csv", GEOJSON]
    assert OpenData(filled, clock, float, OpenDataSettings(), "harbour-town").names == [CSV, GEOJSON]


@pytest.mark.parametrize(("columns", "why"), [("harbour-town", "constants"), ("open-wifi-geojson", "GeoJSON")])
def test_columns_that_cannot_say_it_all_are_refused(made, columns, why):
    with pytest.raises(BadInput, match=why):
        made(also_columns=(columns,))


def test_columns_that_there_are_not_are_refused(made):
    with pytest.raises(NotFound, match="seoul"):
        made(also_columns=("seoull",))


def look(store, number, at, *, up):
    with store.begin() as tx:
        tx.access_points.manage(number, "openwrt", REACH)
        tx.observations.record([Looked(number, Observation(at=at, up=up))])


def test_a_site_is_available_while_any_of_its_access_points_is(made, filled, clock):
    beside = an_access_point("AP-0004")
    with filled.begin() as tx:
        tx.access_points.save([beside], tx.sites.numbers())
    look(filled, "AP-0001", clock.now(), up=False)
    look(filled, "AP-0004", clock.now(), up=True)
    look(filled, "AP-0002", clock.now(), up=False)
    open_data = made(tells_available=True)
    park, hall, shelter, _ = told(open_data)
    assert (park["available"], hall["available"], shelter["available"]) == ("true", "false", "")
    clock.advance(timedelta(minutes=11))
    assert {each["available"] for each in told(open_data)} == {""}


def test_the_list_names_the_networks(made):
    open_data = made(ssids=("City WiFi", "City WiFi Secure"))
    features = json.loads("".join(open_data.lines(GEOJSON)))["features"]
    assert features[0]["properties"]["ssids"] == "City WiFi; City WiFi Secure" == told(open_data)[0]["ssids"]
    assert (features[0]["geometry"], features[1]["geometry"]) == (
        {"type": "Point", "coordinates": [126.97, 37.56]},
        None,
    )


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/hotspots.csv", "text/csv; charset=utf-8; header=present"),
        ("/hotspots-seoul.csv", "text/csv; charset=utf-8; header=present"),
        ("/hotspots.geojson", "application/geo+json"),
    ],
)
def test_files_are_served_to_any_site_packed_or_not(client, path, kind):
    plain, packed = client.get(path), client.get(path, headers={"Accept-Encoding": "gzip"})
    assert (plain.status_code, plain.content_type) == (200, kind)
    assert plain.headers["Access-Control-Allow-Origin"] == "*"
    assert plain.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert (packed.headers["Content-Encoding"], gzip.decompress(packed.data)) == ("gzip", plain.data)
    assert (plain.content_length, packed.content_length) == (len(plain.data), len(packed.data))
    assert "Set-Cookie" not in plain.headers
    assert client.head(path).data == b""


def test_whoever_has_the_list_is_told_so(client):
    first = client.get("/hotspots.csv")
    again = client.get("/hotspots.csv", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"
    since = client.get("/hotspots.csv", headers={"If-Modified-Since": first.headers["Last-Modified"]})
    assert since.status_code == 304


def test_a_list_that_nobody_has_is_not_found(client):
    assert client.get("/hotspots-elsewhere.csv").status_code == 404


def test_a_city_that_publishes_nothing_has_no_list(face):
    client = create_app(face if face.open_data is None else replace(face, open_data=None)).test_client()
    assert client.get("/hotspots.csv").status_code == 404


def test_a_file_is_made_once_in_a_while_and_moves_on_when_it_changes(made, filled, timer, clock):
    open_data = made(fresh_seconds=60)
    first = open_data.file(CSV)
    with filled.begin() as tx:
        tx.access_points.save([an_access_point("AP-0005")], tx.sites.numbers())
    clock.advance(timedelta(minutes=1))
    timer[0] = 59.9
    assert open_data.file(CSV) is first
    timer[0] = 60.0
    second = open_data.file(CSV)
    assert (b"AP-0005" in b"".join(second.text()), second.changed_at) == (True, NOON + timedelta(minutes=1))
    timer[0] = 200.0
    assert open_data.file(CSV) is second  # the same text keeps its date


def test_the_last_list_stays_while_the_database_is_away():
    def make(last):
        if last is not None:
            raise OutsideFailure("The database is away.")
        return "first"

    now = [0.0]
    value = Fresh(make, 60, lambda: now[0])
    assert value.get() == "first"
    now[0] = 100.0
    assert value.get() == "first"


def test_only_one_thread_makes_it_anew_and_the_others_do_not_wait():
    may_go_on, has_begun, now = threading.Event(), threading.Event(), [0.0]

    def make(last):
        if last == "old":
            has_begun.set()
            assert may_go_on.wait(30)
            return "new"
        return "old"

    value = Fresh(make, 60, lambda: now[0])
    assert value.get() == "old"
    now[0] = 61.0
    found = []
    maker = threading.Thread(target=lambda: found.append(value.get()))
    maker.start()
    assert has_begun.wait(30)
    assert value.get() == "old"
    may_go_on.set()
    maker.join(30)
    assert (found, value.get()) == (["new"], "new")


def test_the_map_of_coverage_is_served_as_tiles_only_where_the_city_publishes_it(face, made, filled, clock):
    covering = Covering(filled, clock)
    covering.keep(covering.living(Given()))
    told = {
        published: create_app(replace(face, open_data=made(coverage=published))).test_client().get(TILE)
        for published in (True, False)
    }
    assert (told[True].status_code, told[True].content_type) == (200, "image/png")
    assert told[True].headers["Cache-Control"] == "public, max-age=60"
    assert told[False].status_code == 404
