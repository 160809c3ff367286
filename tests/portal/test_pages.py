"""Languages, texts, terms and the weight of pages."""

import gzip
import re
import tomllib
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import catalogue, pages, said, terms
from portal.app import create_app
from tests.portal.conftest import CITY
from wifi_manager import shipped
from wifi_manager.domain.errors import BadInput, NotFound, OutsideFailure
from wifi_manager.domain.visits import OFFERED

SHIPPED = sorted(path.stem for path in catalogue.FOLDER.glob("*.toml"))
SPOKEN = catalogue.load(SHIPPED)
CONSENTING = ["ko", "en"]  # what citizens can accept: only somebody who speaks a language makes its terms binding
TERMS = terms.load(shipped.configs() / "terms", terms.NEWEST, CONSENTING)
INITIAL_WINDOW_BYTES = 14 * 1024  # what a server may send before the phone's first answer (RFC 6928, 10 segments)
_DONE = ("account_changed", "account_deleted")
_COMPOSED = {
    "problem",
    "notice",
    "method",
    "signed_out",
    "erased",
    "ended",
    "next",
    "data_left",
    "relief",
    "trouble",
    "complaint",
    "site_kind",
    *OFFERED,
}


def test_every_text_is_used_and_every_used_text_is_there():
    sources = "".join(
        path.read_text(encoding="utf-8")
        for path in (catalogue.FOLDER.parent).rglob("*")
        if path.suffix in {".py", ".html"}
    )
    used = set(re.findall(r"""(?:(?:say|rich|other|language\])\(|terms, )\s*['"]([a-z_.]+[a-z])['"]""", sources))
    texts = set(catalogue.load(SHIPPED)["en"].texts)
    composed = {key for key in texts if key.split(".")[0] in {*_COMPOSED, *_DONE}}
    assert texts - composed == used - composed
    assert used <= texts


def test_a_language_that_is_not_translated_is_named():
    with pytest.raises(BadInput, match="'fr'"):
        catalogue.load(["fr"])


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [("ko-KR,ko;q=0.9,en;q=0.8", "ko"), ("en-US", "en"), ("de", "ko"), ("", "ko"), ("tl-PH", "fil"), ("zh-TW", "zh-Hant"), ("zh-HK,zh;q=0.9", "zh-Hant"), ("zh-CN", "zh-Hans"), ("zh", "zh-Hans"), ("ja-JP", "ja"), ("vi-VN", "vi"), ("es-419", "es"), ("ar-EG", "ar"), ("en;q=0.2,ko;q=0.1", "en"), ("*", "ko"), (";;;,", "ko")],
)  # fmt: skip
def test_u3_the_page_speaks_the_language_that_the_browser_asks_for(phone, asked, spoken):
    answer = phone.client.get("/", headers={"Accept-Language": asked})
    assert f'<html lang="{spoken}" dir="{"rtl" if spoken == "ar" else "ltr"}">' in answer.text
    assert answer.headers["Content-Language"] == spoken


def test_u3_a_chosen_language_is_kept_all_the_way(phone):
    page = phone.open("/", phone.ticket(), l="ko")
    assert page.headers["Content-Language"] == "ko"
    answer = phone.submit(page, "/connect")
    assert "&l=ko" in answer.headers["Location"]
    connected = phone.follow(answer)
    assert "인터넷에 연결되었습니다" in connected.text
    assert re.search(r'href="/status\?s=[^"]+&amp;l=ko"', connected.text)


def test_u3_the_language_links_keep_the_ticket(phone):
    ticket = phone.ticket()
    page = phone.open("/", ticket)
    assert f'href="/?s={ticket}&amp;l=ko" lang="ko"' in page.text
    assert 'lang="en" hreflang="en" aria-current="true"' in page.text


@pytest.mark.parametrize(
    ("language", "said"), [("ko", "이 링크는 더 이상 쓸 수 없습니다"), ("en", "This link is no longer good")]
)
def test_an_error_speaks_the_citizens_language_and_says_what_to_do(phone, language, said):
    answer = phone.client.get("/?s=broken", headers={"Accept-Language": language})
    assert answer.status_code == 422
    assert said in answer.text
    assert 'href="http://wifi.home.arpa/"' in answer.text
    assert f'lang="{language}"' in answer.text


