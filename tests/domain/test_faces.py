"""Faces: colours that can be read, logos that do nothing, documents whose every mistake is named, scopes that nest."""

import base64
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.builders import NOON
from wifi_manager.domain import face_documents
from wifi_manager.domain.colours import ENOUGH, accent, contrast
from wifi_manager.domain.errors import BadInput
from wifi_manager.domain.faces import CITY, Notice, Scope, Severity, SiteFace, Venue, merged
from wifi_manager.domain.logos import LARGEST_BYTES, as_address, check_address

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z" fill="#046b73"/></svg>'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)
LANGUAGES = ("ko", "en")
WHOLE = {
    "name": "Willow park",
    "accent": "#046b73",
    "logo": as_address(SVG),
    "greeting": {"en": "Welcome to the park"},
    "notice": [
        {"severity": "info", "text": {"en": "Concert at 8"}},
        {"severity": "emergency", "text": {"ko": "대피하세요"}, "from": "2026-06-01T09:00:00+09:00", "until": ""},
    ],
    "info": {"paragraphs": {"en": ["A park."]}, "hours": {"en": "6 to 22"}, "numbers": ["119"], "links": []},
}


@given(st.integers(0, 0xFFFFFF))
def test_u9_every_accent_can_be_read_in_both_themes(number):
    shades = accent(f"#{number:06x}")
    for palette, grounds in (
        (shades.light, ("#f4f6f8", "#ffffff", "#eaeef2")),
        (shades.dark, ("#0e151b", "#17212a", "#202c37")),
    ):
        assert all(contrast(palette.accent, ground) >= ENOUGH for ground in grounds)
        assert contrast(palette.accent, palette.on_accent) >= ENOUGH
        assert contrast(palette.strong, palette.on_accent) >= ENOUGH


@given(st.integers(0, 0xFFFFFF))
def test_u9_text_on_the_soft_accent_can_be_read(number):
    shades = accent(f"#{number:06x}")
    assert contrast("#15212b", shades.light.soft) >= ENOUGH
    assert contrast("#e8eef3", shades.dark.soft) >= ENOUGH


def test_a_colour_that_is_changed_is_named_and_one_that_is_not_stays():
    assert accent("#046B73").light.accent == "#046b73"
    said = accent("#ffcc00").remarks
    assert len(said) == 1
    assert "#ffcc00 is shown as #" in said[0]
    assert "light theme" in said[0]


def test_contrast_is_what_wcag_says():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("wanted", ["red", "#fff", "#12345g", "#046b73;}", " #046b73", "url(x)"])
def test_what_is_no_colour_is_refused(wanted):
    with pytest.raises(BadInput, match="#rrggbb"):
        accent(wanted)


@pytest.mark.parametrize("content", [SVG, PNG])
def test_a_plain_logo_is_taken_as_it_is(content):
    address = as_address(content)
    assert base64.b64decode(address.partition(",")[2]) == content
    check_address(address)


@pytest.mark.parametrize(
    "inside",
    [
        "<script>alert(1)</script>",
        '<g onload="alert(1)"/>',
        '<image href="https://evil.example/x.png"/>',
        '<use href="https://evil.example/x.svg#a"/>',
        '<use xmlns:xlink="http://www.w3.org/1999/xlink" xlink:href="//evil.example/x.svg"/>',
        "<foreignObject><p/></foreignObject>",
        "<style>@import 'https://evil.example'</style>",
        '<path style="fill:url(https://evil.example)"/>',
        '<a href="https://evil.example"><path/></a>',
        '<animate attributeName="x"/>',
        '<h:script xmlns:h="http://www.w3.org/1999/xhtml"/>',
    ],
)
def test_a_logo_that_could_run_load_or_link_is_refused(inside):
    with pytest.raises(BadInput, match="must not have"):
        as_address(f'<svg xmlns="http://www.w3.org/2000/svg">{inside}</svg>'.encode())


@pytest.mark.parametrize(
    "content",
    [
        b'<!DOCTYPE svg [<!ENTITY a "b">]><svg xmlns="http://www.w3.org/2000/svg">&a;</svg>',
        b"<html/>",
        b"<svg",
        b"",
        b"GIF89a",
        b"\xff\xfe<\x00",
        SVG + b" " * LARGEST_BYTES,
    ],
)
def test_what_is_no_small_plain_picture_is_refused(content):
    with pytest.raises(BadInput, match="logo"):
        as_address(content)


