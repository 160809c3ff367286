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
        ("ko;q=0, *;q=0.5", "en"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK,zh;q=0.9,en;q=0.8", "zh-Hant"),
        ("zh_TW", "zh-Hant"),
        ("yue-HK", "zh-Hant"),
        ("zh-Hant;q=0, zh-TW, en;q=0.1", "en"),
    ],
)
def test_the_wanted_language_is_found_or_else_the_citys_first(header, expected):
    assert negotiate(header, OFFERED) == expected


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("zh", "zh-Hans"),
        ("zh-CN", "zh-Hans"),
        ("zh-SG", "zh-Hans"),
        ("zh-Hans-HK", "zh-Hans"),
        ("cmn-Hans-CN", "zh-Hans"),
        ("zh-MO", "zh-Hant"),
        ("zh-Hant-CN", "zh-Hant"),
    ],
)
def test_chinese_is_chosen_by_its_script_or_by_the_script_of_its_region(header, expected):
    assert negotiate(header, (*OFFERED, "zh-Hans")) == expected


def test_a_city_may_name_its_chinese_by_region():
    assert negotiate("zh-TW", ("ko", "zh-CN", "zh-TW")) == "zh-TW"
    assert negotiate("zh-CN", ("ko", "zh")) == "zh"


@given(st.text(max_size=3000))
def test_no_header_breaks_a_page(header):
    assert negotiate(header, OFFERED) in OFFERED


def test_the_same_header_is_answered_by_the_languages_of_whoever_asks():
    assert negotiate("en, ko;q=0.5", ("ko", "en")) == "en"
    assert negotiate("en, ko;q=0.5", ["ko", "ja"]) == "ko"
