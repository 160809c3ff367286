"""The page of coverage: figures with their range beside all that they take for granted, and pictures of our own."""

import pytest

from tests.builders import NOON
from wifi_manager.domain.coverage import Quality, Share, Source
from wifi_manager.domain.coverage_reports import CoverageReport

SENTENCES = ["Outdoors, 1.5 m above the ground.", "Trees are not known."]


def shares(district, kind="", good=0.2):
    return [
        Share(district, kind, "any", quality, Source.PREDICTED, ratio, ratio / 2, ratio * 2, ratio)
        for quality, ratio in ((Quality.GOOD, good), (Quality.USABLE, good * 2))
    ]


@pytest.fixture
def covered(store):
    told = [*shares(""), *shares("강남구", good=0.123), *shares("", "park", good=0.4)]
    report = CoverageReport(NOON, SENTENCES, told, {}, [("#084582", "from -59 dBm on")])
    with store.begin() as tx:
        tx.coverage.replace(report, {"": b"\x89PNG city", "강남구": b"\x89PNG district"})


def test_the_city_has_a_picture_its_districts_and_everything_the_figures_take_for_granted(signed_in, covered):
    text = signed_in("viewer").get("/coverage").text
    for part in (
        *SENTENCES,
        "강남구",
        "12.3 %",
        "(6.2 %–24.6 %)",
        "Park",
        "from -59 dBm on",
        "/coverage/picture.png",
    ):
        assert part in text


def test_a_district_has_a_page_and_a_picture_of_its_own(signed_in, covered):
    browser = signed_in("viewer")
    assert "Coverage: 강남구" in browser.get("/coverage?district=강남구").text
    found = browser.get("/coverage/picture.png?district=강남구")
    assert (found.content_type, found.data) == ("image/png", b"\x89PNG district")
    assert browser.get("/coverage/picture.png").data == b"\x89PNG city"


def test_a_district_that_is_not_on_the_map_is_said_to_be_none(signed_in, covered):
    browser = signed_in("viewer")
    assert browser.get("/coverage?district=Atlantis").status_code == 404
    assert browser.get("/coverage/picture.png?district=Atlantis").status_code == 404


def test_before_the_first_map_the_page_says_which_command_makes_one(signed_in):
    assert "wifi-manager coverage compute" in signed_in("viewer").get("/coverage").text


def test_who_has_not_signed_in_sees_no_map(anonymous, covered):
    assert anonymous.get("/coverage/picture.png").status_code == 303
