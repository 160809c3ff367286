"""The language a page comes in: what the browser asks for, as RFC 9110 and RFC 4647 say it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wifi_manager.web.locale import negotiate

OFFERED = ("ko", "en", "fil", "zh-Hant")


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("", "ko"),
        ("ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7", "ko"),
        ("en-US,en;q=0.9", "en"),
        ("de,en;q=0.5,ko;q=0.8", "ko"),
        ("EN", "en"),
        ("tl-PH,tl;q=0.9,en;q=0.8", "fil"),
        ("zh-Hant-TW", "zh-Hant"),
        ("zh-Hant-x-private", "zh-Hant"),
        ("zh-CN", "ko"),
        ("fr, *;q=0.5", "ko"),
        ("en;q=0, ko;q=0.1", "ko"),
        ("ko;q=0, en;q=0.1", "en"),
        ("en;q=much, fil", "fil"),
        ("en;q=7, fil;q=0.2", "fil"),
        ("en;level=1, fil;q=0.1", "fil"),
        (", ,;q=1,-,en", "en"),
    ],
)
def test_the_wanted_language_is_found_or_else_the_citys_first(header, expected):
    assert negotiate(header, OFFERED) == expected


@given(st.text(max_size=3000))
def test_no_header_breaks_a_page(header):
    assert negotiate(header, OFFERED) in OFFERED