@pytest.mark.parametrize(
    "address", ["https://evil.example/x.png", "data:text/html;base64,PGI+", "data:image/png;base64,!", "logo.svg"]
)
def test_no_other_address_is_a_logo(address):
    with pytest.raises(BadInput, match="logo"):
        check_address(address)


def test_inner_references_of_a_logo_stay():
    as_address(SVG.replace(b"<path", b'<defs><clipPath id="c"/></defs><path clip-path="url(#c)"'))


def test_a_whole_document_is_read():
    face = face_documents.read(WHOLE, LANGUAGES)
    assert (face.name, face.greetings, face.venue.numbers) == ("Willow park", {"en": "Welcome to the park"}, ("119",))
    emergency = face.notices[1]
    assert (emergency.severity, emergency.begins, emergency.ends) == (
        Severity.EMERGENCY,
        datetime(2026, 6, 1, tzinfo=UTC),
        None,
    )
    assert face_documents.read({}, LANGUAGES) == SiteFace()


@pytest.mark.parametrize(
    ("document", "said"),
    [
        ({"nmae": "x"}, "nmae is not known"),
        ({"name": "x" * 61}, "at most 60"),
        ({"name": "a\x00b"}, "printable"),
        ({"name": 7}, "name is a text"),
        ({"accent": "red"}, "#rrggbb"),
        ({"greeting": {"fr": "x"}}, "greeting.fr: the city's languages are ko, en"),
        ({"greeting": "Hello"}, "greeting is a table"),
        ({"notice": {"text": {}}}, "[[notice]]"),
        ({"notice": [{"severity": "loud", "text": {"en": "x"}}]}, "severity 'loud'"),
        ({"notice": [{"severity": []}]}, "severity []"),
        ({"notice": [{}]}, "needs a text"),
        ({"notice": [{"text": {"en": "x"}, "from": "soon"}]}, "moment with its offset"),
        ({"notice": [{"text": {"en": "x"}, "from": "2026-06-01T00:00:00"}]}, "moment with its offset"),
        ({"notice": [{"text": {"en": "x"}, "from": "2026-06-02T00:00:00Z", "until": "2026-06-01T00:00:00Z"}]}, "until comes after"),
        ({"info": {"paragraphs": {"en": "One text"}}}, "paragraphs is a list"),
        ({"info": {"numbers": ["1"] * 21}}, "numbers is a list of at most 20"),
        ({"logo": "https://evil.example/x.png"}, "PNG or an SVG"),
    ],
)  # fmt: skip
def test_each_mistake_is_named(document, said):
    with pytest.raises(BadInput) as refused:
        face_documents.read(document, LANGUAGES)
    assert said in str(refused.value)


def test_all_mistakes_are_named_at_once():
    with pytest.raises(BadInput, match=r"(?s)nmae.*#rrggbb|#rrggbb.*nmae"):
        face_documents.read({"nmae": "x", "accent": "red"}, LANGUAGES)


def test_a_notice_is_shown_from_its_first_moment_until_before_its_last():
    notice = Notice(Severity.INFO, {"en": "x"}, NOON, NOON + timedelta(hours=1))
    shown = [notice.is_shown(NOON + timedelta(minutes=minutes)) for minutes in (-1, 0, 59, 60)]
    assert shown == [False, True, True, False]
    assert Notice(Severity.INFO, {"en": "x"}).is_shown(NOON)


def test_a_site_shows_its_own_and_what_lies_around_it_with_emergencies_first():
    def face(severity, **own):
        return SiteFace(notices=(Notice(severity, {"en": severity}),), **own)

    site = face(Severity.INFO, name="Park")
    city = face(Severity.EMERGENCY, name="City", logo="data:x", venue=Venue(numbers=("119",)))
    shown = merged([site, face(Severity.WARNING), city])
    assert (shown.name, shown.logo, shown.venue.numbers) == ("Park", "data:x", ("119",))
    assert [each.severity for each in shown.notices] == list(Severity)
    assert Scope("River", "Park").and_around() == (Scope("River", "Park"), Scope("River"), CITY)
    assert CITY.and_around() == (CITY,)
