"""A poster that a phone's camera can join by, on one page, in every language of the city."""

import base64
import re
import tomllib
from dataclasses import replace
from importlib.metadata import EntryPoint

import pytest

from portal import catalogue, poster
from tests.browser import chromium
from tests.builders import a_site
from tests.cli.conftest import wifi as wifi  # noqa: PLC0414 - the fixture
from tests.domain.test_faces import LANGUAGES, SVG, WHOLE
from tests.house.sources import ROOT
from wifi_manager.domain import face_documents
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.faces import SiteFace
from wifi_manager.domain.logos import as_address
from wifi_manager.web.posters import GROUP, Paper

SPOKEN = catalogue.load(("ko", "en", "zh-Hans", "zh-Hant", "ja", "vi", "fil", "es", "ar"))
FACE = face_documents.read(WHOLE, LANGUAGES)
ADDRESS = "http://wifi.home.arpa"
POINTS = {Paper.A4: (595, 842), Paper.A3: (842, 1191)}  # width and height of ISO 216 in 1/72 inch


@pytest.mark.parametrize(
    ("ssid", "text"),
    [
        ("Seoul WiFi", "WIFI:T:nopass;S:Seoul WiFi;;"),
        ('a;b,c:d"e\\f', 'WIFI:T:nopass;S:a\\;b\\,c\\:d\\"e\\\\f;;'),
        ("공공와이파이", "WIFI:T:nopass;S:공공와이파이;;"),
    ],
)
def test_the_code_says_which_wifi_to_join(ssid, text):
    assert poster.join_text(ssid) == text


@pytest.mark.parametrize("ssid", ["", "x" * 33, "와" * 11, "a\nb"])
def test_no_possible_name_of_a_wifi_is_refused(ssid):
    with pytest.raises(BadInput, match="32 bytes"):
        poster.join_text(ssid)


def test_a_hostile_name_stays_text_and_nothing_comes_from_elsewhere():
    hostile = replace(FACE, name="</style><script>alert(1)</script>")
    page = poster.page(hostile, "<b>Park</b>", "<i>x</i>", ADDRESS, SPOKEN)
    assert not re.search(r"<script|<b>|<i>|https?://(?!www\.w3\.org)", page)
    assert "&lt;b&gt;Park" in page
    assert "WIFI:" not in page  # it is in the code alone


@pytest.mark.browser
@pytest.mark.parametrize("paper", list(Paper))
@pytest.mark.parametrize("face", [FACE, SiteFace()], ids=["own", "plain"])
def test_the_poster_is_one_page_of_its_paper_and_for_everybody(tmp_path, paper, face):
    path = tmp_path / "poster.html"
    path.write_text(
        poster.page(face, "Willow park by the old river bridge", "Haneul Public WiFi", ADDRESS, SPOKEN, paper),
        encoding="utf-8",
    )
    with chromium.running() as driver:
        driver.get(path.as_uri())
        assert [each for each in chromium.complaints(driver) if not each.startswith(("landmark", "region"))] == []
        printed = driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True, "printBackground": True})
    pdf = base64.b64decode(printed["data"])
    (box,) = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)\s*\]", pdf)
    assert tuple(round(float(side)) for side in box) == pytest.approx(POINTS[paper], abs=2)


def test_the_command_makes_the_poster_of_a_site(wifi, store, tmp_path):
    with store.begin() as tx:
        tx.sites.save([a_site()])
    path = tmp_path / "poster.html"
    made = wifi("portal", "poster", a_site().district, a_site().name, "--ssid", "City WiFi", "--output", str(path))
    assert made.exit_code == 0, made.output
    assert "City WiFi" in path.read_text(encoding="utf-8")
    chosen = ("--language", "en", "--ssid", "City WiFi", "--output", str(path))
    assert wifi("portal", "poster", a_site().district, a_site().name, *chosen).exit_code == 0
    assert re.findall(r'<li lang="([^"]+)"', path.read_text(encoding="utf-8")) == ["en"]
    assert wifi("portal", "poster", "Nowhere", "Nothing", "--ssid", "x").exit_code == 1


def test_the_console_finds_who_makes_posters_by_the_entry_point_that_is_declared():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["entry-points"][GROUP]
    assert [EntryPoint(name, value, GROUP).load() for name, value in declared.items()] == [poster.posters]


def test_a_face_is_set_shown_listed_and_restored_by_the_command_line(wifi, store, tmp_path):
    (tmp_path / "logo.svg").write_bytes(SVG)
    (tmp_path / "face.toml").write_text('name = "City"\naccent = "#ffcc00"\nlogo = "logo.svg"\n', encoding="utf-8")
    made = wifi("face", "set", str(tmp_path / "face.toml"))
    assert made.exit_code == 0, made.output
    assert "is shown as #" in made.output
    assert as_address(SVG) in wifi("face", "show").output
    assert "command line" in wifi("face", "history").output
    number = re.search(r"Version (\d+)", made.output)[1]
    assert "as version" in wifi("face", "restore", number).output
    assert wifi("face", "set", str(tmp_path / "none.toml")).exit_code == 1
    assert wifi("face", "show", "--site", "Park").exit_code == 1
