"""The page that finds places with Wi-Fi: without script, cookie or ticket, and with a map of its own."""

import re
from dataclasses import replace

import pytest

from portal import finding_map
from portal.app import create_app
from portal.pages import LANGUAGE
from tests.builders import a_site, an_access_point
from wifi_manager.domain.hotspots import Place
from wifi_manager.domain.sites import Position, SiteKind

pytestmark = pytest.mark.slow


@pytest.fixture
def city(portal_store):
    """A hundred places on a line to the east of a point, ten metres apart."""
    sites = [a_site(name=f"Street {at:03}", kind=SiteKind.STREET, district="마포구") for at in range(100)]
    points = [
        an_access_point(f"AP-{at:03}", site=site, position=Position(37.55, 126.95 + at / 8830))
        for at, site in enumerate(sites)
    ]
    nowhere = an_access_point("AP-999", site=a_site(name="Hall <on> no map"), position=None)
    with portal_store.begin() as tx:
        tx.sites.save([*sites, nowhere.site])
        tx.access_points.save([*points, nowhere], tx.sites.numbers())
    return portal_store


@pytest.fixture
def page(city, app):
    client = app.test_client(use_cookies=False)
    return lambda **query: client.get("/hotspots", query_string=query, headers={"Accept-Language": "en"})


def names(answer):
    return re.findall(r"</span><bdi>([^<]*)</bdi></h2>", answer.text)


def test_everybody_finds_places_without_a_ticket(page):
    answer = page(q="mapo")
    assert (answer.status_code, len(names(answer)), "Places found: 100" in answer.text) == (200, 20, True)
    assert "Set-Cookie" not in answer.headers
    assert "<script" not in answer.text


def test_a_list_goes_on_page_by_page_and_keeps_what_was_sought(page):
    answer = page(q="street", near="37.55,126.95", p=2, l="en")
    assert names(answer) == [f"Street {at:03}" for at in range(20, 40)]
    assert "Page 2 of 5" in answer.text
    assert 'href="/hotspots?l=en&amp;q=street&amp;near=37.55%2C126.95&amp;p=3"' in answer.text
    assert '<ol class="places" start="21">' in answer.text


@pytest.mark.parametrize("number", ["0", "-3", "999", "many", "9" * 5000])
def test_a_page_that_there_is_not_leads_to_the_next_best(page, number):
    assert page(p=number).status_code == 200


def test_the_nearest_is_said_with_its_distance_and_opens_in_a_map_app(page):
    answer = page(q="street", near="37.55,126.96")
    assert names(answer)[0] == "Street 088"
    assert "<strong>3 m</strong>" in answer.text
    assert re.search(r'href="geo:37\.550000,126\.95996\d"', answer.text)


def test_distances_are_said_roughly(page):
    far = set(re.findall(r"<strong>([^<]* k?m)</strong>", page(q="street", near="37.55,126.9387").text))
    assert {"1 km", "1.1 km", "1.2 km"} <= far
    assert "420 m" in page(q="street 000", near="37.55,126.95475").text


def test_what_was_typed_is_shown_again_as_text_alone(page):
    answer = page(q='"><b>bold</b>', near="<i>here</i>")
    assert "<b>bold" not in answer.text
    assert "<i>here" not in answer.text
    assert "This is not a latitude and longitude" in answer.text
    assert "No place found" in answer.text


def test_names_of_places_are_text_alone(page):
    assert names(page(q="hall")) == ["Hall &lt;on&gt; no map"]
    assert "Its place on the map is not known." in page(q="hall").text


def test_the_ticket_and_the_language_are_kept_by_the_form(city, phone):
    ticket = phone.ticket()
    answer = phone.open("/hotspots", ticket, l="ko")
    assert f'<input type="hidden" name="s" value="{ticket}">' in answer.text
    assert '<input type="hidden" name="l" value="ko">' in answer.text
    assert 'href="/hotspots?s=' in phone.open("/", ticket).text


def test_whoever_reads_no_hangul_reads_latin_letters(page, portal_store, app):
    with portal_store.begin() as tx:
        site = a_site(name="서울숲", district="성동구")
        tx.sites.save([site])
        tx.access_points.save([an_access_point("AP-500", site=site)], tx.sites.numbers())
    assert '<p class="quiet" lang="ko-Latn" dir="ltr">Seoulsup, Seongdonggu</p>' in page(q="seongdong").text
    assert "Seoulsup" not in page(q="성동", l="ko").text


def test_nothing_that_was_sought_is_written_down(page, logged):
    page(q="street", near="37.5512,126.9882")
    assert "/hotspots" in logged.getvalue()
    assert not re.search(r"37\.55|126\.98|street", logged.getvalue())


def test_the_map_has_a_pin_for_each_place_of_the_page_and_stays_within_its_frame(page):
    answer = page(q="street", near="37.55,126.96")
    pins = re.findall(r'<circle class="pin" cx="(-?\d+)" cy="(-?\d+)"', answer.text)
    assert len(pins) == 20
    assert all(0 <= int(x) <= finding_map.WIDTH and 0 <= int(y) <= finding_map.HEIGHT for x, y in pins)


def test_the_page_says_the_licence_and_leads_to_the_files(page):
    answer = page()
    assert 'href="/hotspots.geojson" download' in answer.text
    assert "Licence: <bdi>CC BY 4.0</bdi>" in answer.text


def test_a_city_that_publishes_nothing_has_no_page_and_no_link(face, phone):
    silent = replace(face, open_data=None, pages=replace(face.pages, finds=False))
    client = create_app(silent).test_client()
    assert client.get("/hotspots").status_code == 404
    assert "/hotspots" not in client.get("/", query_string={"s": phone.ticket(), LANGUAGE: "en"}).text


def place(*spots):
    return Place("d", "n", SiteKind.PARK, "", len(spots), tuple(Position(*each) for each in spots), None, "")


def test_a_map_is_true_to_scale_and_north_is_up():
    west, east, north = (37.5, 127.0), (37.5, 127.0226), (37.518, 127.0)
    drawn = finding_map.drawing(
        [place(west, east, north)],
        [(1, Position(*west)), (2, Position(*east)), (3, Position(*north))],
        None,
    )
    (_, ax, ay), (_, bx, by), (_, cx, cy) = drawn.pins
    length, units = drawn.scale
    assert ((ay, ax) == (by, cx), ay > cy, bx > ax) == (True, True, True)
    assert (bx - ax) * length / units == pytest.approx(1994, rel=0.03)
    assert (ay - cy) * length / units == pytest.approx(2001, rel=0.03)


def test_one_wrong_position_does_not_make_the_map_useless():
    spots = [(37.5 + at / 1000, 127.0 + at / 1000) for at in range(9)]
    far = place(*spots, (35.1, 129.0))
    drawn = finding_map.drawing([far], [(1, Position(*spots[0]))], None)
    assert len(drawn.dots) == 9
    assert max(x for x, _ in drawn.dots) - min(x for x, _ in drawn.dots) > 100


def test_hundred_thousand_spots_are_drawn_as_some():
    many = place(*((37.5 + at % 300 / 3000, 127.0 + at / 1_000_000) for at in range(100_000)))
    assert len(finding_map.drawing([many], [(1, many.spots[0])], None).dots) <= 1500


def test_the_hull_surrounds_what_is_given():
    assert finding_map.hull([(0, 0), (2, 0), (1, 1), (2, 2), (0, 2), (1, 0)]) == [(0, 0), (2, 0), (2, 2), (0, 2)]
