"""A site's poster from the console: chosen on a page, printed from the portal's own renderer, under a strict policy."""

import re
import time
from dataclasses import replace
from urllib.parse import urlencode

import pytest

from portal import catalogue, poster
from tests.console.conftest import Browser
from wifi_manager.console.app import create_app
from wifi_manager.services.faces import FacesShown

pytestmark = pytest.mark.slow

SITE = {"district": "강동구", "site": "한강공원 광나루"}
CHOSEN = {**SITE, "ssid": "City WiFi", "paper": "a3"}


@pytest.fixture
def app(console_parts, fleet):
    faces = FacesShown(console_parts.store, ("ko", "en", "ar"), time.monotonic)
    spoken = catalogue.load(("ko", "en", "ar"))
    made = poster.Posters(console_parts.store, faces, spoken, "http://wifi.home.arpa")
    return create_app(replace(console_parts, posters=made))


@pytest.fixture
def viewer(signed_in):
    return signed_in("viewer")


def printed(browser, *languages, **other):
    query = [*{**CHOSEN, **other}.items(), *(("language", each) for each in languages)]
    return browser.get(f"/posters/print?{urlencode(query)}")


def test_the_site_of_an_access_point_has_a_poster_with_all_languages_ticked(viewer):
    address = re.search(r'href="(/posters[^"]+)"', viewer.get("/access-points/HAN00001").text)[1]
    page = viewer.get(address.replace("&amp;", "&"))
    assert page.status_code == 200
    assert re.findall(r'value="([a-z]+)" checked', page.text) == ["ko", "en", "ar"]
    assert 'value="City WiFi"' in page.text
    assert "/posters?" in viewer.get(f"/faces/edit?{urlencode(SITE)}").text
    assert "/posters?" not in viewer.get("/faces/edit").text


def test_the_poster_is_the_portals_own_in_the_chosen_languages_and_on_the_chosen_paper(viewer):
    page = printed(viewer, "en", "ar")
    assert page.status_code == 200
    assert "City WiFi" in page.text
    assert "@page{size:a3" in page.text
    assert re.findall(r'<li lang="([a-z]+)"', page.text) == ["en", "ar"]
    assert '<html lang="en"' in page.text


def test_s7_the_printed_page_allows_its_own_style_alone(viewer):
    page = printed(viewer, "ko")
    policy = page.headers["Content-Security-Policy"]
    nonce = re.search(r'<style nonce="([^"]+)">', page.text)[1]
    assert f"style-src 'nonce-{nonce}'" in policy
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert nonce not in printed(viewer, "ko").text


@pytest.mark.parametrize(
    ("languages", "other", "said"),
    [(["en"], {"ssid": "x" * 33}, "32 bytes"), ([], {}, "Choose a language"), (["xx"], {}, "none of")],
)
def test_what_cannot_be_comes_back_as_it_was_chosen(viewer, languages, other, said):
    again = printed(viewer, *languages, **other)
    assert again.status_code == 422
    assert said in again.text
    assert f'value="{other.get("ssid", "City WiFi")}"' in again.text
    assert '<option value="a3" selected' in again.text


def test_nobody_gets_a_poster_of_no_site_or_from_a_machine_without_the_portal(viewer, console_parts, passwords):
    assert viewer.get("/posters?district=X&site=Y").status_code == 404
    assert printed(viewer, "en", site="Nowhere").status_code == 404
    alone = Browser(create_app(console_parts).test_client())
    alone.sign_in("viewer", passwords["viewer"])
    without = alone.get(f"/posters?{urlencode(SITE)}")
    assert (without.status_code, "not installed" in without.text) == (404, True)
