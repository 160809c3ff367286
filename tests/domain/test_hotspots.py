"""Finding places by words of any writing and by distance."""

import pytest

from tests.builders import a_site
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.hotspots import Place, find, folded, metres, point, sought_in
from wifi_manager.domain.romanising import romanised
from wifi_manager.domain.sites import Position, SiteKind

KINDS = {kind: f"{kind.value} kind" for kind in SiteKind} | {SiteKind.PARK: "Park or river"}


def place(name, district="마포구", kind=SiteKind.STREET, at=(37.55, 126.95), address=""):
    site = a_site(district=district, name=name, kind=kind, address=address)
    spots = () if at is None else (Position(*at),)
    return Place(district, name, site.kind, address, 1, spots, None, sought_in(district, name, address))


PLACES = (
    place("월드컵공원", kind=SiteKind.PARK),
    place("Café Éclair", "종로구", at=(37.58, 126.98)),
    place("독립문", "종로구", at=None),
    place("Chợ Đông", "Quận 1", SiteKind.MARKET, (37.50, 127.05)),
)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("공원", ["월드컵공원"]),
        ("mapo-gu", ["월드컵공원"]),
        ("JONGNO", ["Café Éclair", "독립문"]),
        ("dongnimmun", ["독립문"]),
        ("cafe eclair", ["Café Éclair"]),
        ("CHO DONG", ["Chợ Đông"]),
        ("park", ["월드컵공원"]),
        ("jongnogu 독립", ["독립문"]),
        ("nowhere", []),
    ],
)
def test_places_are_found_in_korean_english_and_without_accents(text, names):
    assert [each.name for each in find(PLACES, text, KINDS, None).places] == names


def test_nothing_sought_is_everything_by_district_and_name():
    found = find(PLACES, "  ", KINDS, None)
    assert [each.name for each in found.places] == ["Chợ Đông", "월드컵공원", "Café Éclair", "독립문"]
    assert not found.is_partial


def test_where_no_place_has_all_words_those_with_the_most_are_found():
    found = find(PLACES, "종로 station 독립문", KINDS, None)
    assert ([each.name for each in found.places], found.is_partial) == (["독립문"], True)


def test_the_nearest_comes_first_and_what_is_on_no_map_last():
    found = find(PLACES, "", KINDS, Position(37.579, 126.981))
    assert [each.name for each in found.places] == ["Café Éclair", "월드컵공원", "Chợ Đông", "독립문"]


def test_japanese_voicing_is_no_accent():
    assert folded("が") != folded("か")


@pytest.mark.parametrize(
    ("korean", "latin"),
    [
        ("서울", "Seoul"), ("종로", "Jongno"), ("신라", "Silla"), ("독립문", "Dongnimmun"), ("한강공원", "Hanganggongwon"),
        ("을지로 3가", "Euljiro 3Ga"), ("관악", "Gwanak"), ("강북구", "Gangbukgu"), ("중랑", "Jungnang"), ("왕십리", "Wangsimni"),
        ("별내", "Byeollae"), ("좋고", "Joko"), ("부산", "Busan"), ("값이", "Gapsi"), ("여의도", "Yeouido"), ("Park", "Park"),
    ],
)  # fmt: skip
def test_korean_names_are_written_as_signs_write_them(korean, latin):
    assert romanised(korean) == latin


@pytest.mark.parametrize(
    "text", ["37.5663, 126.9779", "37.5663,126.9779", "geo:37.5663,126.9779;u=35", " 37.5663 , 126.9779 "]
)
def test_a_point_is_read_as_people_and_phones_write_it(text):
    assert point(text) == Position(37.5663, 126.9779)


@pytest.mark.parametrize("text", ["here", "37.5", "126.9779, 37.5663", "nan,nan", "1e5,2", "37.5;126.9"])
def test_what_is_no_point_is_refused(text):
    with pytest.raises(BadInput):
        point(text)


def test_distances_are_those_on_the_ground():
    assert metres(Position(37.5663, 126.9779), Position(37.5512, 126.9882)) == pytest.approx(1909, abs=10)
    assert metres(Position(0, 179.999), Position(0, -179.999)) == pytest.approx(222, abs=1)