class Broken:
    """Stands for a database that is away, or a mistake of ours."""

    def __init__(self, error):
        self.error = error

    def __call__(self):
        raise self.error


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (OutsideFailure("The database is away."), 503, "be right back"),
        (RuntimeError("a mistake"), 500, "tell the city this number"),
    ],
)
def test_when_we_fail_nobody_is_blamed_and_nothing_is_told(app, phone, error, status, said):
    app.view_functions["terms"] = Broken(error)
    answer = phone.open("/terms")
    assert answer.status_code == status
    assert said in answer.text
    assert str(error) not in answer.text


def test_whoever_comes_without_a_ticket_reads_how_to_go_online(phone):
    page = phone.open("/")
    assert page.status_code == 200
    assert "Let us find your device" in page.text
    assert 'href="http://wifi.home.arpa/"' in page.text


def test_the_balancer_is_told_whether_citizens_can_be_let_in(phone, face):
    assert phone.open("/healthz").text == "ok\n"
    planless = create_app(replace(face, admission=replace(face.admission, plan="week")))
    assert planless.test_client().get("/healthz").status_code == 503


@pytest.mark.slow
@pytest.mark.parametrize("language", SHIPPED)
@pytest.mark.parametrize("path", ["/", "/terms", "/status"])
def test_u1_each_page_fits_the_first_packets(phone, language, path):
    asked = {"s": phone.ticket(), "l": language}
    packed = phone.client.get(path, query_string=asked, headers={"Accept-Encoding": "gzip, deflate, br"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert len(packed.data) + len(str(packed.headers).encode()) <= INITIAL_WINDOW_BYTES
    assert len(gzip.decompress(packed.data)) <= 30 * 1024


@pytest.mark.parametrize(
    ("encodings", "is_packed"), [("gzip", True), ("br, *", True), ("gzip;q=0, br", False), ("", False)]
)
def test_a_page_is_packed_for_whom_takes_that(phone, encodings, is_packed):
    ticket = phone.ticket()
    answers = [
        phone.client.get("/", query_string={"s": ticket}, headers={"Accept-Encoding": encodings}) for _ in range(2)
    ]
    assert [answer.headers.get("Content-Encoding") == "gzip" for answer in answers] == [is_packed] * 2
    assert answers[0].headers["Vary"] == "Accept-Encoding, Accept-Language"
    pages = [(gzip.decompress(answer.data) if is_packed else answer.data).decode() for answer in answers]
    assert all(f'value="{ticket}"' in page and page.rstrip().endswith("</html>") for page in pages)


@pytest.mark.parametrize("language", SHIPPED)
def test_l1_l6_l7_no_page_needs_script_or_another_place(phone, language):
    ticket = phone.ticket()
    first = phone.open("/", ticket, l=language)
    phone.submit(first, "/connect")
    shown = [
        first,
        *(
            phone.open(path, ticket, l=language)
            for path in ("/terms", "/connected", "/status", "/signed-out", "/erased")
        ),
    ]
    for page in (answer.text for answer in shown):
        assert not re.search(
            r"<script|<iframe|<object|<link(?! rel=\"icon\" href=\"data:,\")|<img|@import|@font-face| on[a-z]+=|target=|url\(",
            page,
        )
        targets = re.findall(r'(?:href|src|action)="([^"]*)"', page)
        assert all(re.match(r"/(?!/)|http://wifi\.home\.arpa/$|data:,$", each) for each in targets)


def test_u8_u11_the_first_page_asks_for_nothing_but_a_tap_and_offers_one_unticked_box(phone):
    page = phone.open("/", phone.ticket()).text
    visible = [
        field for field in re.findall(r"<(?:input|select|textarea)[^>]*>", page) if 'type="hidden"' not in field
    ]
    (box,) = visible
    assert 'name="remember"' in box
    assert "checked" not in box
    assert "required" not in box
    assert page.count("<button") == 1


@pytest.mark.parametrize("language", CONSENTING)
def test_u11_the_terms_in_short_have_at_most_120_words(language):
    for versions in TERMS.versions.values():
        assert sum(len(point.split()) for point in versions[language].summary) <= 120


@pytest.mark.parametrize("language", CONSENTING)
def test_all_languages_of_the_terms_have_the_same_parts(language):
    for versions in TERMS.versions.values():
        first, other = versions[CONSENTING[0]], versions[language]
        assert len(other.summary) == len(first.summary)
        assert [len(section.text) for section in other.sections] == [len(section.text) for section in first.sections]


def test_the_full_terms_are_a_link_away_and_every_version_stays_readable(phone):
    page = phone.open("/terms", phone.ticket())
    assert "What we keep about you" in page.text
    assert phone.open("/terms", v="2026-11").status_code == 200
    assert phone.open("/terms", v="1999-01").status_code == 404


def test_terms_that_are_not_there_are_named(tmp_path):
    with pytest.raises(BadInput, match="1999-01"):
        terms.load(shipped.configs() / "terms", "1999-01", CONSENTING)
    with pytest.raises(BadInput, match=r"fr\.toml"):
        terms.load(shipped.configs() / "terms", terms.NEWEST, ["fr"])
    (tmp_path / "2030-01").mkdir()
    (tmp_path / "2030-01" / "en.toml").write_text('title = "Terms"\n', encoding="utf-8")
    with pytest.raises(BadInput, match="section"):
        terms.load(tmp_path, terms.NEWEST, ["en"])
    with pytest.raises(NotFound):
        TERMS.get("1999-01", "en")


@pytest.mark.parametrize(
    ("seconds", "english", "korean"),
    [(86_400, "24 h 0 min", "24시간 0분"), (86_399, "23 h 59 min", "23시간 59분"), (172_800, "2 d 0 h", "2일 0시간"), (3599, "59 min", "59분"), (59, "less than a minute", "1분 미만"), (-5, "less than a minute", "1분 미만")],
)  # fmt: skip
def test_time_left_is_rounded_down(seconds, english, korean):
    spoken = catalogue.load(("en", "ko"))
    assert said.span(timedelta(seconds=seconds), spoken["en"]) == english
    assert said.span(timedelta(seconds=seconds), spoken["ko"]) == korean


@pytest.mark.parametrize(
    ("tag", "moment", "volume"),
    [("ko", "2026년 6월 1일 21:05", "1.5 MB"), ("en", "2026-06-01 21:05", "1.5 MB"), ("vi", "21:05 1/6/2026", "1,5 MB"), ("ar", "2026/6/1، 21:05", "\u20661.5 MB\u2069")],
)  # fmt: skip
def test_moments_and_volumes_are_said_as_the_language_does(tag, moment, volume):
    at, zone = datetime(2026, 6, 1, 12, 5, tzinfo=UTC), ZoneInfo("Asia/Seoul")
    assert said.moment(at, zone, SPOKEN[tag]) == moment
    assert said.volume(1_500_000, SPOKEN[tag]) == volume


@pytest.mark.parametrize("tag", SHIPPED)
def test_every_language_fills_in_its_moments_spans_and_errors(tag):
    say = SPOKEN[tag]
    assert "{" not in said.moment(datetime(2026, 6, 1, tzinfo=UTC), ZoneInfo("Asia/Seoul"), say)
    assert all("{" not in said.span(timedelta(hours=hours), say) for hours in (0, 1, 30, 100))


def test_d4_whoever_reads_a_draft_accepts_the_citys_own_text_and_is_told_so(phone, portal_store):
    ticket = phone.ticket()
    page = phone.open("/", ticket, l="vi")
    assert '<html lang="vi"' in page.text
    assert "Kết nối internet" in page.text
    own = SPOKEN["ko"]("welcome.accept")
    assert f'lang="ko" dir="ltr">{own}</p>' in page.text
    assert SPOKEN["vi"]("welcome.accept") not in page.text
    assert '<div lang="ko" dir="ltr"><ul class="short">' in page.text
    assert 'Điều khoản được viết bằng <span lang="ko">한국어</span>' in page.text
    phone.submit(page, "/connect")
    assert "(ko)" in phone.open("/status", ticket, l="vi").text


def test_d4_terms_of_a_reviewed_language_need_no_fallback(phone):
    page = phone.open("/terms", l="en")
    assert 'lang="ko" dir' not in page.text
    assert 'lang="ko" dir="ltr">' in phone.open("/terms", l="ar").text


def test_the_citys_name_is_on_every_page_and_cannot_be_markup(phone, face, gateway):
    assert CITY.name in phone.open("/").text
    odd = replace(face, pages=replace(face.pages, looks=replace(face.pages.looks, city="<b>City & Co</b>")))
    page = create_app(odd).test_client().get("/").text
    assert "&lt;b&gt;City &amp; Co&lt;/b&gt;" in page


def test_texts_are_valid_toml_without_surprises():
    for tag in SHIPPED:
        table = tomllib.loads((catalogue.FOLDER / f"{tag}.toml").read_text(encoding="utf-8"))
        assert table["direction"] in {"ltr", "rtl"}
    assert pages.style().count("{") == pages.style().count("}")
