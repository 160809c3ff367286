"""What city IT writes is on the portal's pages: at its place, in the citizen's language, and never more than text."""

import base64
import re
from datetime import timedelta

import pytest

from portal.looks import style_of
from tests.builders import NOON, a_site
from tests.domain.test_faces import SVG, WHOLE
from wifi_manager.domain.colours import accent
from wifi_manager.domain.faces import CITY, Scope
from wifi_manager.domain.networks import Network, Place
from wifi_manager.services.faces import FRESH_SECONDS, FaceControl
from wifi_manager.services.networks import Networks

pytestmark = pytest.mark.slow

PARK = Scope(*a_site().key)
HOSTILE = "</style><script>alert(1)</script>\" onload='x"


@pytest.fixture
def control(portal_store, clock, gateway):
    return FaceControl(portal_store, clock, ("ko", "en", "ar"))


def test_a_sites_face_is_on_its_pages_and_not_on_the_citys(control, phone):
    control.set(PARK, WHOLE, "chief")
    page = phone.open("/", phone.ticket()).text
    assert "Willow park</p>" in page
    assert "<title>Free Wi-Fi · Willow park</title>" in page
    assert f'<img src="data:image/svg+xml;base64,{base64.b64encode(SVG).decode()}" alt="">' in page
    assert "--accent:#046b73;" in page
    assert "Welcome to the park" in page
    assert 'href="/info?s=' in page
    city = phone.open("/").text
    assert "Willow park" not in city
    assert "/info" not in city


def test_emergencies_stand_before_everything_and_notes_below_the_tap(control, phone):
    control.set(
        CITY, {"notice": [{"text": {"en": "Concert"}}, {"severity": "emergency", "text": {"en": "Flood"}}]}, "chief"
    )
    for path in ("/", "/terms", "/nowhere"):
        page = phone.open(path, phone.ticket()).text
        assert page.index("Flood") < page.index("<h1") < page.index("Concert")
    assert '<div class="note bad">' in page


def test_a_notice_in_another_language_says_which(control, phone):
    control.set(CITY, {"notice": [{"text": {"ko": "대피하세요", "ar": "أخلوا المكان"}}]}, "chief")
    assert '<p class="lines" lang="ko" dir="ltr">대피하세요</p>' in phone.open("/", l="en").text
    assert '<p class="lines">أخلوا المكان</p>' in phone.open("/", l="ar").text


def test_notices_come_and_go_with_their_moments(control, phone, clock):
    until = NOON.replace(hour=13).isoformat()
    control.set(CITY, {"notice": [{"text": {"en": "Concert"}, "from": NOON.isoformat(), "until": until}]}, "chief")
    ticket = phone.ticket()
    assert "Concert" in phone.open("/", ticket).text
    clock.advance(timedelta(hours=1))
    assert "Concert" not in phone.open("/", phone.ticket()).text


def test_hostile_texts_stay_text(control, phone):
    document = {
        "name": HOSTILE[:60],
        "greeting": {"en": HOSTILE},
        "notice": [{"text": {"en": HOSTILE}, "severity": "emergency"}],
        "info": {"paragraphs": {"en": [HOSTILE]}, "hours": {"en": HOSTILE}, "numbers": [HOSTILE], "links": ["javascript:alert(1)", HOSTILE]},
    }  # fmt: skip
    control.set(PARK, document, "chief")
    for path in ("/", "/info", "/terms", "/nowhere"):
        page = phone.open(path, phone.ticket()).text
        assert "<script" not in page
        assert page.count("</style>") == 1
        assert "&lt;script&gt;alert(1)" in page
        assert not re.search(r'href="(?!/|http://wifi\.home\.arpa|data:,)', page)


def test_the_venue_page_says_all_that_is_known(control, phone):
    info = {"paragraphs": {"en": ["A park.", "By the river."]}, "hours": {"en": "6 to 22"}, "numbers": ["119 fire"], "links": ["park.example"]}  # fmt: skip
    control.set(PARK, {"info": info}, "chief")
    page = phone.open("/info", phone.ticket()).text
    assert all(text in page for text in ("A park.", "By the river.", "6 to 22", "119 fire", "park.example"))
    assert "park.example</a>" not in page
    assert "Nothing is known" in phone.open("/info").text


def test_a_networks_own_greeting_comes_before_its_sites(control, phone, portal_store, clock):
    control.set(PARK, {"greeting": {"en": "Of the site"}}, "chief")
    place = Place(a_site().key, greetings={"en": "Of the network"})
    Networks(portal_store, clock).set(Network("gw-1", "guests", place), "somebody")
    assert "Of the network" in phone.open("/", phone.ticket()).text
    assert "Of the site" in phone.open("/", phone.ticket(network="other")).text


def test_a_damaged_ticket_shows_the_citys_face(control, phone):
    control.set(CITY, {"name": "The city"}, "chief")
    control.set(PARK, {"name": "The park"}, "chief")
    page = phone.open("/", "broken").text
    assert "The city" in page
    assert "The park" not in page


def test_u1_the_largest_face_fits_into_30_kb(control, phone):
    logo = "data:image/png;base64," + base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(8 * 1024 - 8)).decode()
    control.set(CITY, {**WHOLE, "logo": logo}, "chief")
    assert len(phone.open("/", phone.ticket()).data) <= 30 * 1024


def test_a_changed_face_is_on_the_page_after_a_moment(control, phone, face):
    phone.open("/", phone.ticket())
    control.set(PARK, {"name": "New name"}, "chief")
    assert "New name" not in phone.open("/", phone.ticket()).text
    object.__setattr__(face.pages.looks.faces, "_looked_at", face.pages.looks.faces._timer() - FRESH_SECONDS)
    assert "New name" in phone.open("/", phone.ticket()).text


def test_the_accents_rules_hold_nothing_but_colours():
    rules = style_of(accent("#ffcc00"))
    assert re.fullmatch(
        r":root\{(--[a-z-]+:#[0-9a-f]{6};?)+\}@media\(prefers-color-scheme:dark\)\{:root\{(--[a-z-]+:#[0-9a-f]{6};?)+\}\}",
        rules,
    )
    assert style_of(None) == ""
